//! The registers as known at one instant, with a note of everything that was asked.

use std::cell::RefCell;
use std::collections::BTreeSet;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use varde_xapi::Stored;

use super::keyed::{PERSON, PSEUDONYM};
use super::logged::MERGED_INTO;
use super::{Entity, EntityKind, KnownRow, PersonId, Registers, RowId};
use crate::people::IdentityId;

/// How often a person may be merged onwards before the chain is cut.
pub(super) const MERGES_MAX: usize = 16;

/// An entity's key in the index from natural keys to statements and groups: hashed, so that the
/// index names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NaturalKey(pub [u8; 16]);

impl NaturalKey {
    /// Hashes an entity's kind and id.
    pub fn of(entity: &Entity) -> Self {
        Self::hash(entity.kind.name(), &entity.id)
    }

    /// Hashes any other thing that a group may depend on.
    pub(crate) fn hash(kind: &str, id: &str) -> Self {
        let mut hasher = Sha256::new();
        for part in [kind, "\0", id] {
            hasher.update(part.as_bytes());
        }
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hasher.finalize()) {
            *to = from;
        }
        Self(key)
    }
}

/// What a view was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookedUp {
    /// The entities asked for, found or not.
    pub keys: BTreeSet<NaturalKey>,
    /// The rows that gave an answer.
    pub rows: BTreeSet<RowId>,
}

/// The registers as known at one instant.
#[derive(Debug)]
pub struct RegisterView<'a> {
    registers: &'a Registers,
    known_at: Stored,
    looked_up: RefCell<LookedUp>,
}

impl<'a> RegisterView<'a> {
    /// Views the registers as known at an instant.
    pub fn new(registers: &'a Registers, known_at: Stored) -> Self {
        Self {
            registers,
            known_at,
            looked_up: RefCell::default(),
        }
    }

    /// Returns what was asked so far and forgets it.
    pub fn take_looked_up(&self) -> LookedUp {
        self.looked_up.take()
    }

    /// Returns the rows that gave an answer since this was last asked, and forgets them; what was
    /// asked for stays noted. An adapter names them as what an entry rests on.
    pub fn take_rows(&self) -> Vec<RowId> {
        let rows = std::mem::take(&mut self.looked_up.borrow_mut().rows);
        rows.into_iter().collect()
    }

    /// Returns the value of an entity's field on a day.
    pub fn value(&self, kind: EntityKind, id: &str, field: &str, day: Date) -> Option<&'a str> {
        let row = self
            .known_rows(kind, id)
            .filter(|known| known.row.field == field && known.row.holds_on(day))
            .last()?;
        self.note(row)
    }

    /// Returns what an activity or an organisation is called on a day. The name of a sole trader is a
    /// person's and is not told.
    pub fn title(&self, kind: EntityKind, id: &str, day: Date) -> Option<&'a str> {
        let field = match kind {
            EntityKind::Activity => "title",
            EntityKind::Organisation => "name",
            EntityKind::Project | EntityKind::Person | EntityKind::Identifier => return None,
        };
        let title = self.value(kind, id, field, day);
        title.filter(|_| Entity::new(kind, id).person().is_none())
    }

    /// Returns the fields that begin with a prefix, with their values on a day, in field order.
    pub fn values(
        &self,
        kind: EntityKind,
        id: &str,
        prefix: &str,
        day: Date,
    ) -> Vec<(&'a str, &'a str)> {
        let fields: BTreeSet<&str> = self
            .known_rows(kind, id)
            .map(|known| known.row.field.as_str())
            .filter(|field| field.starts_with(prefix))
            .collect();
        fields
            .into_iter()
            .filter_map(|field| Some((field, self.value(kind, id, field, day)?)))
            .collect()
    }

    /// Returns the days on which a field with this prefix may change, in order; `None` first,
    /// for a value that has held since always.
    pub fn changes(&self, kind: EntityKind, id: &str, prefix: &str) -> Vec<Option<Date>> {
        let days: BTreeSet<Option<Date>> = self
            .known_rows(kind, id)
            .filter(|known| known.row.field.starts_with(prefix))
            .flat_map(|known| {
                let ends = known
                    .row
                    .valid_to
                    .and_then(|day| day.tomorrow().ok())
                    .map(Some);
                [Some(known.row.valid_from), ends].into_iter().flatten()
            })
            .collect();
        days.into_iter().collect()
    }

    /// Returns the person behind an agent's identifier on a day, through aliases and merges. An
    /// identifier that no row explains is a person of its own.
    pub fn person(&self, identifier: IdentityId, day: Date) -> PersonId {
        let person = self.value(EntityKind::Identifier, &identifier.to_string(), PERSON, day);
        match person.and_then(PersonId::parse) {
            Some(person) => self.merged(&person, day),
            None => PersonId::unresolved(identifier),
        }
    }

    /// Returns the person into whom a person is merged on a day; the same one where nobody is.
    pub fn merged(&self, person: &PersonId, day: Date) -> PersonId {
        let mut person = person.clone();
        for _ in 0..MERGES_MAX {
            let into = self.value(EntityKind::Person, person.as_str(), MERGED_INTO, day);
            match into.and_then(PersonId::parse) {
                Some(into) => person = into,
                None => break,
            }
        }
        person
    }

    /// Returns how a person is shown to whoever may see it: by the office's pseudonym, else by id.
    pub fn shown(&self, person: &PersonId) -> String {
        let pseudonym = self.value(EntityKind::Person, person.as_str(), PSEUDONYM, Date::MAX);
        pseudonym.unwrap_or(person.as_str()).to_owned()
    }

    fn known_rows(
        &self,
        kind: EntityKind,
        id: &str,
    ) -> impl Iterator<Item = &'a KnownRow> + use<'a> {
        let entity = Entity::new(kind, id);
        let (key, rows) = self.registers.keyed_rows(&entity);
        self.looked_up.borrow_mut().keys.insert(key);
        let known_at = self.known_at;
        rows.iter()
            .take_while(move |known| known.known_from <= known_at)
    }

    fn note(&self, known: &'a KnownRow) -> Option<&'a str> {
        self.looked_up.borrow_mut().rows.insert(known.id);
        known.row.value.as_deref()
    }
}
