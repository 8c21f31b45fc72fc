//! What is noted of a definition.

use serde::{Deserialize, Serialize};

use super::{Definition, DefinitionHash, Lineage};
use crate::ledger::LedgerId;

/// Where a definition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its ledger is being filled from the log.
    Installed,
    /// Answers come from it.
    Current,
    /// A later version took its place; its ledger stays readable.
    Superseded,
}

/// A definition with where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DefinitionRecord {
    /// The definition.
    pub definition: Definition,
    /// Where it stands.
    pub state: State,
    /// Which generation of its ledger is read: a ledger that is built again is a new one.
    #[serde(default)]
    pub generation: u32,
    /// The generation that is being built beside it, and takes its place once it has come as far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rebuilding: Option<u32>,
    /// Generations that are read no more, whose rows are being removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<u32>,
    /// The versions before it, the newest first. What they counted of statements that were erased
    /// before this one was installed is carried over.
    #[serde(default)]
    pub predecessors: Vec<DefinitionHash>,
    /// How many pieces its body stands in, apart from the record; none where it stands in it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) pieces: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl DefinitionRecord {
    /// Makes a definition that is to be installed behind those that are known.
    pub(super) fn new(definition: Definition, known: &[Definition]) -> Self {
        let same = known.iter().filter(|known| {
            (&known.kind, &known.id) == (&definition.kind, &definition.id)
                && known.version < definition.version
        });
        let mut before: Vec<_> = same.collect();
        before.sort_by_key(|known| std::cmp::Reverse(known.version));
        Self {
            predecessors: before.into_iter().map(Definition::hash).collect(),
            definition,
            state: State::Installed,
            generation: 0,
            rebuilding: None,
            left: Vec::new(),
            pieces: 0,
        }
    }

    /// Returns the definition with the versions before it.
    pub fn lineage(&self) -> Lineage {
        Lineage {
            hash: self.definition.hash(),
            predecessors: self.predecessors.clone(),
        }
    }

    /// Names the generation of its ledger that is read.
    pub(crate) fn ledger(&self) -> LedgerId {
        self.ledger_of(self.generation)
    }

    /// Names any generation of its ledger.
    pub(crate) fn ledger_of(&self, generation: u32) -> LedgerId {
        LedgerId::of(self.definition.hash(), generation)
    }

    /// Returns a number that no generation of its ledger has.
    pub(super) fn next_generation(&self) -> u32 {
        let known = self.left.iter().chain([&self.generation]);
        known
            .chain(&self.rebuilding)
            .max()
            .map_or(0, |last| last + 1)
    }
}
