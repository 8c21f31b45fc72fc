//! What an erased statement still counts as.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fact;
use crate::definitions::DefinitionHash;
use crate::ports::{StoreError, Tombstone};

/// The facts of a statement by definition, kept in its [`Tombstone`] when it is erased. Like all
/// facts they hold random ids of persons, and nothing else of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErasedFacts {
    /// The instant that the statement spoke of.
    pub happened: jiff::Timestamp,
    /// Its facts in the ledger of each definition where it had any.
    pub facts: BTreeMap<DefinitionHash, Vec<Fact>>,
}

impl ErasedFacts {
    /// Reads what a tombstone holds. One without facts is empty text.
    pub fn read(tombstone: &Tombstone) -> Result<Option<Self>, StoreError> {
        match tombstone.facts.as_str() {
            "" => Ok(None),
            text => serde_json::from_str(text)
                .map(Some)
                .map_err(StoreError::failed),
        }
    }

    /// Returns the text that a tombstone holds.
    pub fn text(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(StoreError::failed)
    }
}
