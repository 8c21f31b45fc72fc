//! Every register row in memory.

use std::collections::{BTreeSet, HashMap};

use super::logged::{self, ReadRow};
use super::{Entity, EntityKind, KnownRow, RowId};
use crate::people::{IdentityId, PersonKeys};
use crate::ports::{LogEvent, Position, StoreError};

/// Every register row that is known, by entity, in the order in which they became known.
#[derive(Debug, Clone, Default)]
pub struct Registers {
    rows: HashMap<Entity, Vec<KnownRow>>,
    sealed: BTreeSet<IdentityId>,
    pub(super) through: Position,
}

impl Registers {
    /// Returns the rows of an entity in the order in which they became known.
    pub fn rows(&self, entity: &Entity) -> &[KnownRow] {
        self.rows.get(entity).map_or(&[], Vec::as_slice)
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
                    let known = KnownRow {
                        id,
                        known_from: event.stored,
                        row,
                    };
                    let of_entity = self.rows.entry(known.row.entity.clone());
                    of_entity.or_default().push(known);
                }
            }
        }
        self.through = event.position;
        Ok(())
    }

    /// Returns the row of an id.
    pub fn row(&self, id: RowId) -> Option<&KnownRow> {
        self.rows.values().flatten().find(|known| known.id == id)
    }

    /// Returns the entities of one kind, in the order of their ids.
    pub fn entities(&self, kind: EntityKind) -> Vec<&Entity> {
        let mut entities: Vec<_> = self
            .rows
            .keys()
            .filter(|entity| entity.kind == kind)
            .collect();
        entities.sort();
        entities
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
