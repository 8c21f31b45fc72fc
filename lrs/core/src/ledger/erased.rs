//! What an erased statement still counts as.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Fact;
use crate::definitions::{DefinitionHash, Lineage};
use crate::ports::{StoreError, Tombstone};

/// The facts of a statement by definition, kept in its [`Tombstone`] when it is erased. Like all
/// facts they hold random ids of persons, and nothing else of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErasedFacts {
    /// The instant that the statement spoke of.
    pub happened: jiff::Timestamp,
    /// Its facts in the ledger of each definition where it had any, or where an earlier version of
    /// the definition had.
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

    /// Returns the facts for a definition, and whether they are those of an earlier version: of the
    /// last that was installed when the statement was erased.
    pub fn of(&self, lineage: &Lineage) -> (&[Fact], bool) {
        if let Some(own) = self.facts.get(&lineage.hash) {
            return (own, false);
        }
        let mut earlier = lineage.predecessors.iter();
        let carried = earlier.find_map(|hash| self.facts.get(hash));
        (carried.map_or(&[], Vec::as_slice), true)
    }

    /// Returns the text that a tombstone holds.
    pub fn text(&self) -> Result<String, StoreError> {
        serde_json::to_string(self).map_err(StoreError::failed)
    }
}
