//! What a statement counts as, told before it is erased.

use std::collections::{BTreeMap, HashMap};

use thiserror::Error;

use super::reading::Reading;
use super::{ErasedFacts, Fact, Rulebook, Runner, RunnerError};
use crate::definitions::{DefinitionFaults, Lineage};
use crate::people::{Acquainted, IdentityId, IdentityName};
use crate::ports::{Changes, Happened, LogEvent, StoreError};

/// Why it cannot be told what a statement counts as.
#[derive(Debug, Error)]
pub enum UntoldFacts {
    /// A definition no longer compiles, and what it counts would be lost.
    #[error("the definition {name} no longer compiles, and what it counts would be lost: {faults}")]
    Definition {
        /// `id@version`.
        name: String,
        /// What is wrong with it now.
        faults: DefinitionFaults,
    },
    /// The records or the statement cannot be read or written.
    #[error(transparent)]
    Runner(#[from] RunnerError),
}

impl From<StoreError> for UntoldFacts {
    fn from(error: StoreError) -> Self {
        Self::Runner(error.into())
    }
}

impl Runner {
    /// Returns the facts of a statement in the ledger of each definition that was ever installed;
    /// `None` where it has none. `known` are the ids of those who are to be erased.
    pub(crate) async fn erased_facts(
        &self,
        event: &LogEvent,
        known: &HashMap<IdentityName, IdentityId>,
    ) -> Result<Option<ErasedFacts>, UntoldFacts> {
        let (Happened::Statement(statement), Some(reading)) = (&event.what, Reading::of(event)?)
        else {
            return Ok(None);
        };
        let mut acquainted = Acquainted::with(known.clone());
        let mut facts = BTreeMap::new();
        for record in self.definitions.all().await? {
            let lineage = record.lineage();
            let rulebook = self.rulebook(&record.definition);
            let rulebook = rulebook.map_err(|faults| UntoldFacts::Definition {
                name: record.definition.name(),
                faults,
            })?;
            let own = (&lineage, &*rulebook);
            let own = self.facts_of(&reading, own, &mut acquainted).await?;
            // A version for which it counts no more says so to those behind it.
            let counted = |hash| facts.contains_key(hash);
            if !own.is_empty() || lineage.predecessors.iter().any(counted) {
                facts.insert(lineage.hash, own);
            }
        }
        let happened = statement.happened();
        Ok((!facts.is_empty()).then_some(ErasedFacts { happened, facts }))
    }

    /// Returns what a statement says for a definition, and gives ids to those who are met in it for
    /// the first time.
    async fn facts_of(
        &self,
        reading: &Reading<'_>,
        (lineage, rulebook): (&Lineage, &dyn Rulebook),
        acquainted: &mut Acquainted,
    ) -> Result<Vec<Fact>, RunnerError> {
        loop {
            let facts = reading.facts(lineage, rulebook, acquainted)?;
            if acquainted.knew_all() {
                return Ok(facts.into_iter().map(|known| known.fact).collect());
            }
            let changes = acquainted.meet(self.registers.identities()).await?;
            let met = Changes {
                changes,
                ..Changes::default()
            };
            self.records.commit(met).await?;
        }
    }
}
