//! Reading the ledger: what was concluded, as known at an instant.

use std::sync::Arc;

use varde_xapi::Stored;

use super::entry::Row;
use super::{LedgerId, LedgerRow, Progress, keys};
use crate::Caller;
use crate::audit::{Audit, Told};
use crate::definitions::{Definition, DefinitionBook, DefinitionHash, DefinitionRecord};
use crate::ports::{KeyRange, Position, Records, StatementLog, StoreError};

/// How many ledger rows are read from the store at a time.
const ROWS_AT_A_TIME: usize = 1_000;

/// One definition's ledger as known at one instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The definition.
    pub definition: Definition,
    /// Its identity.
    pub hash: DefinitionHash,
    /// The generation of its ledger that is read.
    ledger: LedgerId,
    /// The instant that answers are as of: the one asked for, or `complete_through` if earlier.
    pub known_at: Stored,
    /// Everything stored up to this instant is in the ledger.
    pub complete_through: Stored,
}

/// Where the log ends.
#[derive(Debug, Clone, Copy)]
struct End {
    through: Stored,
    head: Position,
}

/// Reads the ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    definitions: DefinitionBook,
    audit: Audit,
}

impl Ledger {
    /// Reads the ledger of one store.
    pub fn new(log: Arc<dyn StatementLog>, records: Arc<dyn Records>) -> Self {
        let definitions = DefinitionBook::new(Arc::clone(&records));
        let audit = Audit::new(Arc::clone(&records));
        Self {
            log,
            records,
            definitions,
            audit,
        }
    }

    /// Returns a snapshot of each current definition of a kind, in the order of their ids.
    pub async fn current(
        &self,
        kind: &str,
        known_at: Option<Stored>,
    ) -> Result<Vec<Snapshot>, StoreError> {
        let end = self.end().await?;
        let mut snapshots = Vec::new();
        for record in self.definitions.current(kind).await? {
            snapshots.push(self.snapshot_by(end, record, known_at).await?);
        }
        Ok(snapshots)
    }

    /// Returns a snapshot of one definition, current or not.
    pub async fn snapshot(
        &self,
        record: DefinitionRecord,
        known_at: Option<Stored>,
    ) -> Result<Snapshot, StoreError> {
        let end = self.end().await?;
        self.snapshot_by(end, record, known_at).await
    }

    async fn snapshot_by(
        &self,
        end: End,
        record: DefinitionRecord,
        known_at: Option<Stored>,
    ) -> Result<Snapshot, StoreError> {
        let ledger = record.ledger();
        let complete_through = self.complete_through(end, ledger).await?;
        let snapshot = Snapshot {
            hash: record.definition.hash(),
            definition: record.definition,
            ledger,
            known_at: known_at.map_or(complete_through, |asked| asked.min(complete_through)),
            complete_through,
        };
        self.check(&snapshot).await?;
        Ok(snapshot)
    }

    /// Checks that what was read of a ledger is whole. It is not when a new generation has taken the
    /// ledger's place, for then the old one is being removed: [`StoreError::Busy`], and who asks
    /// again is answered from the new one.
    async fn check(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        match self.definitions.get(snapshot.hash).await? {
            Some(record) if record.ledger() == snapshot.ledger => Ok(()),
            _ => Err(StoreError::Busy),
        }
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
        let mut rows = self.history(snapshot, stage, prefix).await?;
        rows.retain(|row| {
            row.known_at(snapshot.known_at) && caller.projects.contains(&row.entry.project)
        });
        Ok(rows)
    }

    /// Notes in the audit log what a caller is about to be told of persons. What cannot be noted
    /// must not be told.
    pub async fn told(&self, caller: &Caller, told: &Told) -> Result<(), StoreError> {
        let at = self.log.consistent_through().await?;
        self.audit.add(at, caller, told).await
    }

    /// Returns every row that ever was under a prefix, in the order of group, entry and
    /// known-from.
    pub async fn history(
        &self,
        snapshot: &Snapshot,
        stage: u8,
        prefix: &str,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        let definition = snapshot.definition.name();
        let mut range = KeyRange {
            prefix: keys::entries_of_prefix(snapshot.ledger, stage, prefix),
            after: None,
            limit: ROWS_AT_A_TIME,
        };
        let mut rows = Vec::new();
        loop {
            let records = self.records.range(keys::ENTRY, &range).await?;
            for record in &records {
                let row: Row = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                if row.group.key.starts_with(prefix) {
                    rows.push(row.of(&definition, snapshot.hash));
                }
            }
            // A page that is not full is the last.
            let full = records.len() >= ROWS_AT_A_TIME;
            match records.into_iter().next_back() {
                Some(last) if full => range.after = Some(last.key),
                _ => break,
            }
        }
        self.check(snapshot).await?;
        Ok(rows)
    }

    async fn end(&self) -> Result<End, StoreError> {
        // Asked first: what is appended after this lies beyond it.
        let through = self.log.consistent_through().await?;
        let head = self.log.head().await?;
        Ok(End { through, head })
    }

    /// Returns the instant up to which a definition's ledger is complete: the log's own when the
    /// runner stands at its head, else that of the last event carried over.
    async fn complete_through(
        &self,
        End { through, head }: End,
        ledger: LedgerId,
    ) -> Result<Stored, StoreError> {
        let progress = Progress::read(&*self.records, ledger).await?;
        Ok(if progress.position >= head {
            through
        } else {
            progress.stored
        })
    }
}
