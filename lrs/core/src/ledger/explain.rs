//! What an entry rests on, for whoever must defend it.

use std::collections::BTreeMap;
use std::sync::Arc;

use varde_xapi::Stored;

use super::{Adapter, Group, Ledger, LedgerRow, Rulebook, Snapshot, compile};
use crate::definitions::{DefinitionBook, DefinitionRecord};
use crate::ports::StoreError;
use crate::registers::{KnownRow, RegisterBook, RowId};

/// An entry with everything it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The entry as known at the instant asked for; `None` where it was not known then.
    pub row: Option<LedgerRow>,
    /// Every row that the entry ever had, the oldest first.
    pub history: Vec<LedgerRow>,
    /// The register rows that it rests on.
    pub registers: Vec<KnownRow>,
    /// What it read of other groups, as known at the same instant.
    pub read: Vec<LedgerRow>,
}

/// Explains entries.
#[derive(Debug, Clone)]
pub struct Explainer {
    ledger: Ledger,
    definitions: DefinitionBook,
    registers: Arc<RegisterBook>,
    adapters: Vec<Arc<dyn Adapter>>,
}

impl Explainer {
    /// Explains the entries of one store.
    pub fn new(
        ledger: Ledger,
        definitions: DefinitionBook,
        registers: Arc<RegisterBook>,
        adapters: Vec<Arc<dyn Adapter>>,
    ) -> Self {
        Self {
            ledger,
            definitions,
            registers,
            adapters,
        }
    }

    /// Returns the entries of groups whose key begins with a text, in all definitions or in those
    /// of one id, in the order of definitions and keys. Without an instant it is the present one
    /// of each ledger.
    pub async fn explain(
        &self,
        key: &str,
        definition: Option<&str>,
        known_at: Option<Stored>,
    ) -> Result<Vec<Explanation>, StoreError> {
        let mut all = Vec::new();
        for record in self.definitions.all().await? {
            if definition.is_none_or(|id| record.definition.id == id) {
                all.extend(self.of_definition(record, key, known_at).await?);
            }
        }
        Ok(all)
    }

    async fn of_definition(
        &self,
        record: DefinitionRecord,
        key: &str,
        known_at: Option<Stored>,
    ) -> Result<Vec<Explanation>, StoreError> {
        // One that no longer compiles cannot tell what it read; its entries still stand.
        let rulebook = compile(&self.adapters, &record.definition).ok();
        let snapshot = self.ledger.snapshot(record, known_at).await?;
        let last = rulebook
            .as_ref()
            .map_or(2, |rulebook| rulebook.last_stage());
        let mut all = Vec::new();
        for stage in 0..=last {
            let rows = self.ledger.history(&snapshot, stage, key).await?;
            for history in rows.chunk_by(of_one_entry) {
                let rulebook = rulebook.as_deref();
                all.push(self.entry(&snapshot, history, rulebook).await?);
            }
        }
        Ok(all)
    }

    async fn entry(
        &self,
        snapshot: &Snapshot,
        history: &[LedgerRow],
        rulebook: Option<&dyn Rulebook>,
    ) -> Result<Explanation, StoreError> {
        let row = history.iter().find(|row| row.known_at(snapshot.known_at));
        let registers = self.registers.refresh().await?;
        let rows = row.iter().flat_map(|row| &row.entry.rows);
        let found: BTreeMap<RowId, &KnownRow> = rows
            .filter_map(|id| Some((*id, registers.row(*id)?)))
            .collect();
        let registers = found.into_values().cloned().collect();
        let mut read = Vec::new();
        if let (Some(row), Some(rulebook)) = (row, rulebook) {
            for Group { stage, key } in rulebook.reads(&row.group) {
                let rows = self.ledger.history(snapshot, stage, &key).await?;
                let known = |row: &LedgerRow| row.known_at(snapshot.known_at);
                read.extend(rows.into_iter().filter(|r| r.group.key == key && known(r)));
            }
        }
        Ok(Explanation {
            row: row.cloned(),
            history: history.to_vec(),
            registers,
            read,
        })
    }
}

fn of_one_entry(one: &LedgerRow, other: &LedgerRow) -> bool {
    one.group == other.group && one.entry.key == other.entry.key
}
