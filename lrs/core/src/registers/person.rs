//! The id under which ledgers know a person.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Entity, EntityKind};
use crate::people::IdentityId;

/// A person in the ledgers: the random id of a person of the register, or for an identifier that
/// no register row explains, `unresolved:` and the identifier's random id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(String);

/// Marks the ids of unresolved identifiers; no pseudonym may begin with it.
const UNRESOLVED: &str = "unresolved:";

impl PersonId {
    /// Names a person of the register.
    pub fn registered(person: IdentityId) -> Self {
        Self(person.to_string())
    }

    /// Names the person behind an identifier that the register does not know.
    pub fn unresolved(identifier: IdentityId) -> Self {
        Self(format!("{UNRESOLVED}{identifier}"))
    }

    /// Reads an id as it is printed; `None` for any other text, a pseudonym for instance.
    pub fn parse(text: &str) -> Option<Self> {
        Self::is_reserved(text).then(|| Self(text.to_owned()))
    }

    /// Tells whether a register row stands behind the id.
    pub fn is_registered(&self) -> bool {
        !self.0.starts_with(UNRESOLVED)
    }

    /// Tells whether a text could be mistaken for an id, and so can be no pseudonym.
    pub fn is_reserved(text: &str) -> bool {
        let id = text.strip_prefix(UNRESOLVED).unwrap_or(text);
        id.parse::<IdentityId>().is_ok()
    }

    /// Returns what ledgers look up in the registers of whoever has this id: the person, or the identifier
    /// that no row explains.
    pub fn entity(&self) -> Entity {
        match self.0.strip_prefix(UNRESOLVED) {
            Some(identifier) => Entity::new(EntityKind::Identifier, identifier),
            None => Entity::new(EntityKind::Person, self.0.as_str()),
        }
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
