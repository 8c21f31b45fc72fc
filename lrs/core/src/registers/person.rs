//! The id under which ledgers know a person.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A person in the ledgers: the register's pseudonym, or for an identifier that no register row
/// explains, an id made from the identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(String);

/// Marks the ids of unresolved identifiers; no pseudonym may begin with it.
const UNRESOLVED: &str = "unresolved:";

impl PersonId {
    /// Names a person of the register.
    pub fn registered(pseudonym: impl Into<String>) -> Self {
        Self(pseudonym.into())
    }

    /// Names the person behind an identifier that the register does not know.
    pub fn unresolved(identifier: &str) -> Self {
        let digest = Sha256::digest(identifier.as_bytes());
        // 96 bits: no two identifiers of one programme will ever share them.
        let short = digest
            .iter()
            .take(12)
            .fold(0_u128, |id, byte| id << 8 | u128::from(*byte));
        Self(format!("{UNRESOLVED}{short:024x}"))
    }

    /// Tells whether a register row stands behind the id.
    pub fn is_registered(&self) -> bool {
        !self.0.starts_with(UNRESOLVED)
    }

    /// Tells whether a pseudonym could be mistaken for an unresolved id.
    pub fn is_reserved(pseudonym: &str) -> bool {
        pseudonym.starts_with(UNRESOLVED)
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
