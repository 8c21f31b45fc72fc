//! Reading the ledger: what was concluded, as known at an instant.

use std::sync::Arc;

use varde_xapi::Stored;

use super::{LedgerRow, keys};
use crate::Caller;
use crate::definitions::{Definition, DefinitionBook, DefinitionHash};
use crate::ledger::runner::Progress;
use crate::ports::{KeyRange, Records, StatementLog, StoreError};

/// How many ledger rows are read from the store at a time.
const ROWS_AT_A_TIME: usize = 1_000;

/// One definition's ledger as known at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The definition.
    pub definition: Definition,
    /// Its identity.
    pub hash: DefinitionHash,
    /// The instant that answers are as of: the one asked for, or `complete_through` if earlier.
    pub known_at: Stored,
    /// Everything stored up to this instant is in the ledger.
    pub complete_through: Stored,
}

/// Reads the ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    definitions: DefinitionBook,
}

impl Ledger {
    /// Reads the ledger of one store.
    pub fn new(log: Arc<dyn StatementLog>, records: Arc<dyn Records>) -> Self {
        let definitions = DefinitionBook::new(Arc::clone(&records));
        Self {
            log,
            records,
            definitions,
        }
    }

    /// Returns a snapshot of each current definition of a kind, in the order of their ids.
    pub async fn current(
        &self,
        kind: &str,
        known_at: Option<Stored>,
    ) -> Result<Vec<Snapshot>, StoreError> {
        let mut snapshots = Vec::new();
        for record in self.definitions.current(kind).await? {
            let hash = record.definition.hash();
            let complete_through = self.complete_through(hash).await?;
            let known_at = known_at.map_or(complete_through, |asked| asked.min(complete_through));
            let definition = record.definition;
            snapshots.push(Snapshot {
                definition,
                hash,
                known_at,
                complete_through,
            });
        }
        Ok(snapshots)
    }

    /// Returns the rows of one stage whose group key begins with a prefix, as known at the
    /// snapshot's instant and as far as the caller reads their projects, in the order of group and
    /// entry keys.
    pub async fn rows(
        &self,
        caller: &Caller,
        snapshot: &Snapshot,
        stage: u8,
        prefix: &str,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let mut rows = self.history(snapshot.hash, stage, prefix).await?;
        rows.retain(|row| {
            row.known_at(snapshot.known_at) && caller.projects.contains(&row.entry.project)
        });
        Ok(rows)
    }

    /// Returns every row that ever was under a prefix, in the order of group, entry and
    /// known-from.
    pub async fn history(
        &self,
        hash: DefinitionHash,
        stage: u8,
        prefix: &str,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let prefix = keys::entries_of_prefix(hash, stage, prefix);
        let mut range = KeyRange {
            prefix,
            after: None,
            limit: ROWS_AT_A_TIME,
        };
        let mut rows = Vec::new();
        loop {
            let records = self.records.range(keys::ENTRY, &range).await?;
            for record in &records {
                rows.push(serde_json::from_slice(&record.value).map_err(StoreError::failed)?);
            }
            match records.into_iter().next_back() {
                Some(last) => range.after = Some(last.key),
                None => return Ok(rows),
            }
        }
    }

    /// Returns the instant up to which a definition's ledger is complete: the log's own when the
    /// runner stands at its head, else that of the last event carried over.
    async fn complete_through(&self, hash: DefinitionHash) -> Result<Stored, StoreError> {
        // Asked first: what is appended after this lies beyond it.
        let through = self.log.consistent_through().await?;
        let head = self.log.head().await?;
        let progress = Progress::read(&*self.records, hash).await?;
        Ok(if progress.position >= head {
            through
        } else {
            progress.stored
        })
    }
}
