//! Whether a caller sees an entry that rests on a statement.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::reading::Reading;
use super::{Group, Ledger, Rulebook, Runner, Snapshot};
use crate::Caller;
use crate::definitions::{Lineage, State};
use crate::people::Acquainted;
use crate::ports::{Happened, LogEvent, StoreError, StoredStatement};
use crate::registers::{RegisterView, Registers};

impl Runner {
    /// Tells whether an entry of a current definition that the caller sees names a statement.
    /// Looks only at the groups that the statement belongs to.
    pub async fn names(
        &self,
        caller: &Caller,
        statement: &StoredStatement,
    ) -> Result<bool, StoreError> {
        let event = LogEvent {
            position: statement.position,
            stored: statement.stored,
            what: Happened::Statement(Box::new(statement.clone())),
        };
        let registers = self.registers.refresh().await?;
        let ledger = Ledger::new(Arc::clone(&self.log), Arc::clone(&self.records));
        for record in self.definitions.all().await? {
            // One that no longer compiles has stopped, and names nothing new.
            let (State::Current, Ok(rulebook)) = (record.state, self.rulebook(&record.definition))
            else {
                continue;
            };
            let rules = (record.lineage(), &*rulebook);
            let snapshot = ledger.snapshot(record, None).await?;
            let groups = self.groups(&event, &snapshot, rules, &registers);
            for group in groups.await? {
                let rows = ledger.rows(caller, &snapshot, group.stage, &group.key);
                let mut rows = rows.await?.into_iter();
                if rows.any(|row| row.entry.statements.contains(&statement.id)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Returns the groups that a statement belongs to by the registers as known at a snapshot.
    async fn groups(
        &self,
        event: &LogEvent,
        snapshot: &Snapshot,
        (lineage, rulebook): (Lineage, &dyn Rulebook),
        registers: &Registers,
    ) -> Result<BTreeSet<Group>, StoreError> {
        let Some(reading) = Reading::of(event)? else {
            return Ok(BTreeSet::new());
        };
        let view = RegisterView::new(registers, snapshot.known_at);
        let mut acquainted = Acquainted::default();
        loop {
            let facts = reading.facts(&lineage, rulebook, &acquainted)?;
            if acquainted.knew_all() {
                let groups = facts.iter().flat_map(|fact| rulebook.groups(fact, &view));
                return Ok(groups.collect());
            }
            // Whoever has no id yet is in no entry, so a new one need not last.
            acquainted.meet(self.registers.identities()).await?;
        }
    }
}
