//! Groups and what they conclude: the difference to what the ledger says is written.

use std::collections::{BTreeMap, BTreeSet};

use super::{Asker, Settling};
use crate::ledger::keys;
use crate::ledger::workspace::parse;
use crate::ledger::{Entry, Group, KnownFact, LedgerRow, RunnerError};
use crate::ports::{KeyRange, StoreError};
use crate::registers::{NaturalKey, RegisterView};

impl Settling<'_> {
    fn asked_by_group(&self, key: NaturalKey, group: &Group) -> Vec<u8> {
        self.key().natural(key).byte(b'g').group(group).bytes()
    }

    /// Settles marked groups, earlier stages first, until none is left.
    pub(super) async fn settle_marked(&mut self) -> Result<(), RunnerError> {
        let range = KeyRange {
            prefix: self.key().bytes(),
            after: None,
            limit: 1,
        };
        while let Some((key, value)) = self
            .workspace
            .range(keys::DIRTY, &range)
            .await?
            .into_iter()
            .next()
        {
            let group: Group = parse(&value)?;
            let facts = self.members(&group).await?;
            let reads = self.reads(&group, &facts);
            if !self.mark_unsettled(&reads).await? {
                self.settle(&group, &facts, &reads).await?;
                self.workspace.delete(keys::DIRTY, key);
            }
            self.flush_if_full().await?;
        }
        Ok(())
    }

    /// Marks those of the groups that were never settled. Being of an earlier stage than their
    /// reader, they come first.
    async fn mark_unsettled(&mut self, groups: &[Group]) -> Result<bool, RunnerError> {
        let mut any = false;
        for group in groups {
            let key = self.key().group(group).bytes();
            if self.workspace.get(keys::GROUP, &key).await?.is_none() {
                self.mark(group)?;
                any = true;
            }
        }
        Ok(any)
    }

    fn reads(&self, group: &Group, facts: &[KnownFact]) -> Vec<Group> {
        let mut reads = self.rulebook.reads(group, facts);
        reads.retain(|read| read.stage < group.stage);
        reads
    }

    async fn members(&self, group: &Group) -> Result<Vec<KnownFact>, StoreError> {
        let prefix = self.key().group(group).bytes();
        let mut facts = Vec::new();
        for (_, value) in self.workspace.all(keys::MEMBER, prefix).await? {
            facts.push(parse::<KnownFact>(&value)?);
        }
        facts.sort_by_key(KnownFact::order);
        Ok(facts)
    }

    async fn settle(
        &mut self,
        group: &Group,
        facts: &[KnownFact],
        reads: &[Group],
    ) -> Result<(), RunnerError> {
        let mut read = Vec::new();
        for source in reads {
            let open = self.open_rows(source).await?;
            read.extend(open.into_values().map(|row| (source.clone(), row.entry)));
        }
        let view = RegisterView::new(self.registers, self.now);
        let mut entries = self.rulebook.settle(group, facts, &read, &view);
        let looked_up = view.take_looked_up();
        for entry in &mut entries {
            entry.rows = looked_up.rows.iter().copied().collect();
        }
        let asked = looked_up
            .keys
            .into_iter()
            .chain(reads.iter().map(group_key));
        self.note_asked(group, asked.map(|key| key.0).collect())
            .await?;
        self.write_difference(group, entries).await
    }

    async fn note_asked(
        &mut self,
        group: &Group,
        asked: BTreeSet<[u8; 16]>,
    ) -> Result<(), RunnerError> {
        let key = self.key().group(group).bytes();
        let old: Option<BTreeSet<[u8; 16]>> = self.workspace.read(keys::GROUP, &key).await?;
        if old.as_ref() == Some(&asked) {
            return Ok(());
        }
        let old = old.unwrap_or_default();
        for asked in old.difference(&asked) {
            let key = self.asked_by_group(NaturalKey(*asked), group);
            self.workspace.delete(keys::ASKED, key);
        }
        for asked in asked.difference(&old) {
            let key = self.asked_by_group(NaturalKey(*asked), group);
            self.workspace
                .put(keys::ASKED, key, &Asker::Group(group.clone()))?;
        }
        self.workspace.put(keys::GROUP, key, &asked)?;
        Ok(())
    }

    /// Returns a group's rows that are what the ledger says now, by entry key.
    async fn open_rows(&self, group: &Group) -> Result<BTreeMap<String, LedgerRow>, StoreError> {
        let prefix = self.key().group(group).bytes();
        let mut open = BTreeMap::new();
        for (_, value) in self.workspace.all(keys::ENTRY, prefix).await? {
            let row: LedgerRow = parse(&value)?;
            if row.known_to.is_none() {
                open.insert(row.entry.key.clone(), row);
            }
        }
        Ok(open)
    }

    /// Closes the entries that no longer hold and opens those that hold now.
    async fn write_difference(
        &mut self,
        group: &Group,
        entries: Vec<Entry>,
    ) -> Result<(), RunnerError> {
        let mut old = self.open_rows(group).await?;
        let mut new = Vec::new();
        for entry in entries {
            match old.remove(&entry.key) {
                Some(row) if row.entry == entry => {}
                Some(row) => {
                    old.insert(entry.key.clone(), row);
                    new.push(entry);
                }
                None => new.push(entry),
            }
        }
        if old.is_empty() && new.is_empty() {
            return Ok(());
        }
        // Marked before anything is written: if this is cut short, the marks are there.
        self.mark_readers(group).await?;
        for row in old.into_values() {
            self.close(row)?;
        }
        for entry in new {
            let known_from = self.now;
            let row = LedgerRow {
                group: group.clone(),
                entry,
                known_from,
                known_to: None,
            };
            self.workspace.put(keys::ENTRY, self.row_key(&row), &row)?;
            self.flush_if_full().await?;
        }
        Ok(())
    }

    fn row_key(&self, row: &LedgerRow) -> Vec<u8> {
        self.key()
            .group(&row.group)
            .text(&row.entry.key)
            .stored(row.known_from)
            .bytes()
    }

    fn close(&mut self, mut row: LedgerRow) -> Result<(), StoreError> {
        let key = self.row_key(&row);
        if row.known_from == self.now {
            // It never was what the ledger said after an event.
            self.workspace.delete(keys::ENTRY, key);
            return Ok(());
        }
        row.known_to = Some(self.now);
        self.workspace.put(keys::ENTRY, key, &row)
    }

    async fn mark_readers(&mut self, group: &Group) -> Result<(), RunnerError> {
        let prefix = self.key().natural(group_key(group)).bytes();
        for (_, value) in self.workspace.all(keys::ASKED, prefix).await? {
            if let Asker::Group(reader) = parse(&value)?
                && reader.stage > group.stage
            {
                self.mark(&reader)?;
            }
        }
        Ok(())
    }
}

/// The natural key under which readers of a group's entries are found.
fn group_key(group: &Group) -> NaturalKey {
    NaturalKey::hash("Group", &format!("{}/{}", group.stage, group.key))
}
