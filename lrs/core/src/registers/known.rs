//! Every register row in memory.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use varde_xapi::Stored;

use super::logged::{self, ReadRow};
use super::{Entity, EntityKind, KnownRow, NaturalKey, RowId};
use crate::people::{IdentityId, PersonKeys};
use crate::ports::{LogEvent, Position, StoreError};

/// Every register row that is known, by entity, in the order in which they became known.
#[derive(Debug, Clone, Default)]
pub struct Registers {
    entities: HashMap<Arc<Entity>, Known>,
    /// Whose each row is, in the order of their ids.
    order: Vec<(RowId, Arc<Entity>)>,
    sealed: BTreeSet<IdentityId>,
    pub(super) through: Position,
    newest: Option<Stored>,
}

/// What is known of an entity.
#[derive(Debug, Clone)]
struct Known {
    key: NaturalKey,
    /// In the order in which they became known.
    rows: Vec<KnownRow>,
}

impl Registers {
    /// Returns the rows of an entity in the order in which they became known.
    pub fn rows(&self, entity: &Entity) -> &[KnownRow] {
        let known = self.entities.get(entity);
        known.map_or(&[], |known| known.rows.as_slice())
    }

    /// Returns the same with the entity's natural key.
    pub(super) fn keyed_rows(&self, entity: &Entity) -> (NaturalKey, &[KnownRow]) {
        match self.entities.get(entity) {
            Some(known) => (known.key, known.rows.as_slice()),
            None => (NaturalKey::of(entity), &[]),
        }
    }

    /// Adds what a register event says, as far as the keys open it; events must come in order.
    pub fn add(&mut self, event: &LogEvent, keys: &PersonKeys) -> Result<(), StoreError> {
        for (row, number) in logged::rows(event, keys)?.into_iter().zip(0..) {
            match row {
                ReadRow::Closed(person) => {
                    self.sealed.insert(person);
                }
                ReadRow::Open(row) => {
                    let id = RowId {
                        position: event.position,
                        row: number,
                    };
                    let entity = self.entity(&row.entity);
                    self.order.push((id, Arc::clone(&entity)));
                    let known = self.entities.entry(entity).or_insert_with_key(Known::new);
                    known.rows.push(KnownRow {
                        id,
                        known_from: event.stored,
                        row,
                    });
                }
            }
        }
        (self.through, self.newest) = (event.position, Some(event.stored));
        Ok(())
    }

    /// Returns an entity as the rows share it.
    fn entity(&self, entity: &Entity) -> Arc<Entity> {
        let known = self.entities.get_key_value(entity);
        known.map_or_else(|| Arc::new(entity.clone()), |(known, _)| Arc::clone(known))
    }

    /// Returns when the last of them became known; `None` where there is none.
    pub fn newest(&self) -> Option<Stored> {
        self.newest
    }

    /// Returns the row of an id.
    pub fn row(&self, id: RowId) -> Option<&KnownRow> {
        let place = self.order.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        let (_, entity) = self.order.get(place)?;
        let rows = self.rows(entity);
        let place = rows.binary_search_by_key(&id, |known| known.id).ok()?;
        rows.get(place)
    }

    /// Returns the entities of one kind, in the order of their ids.
    pub fn entities(&self, kind: EntityKind) -> Vec<&Entity> {
        let mut entities: Vec<_> = self
            .entities
            .keys()
            .map(Arc::as_ref)
            .filter(|entity| entity.kind == kind)
            .collect();
        entities.sort();
        entities
    }

    /// Returns the entities of one kind with their rows, in no order.
    pub fn each(&self, kind: EntityKind) -> impl Iterator<Item = (&Entity, &[KnownRow])> {
        let of_kind = self.entities.iter();
        let of_kind = of_kind.filter(move |(entity, _)| entity.kind == kind);
        of_kind.map(|(entity, known)| (&**entity, known.rows.as_slice()))
    }

    /// Returns the persons some row of whom cannot be read, because their key is missing or closed.
    pub fn sealed_persons(&self) -> impl Iterator<Item = IdentityId> {
        self.sealed.iter().copied()
    }

    /// Returns how many persons some row of whom cannot be read, because their key is missing.
    pub fn sealed(&self) -> usize {
        self.sealed.len()
    }
}

impl Known {
    fn new(entity: &Arc<Entity>) -> Self {
        Self {
            key: NaturalKey::of(entity),
            rows: Vec::new(),
        }
    }
}
