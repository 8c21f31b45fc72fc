//! The difference between what a group concludes and what the ledger says of it.

use std::collections::BTreeMap;

use super::{Group, RunnerError, Settling, keys};
use crate::ledger::Entry;
use crate::ledger::entry::{Row, none_since};
use crate::ledger::keys::Key;
use crate::ledger::memory::open_of;
use crate::ports::StoreError;

impl Settling<'_> {
    /// Brings a group's rows that hold now to hand.
    pub(super) async fn hold_rows(&mut self, group: &Group) -> Result<(), StoreError> {
        if self.memory.held(group).open.is_some() {
            return Ok(());
        }
        let prefix = self.group_key(group);
        let open = self.open_rows(prefix).await?;
        self.memory.grow(open.len());
        self.memory.held(group).open = Some(open);
        Ok(())
    }

    async fn open_rows(&self, prefix: Vec<u8>) -> Result<BTreeMap<String, Row>, StoreError> {
        open_of(self.workspace.all(keys::ENTRY, prefix).await?)
    }

    /// Closes the entries that no longer hold and opens those that hold now.
    pub(super) async fn write_difference(
        &mut self,
        group: &Group,
        entries: Vec<Entry>,
    ) -> Result<(), RunnerError> {
        self.hold_rows(group).await?;
        let open = self.memory.held(group).open.iter().flatten();
        let mut gone: BTreeMap<String, Row> =
            open.map(|(key, row)| (key.clone(), row.clone())).collect();
        let mut changes = Vec::new();
        for entry in entries {
            let old = gone.remove(&entry.key);
            if old.as_ref().is_none_or(|old| old.entry != entry) {
                changes.push((old, Some(entry)));
            }
        }
        changes.extend(gone.into_values().map(|row| (Some(row), None)));
        self.write(group, changes).await
    }

    /// Opens the entries that differ from those of the same key, and leaves all others alone.
    pub(super) async fn write_over(
        &mut self,
        group: &Group,
        entries: Vec<Entry>,
    ) -> Result<(), RunnerError> {
        // A later one of the same key is the last word.
        let entries = entries.into_iter().map(|entry| (entry.key.clone(), entry));
        let entries: BTreeMap<String, Entry> = entries.collect();
        let mut changes = Vec::new();
        for entry in entries.into_values() {
            let old = self.open_row(group, &entry.key).await?;
            if old.as_ref().is_none_or(|old| old.entry != entry) {
                changes.push((old, Some(entry)));
            }
        }
        self.write(group, changes).await
    }

    async fn open_row(&mut self, group: &Group, entry: &str) -> Result<Option<Row>, StoreError> {
        if let Some(open) = &self.memory.held(group).open {
            return Ok(open.get(entry).cloned());
        }
        let prefix = self.key().group(group).text(entry).bytes();
        Ok(self.open_rows(prefix).await?.into_values().next())
    }

    /// Writes what changed: the row that held, and the entry that holds now.
    async fn write(
        &mut self,
        group: &Group,
        changes: Vec<(Option<Row>, Option<Entry>)>,
    ) -> Result<(), RunnerError> {
        if changes.is_empty() {
            return Ok(());
        }
        // Marked before anything is written: if this is cut short, the marks are there.
        self.touch_readers(group).await?;
        for (old, new) in changes {
            if let Some(old) = old {
                self.close(old)?;
            }
            if let Some(entry) = new {
                self.open(group, entry)?;
            }
            self.flush_if_full().await?;
        }
        Ok(())
    }

    fn entry_key(&self, row: &Row) -> Key {
        self.key().group(&row.group).text(&row.entry.key)
    }

    fn open(&mut self, group: &Group, entry: Entry) -> Result<(), StoreError> {
        let carried = &self.memory.held(group).carried;
        let statements = entry.statements.iter();
        let row = Row {
            carried: statements
                .filter(|id| carried.contains(id))
                .copied()
                .collect(),
            group: group.clone(),
            entry,
            known_from: self.now,
            known_to: None,
        };
        let key = self.entry_key(&row).bytes();
        self.workspace.change_entry(self.ledger, self.now);
        self.workspace.put_bytes(keys::ENTRY, key, row.written()?);
        if let Some(open) = &mut self.memory.held(group).open {
            open.insert(row.entry.key.clone(), row);
            self.memory.grow(1);
        }
        Ok(())
    }

    fn close(&mut self, mut row: Row) -> Result<(), StoreError> {
        if let Some(open) = &mut self.memory.held(&row.group).open {
            open.remove(&row.entry.key);
        }
        let key = self.entry_key(&row);
        let none = none_since(self.now);
        self.workspace.change_entry(self.ledger, self.now);
        self.workspace
            .put_bytes(keys::ENTRY, key.clone().bytes(), none);
        if row.known_from == self.now {
            // It never was what the ledger said after an event.
            return Ok(());
        }
        row.known_to = Some(self.now);
        let key = key.stored(self.now).bytes();
        self.workspace.put_bytes(keys::ENDED, key, row.written()?);
        Ok(())
    }
}
