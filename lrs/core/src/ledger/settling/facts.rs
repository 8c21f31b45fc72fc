//! Facts and the groups they are in, which change when registers do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Asker, Settling};
use crate::ledger::keys;
use crate::ledger::workspace::parse;
use crate::ledger::{Group, KnownFact, RunnerError};
use crate::ports::{KeyRange, LogEvent, Position, StoreError};
use crate::registers::{NaturalKey, RegisterView, event_rows};

/// How many askers of one natural key are read at a time.
const ASKERS_AT_A_TIME: usize = 500;

/// A fact with the groups it is in and the natural keys that put it there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FactRecord {
    fact: KnownFact,
    /// Its number among the facts of its statement, from 0.
    number: u32,
    groups: BTreeSet<Group>,
    asked: BTreeSet<[u8; 16]>,
}

impl Settling<'_> {
    fn fact_key(&self, position: Position, number: u32) -> Vec<u8> {
        self.key().position(position).number(number).bytes()
    }

    /// Takes a fact out of its groups.
    pub(super) fn forget(&mut self, record: &FactRecord) -> Result<(), StoreError> {
        let number = record.number;
        let position = record.fact.position;
        for group in &record.groups {
            let member = self
                .key()
                .group(group)
                .position(position)
                .number(number)
                .bytes();
            self.workspace.delete(keys::MEMBER, member);
            self.mark(group)?;
        }
        for asked in &record.asked {
            let key = self.asked_by_fact(NaturalKey(*asked), position, number);
            self.workspace.delete(keys::ASKED, key);
        }
        self.workspace
            .delete(keys::FACT, self.fact_key(position, number));
        Ok(())
    }

    /// Puts a fact into the groups that it belongs to by the registers as known now.
    pub(super) async fn regroup(
        &mut self,
        fact: KnownFact,
        number: u32,
    ) -> Result<(), RunnerError> {
        let view = RegisterView::new(self.registers, self.now);
        let groups: BTreeSet<Group> = self.rulebook.groups(&fact, &view).into_iter().collect();
        let asked: BTreeSet<_> = view.take_looked_up().keys.iter().map(|key| key.0).collect();
        let position = fact.position;
        let fact_key = self.fact_key(position, number);
        let old: Option<FactRecord> = self.workspace.read(keys::FACT, &fact_key).await?;
        let (old_groups, old_asked) = old.map(|old| (old.groups, old.asked)).unwrap_or_default();
        for group in groups.symmetric_difference(&old_groups) {
            let member = self
                .key()
                .group(group)
                .position(position)
                .number(number)
                .bytes();
            if groups.contains(group) {
                self.workspace.put(keys::MEMBER, member, &fact)?;
            } else {
                self.workspace.delete(keys::MEMBER, member);
            }
            self.mark(group)?;
        }
        for asked in old_asked.difference(&asked) {
            let key = self.asked_by_fact(NaturalKey(*asked), position, number);
            self.workspace.delete(keys::ASKED, key);
        }
        for asked in asked.difference(&old_asked) {
            let key = self.asked_by_fact(NaturalKey(*asked), position, number);
            self.workspace
                .put(keys::ASKED, key, &Asker::Fact(position, number))?;
        }
        let record = FactRecord {
            fact,
            number,
            groups,
            asked,
        };
        self.workspace.put(keys::FACT, fact_key, &record)?;
        Ok(())
    }

    fn asked_by_fact(&self, key: NaturalKey, position: Position, number: u32) -> Vec<u8> {
        self.key()
            .natural(key)
            .byte(b'f')
            .position(position)
            .number(number)
            .bytes()
    }

    /// Takes register rows in: whatever asked for their entities is looked at again.
    pub(super) async fn register_rows(&mut self, event: &LogEvent) -> Result<(), RunnerError> {
        let rows = event_rows(event)?;
        let touched: BTreeSet<_> = rows
            .iter()
            .map(|row| NaturalKey::of(&row.row.entity))
            .collect();
        for key in touched {
            self.touch(key).await?;
        }
        Ok(())
    }

    /// Regroups every fact and marks every group that asked for a natural key.
    async fn touch(&mut self, key: NaturalKey) -> Result<(), RunnerError> {
        let prefix = self.key().natural(key).bytes();
        let mut range = KeyRange {
            prefix,
            after: None,
            limit: ASKERS_AT_A_TIME,
        };
        loop {
            let askers = self.workspace.range(keys::ASKED, &range).await?;
            for (_, value) in &askers {
                match parse(value)? {
                    Asker::Fact(position, number) => self.again(position, number).await?,
                    Asker::Group(group) => self.mark(&group)?,
                }
                self.flush_if_full().await?;
            }
            match askers.into_iter().next_back() {
                Some((last, _)) => range.after = Some(last),
                None => return Ok(()),
            }
        }
    }

    async fn again(&mut self, position: Position, number: u32) -> Result<(), RunnerError> {
        let key = self.fact_key(position, number);
        match self.workspace.read::<FactRecord>(keys::FACT, &key).await? {
            Some(record) => self.regroup(record.fact, number).await,
            None => Ok(()),
        }
    }
}
