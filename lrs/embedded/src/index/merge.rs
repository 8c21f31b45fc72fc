//! Writing a generation to disk, slice by slice, each in the order of its table.

use std::sync::Arc;

use rusqlite::Connection;

use super::newest::Generation;
use super::{IdKey, ListKey, block};

/// A generation on its way to disk.
///
/// A slice may be written twice, after a crash or a transaction that was taken back: entries
/// that are there already stay as they are.
#[derive(Debug)]
pub(crate) struct Merge {
    generation: Arc<Generation>,
    ids: Vec<(IdKey, i64)>,
    lists: Vec<ListKey>,
    /// The last position of the generation.
    through: i64,
    /// How many entries and lists are on disk.
    done: usize,
}

impl Merge {
    /// Sorts what is to be written.
    pub(crate) fn new(generation: Arc<Generation>) -> Self {
        let entries = generation.entries();
        let mut ids: Vec<_> = entries.ids.iter().map(|(key, at)| (*key, *at)).collect();
        let mut lists: Vec<_> = entries.lists.keys().copied().collect();
        drop(entries);
        ids.sort_unstable();
        lists.sort_unstable();
        let through = ids.iter().map(|(_, at)| *at).max().unwrap_or(0);
        Self {
            generation,
            ids,
            lists,
            through,
            done: 0,
        }
    }

    /// Returns how many entries and lists there are to write.
    pub(crate) fn len(&self) -> usize {
        self.ids.len() + self.lists.len()
    }

    /// Returns the last position whose entries are on disk once everything is written.
    pub(crate) fn through(&self) -> i64 {
        self.through
    }

    /// Writes the next slice of up to so many entries and lists, and returns how far that comes.
    pub(crate) fn write(&self, connection: &Connection, count: usize) -> rusqlite::Result<usize> {
        let end = self.len().min(self.done.saturating_add(count));
        let mut insert =
            connection.prepare_cached("INSERT OR IGNORE INTO statement VALUES (?1, ?2, ?3)")?;
        let bound = |index: usize, len: usize| index.min(len);
        let ids = bound(self.done, self.ids.len())..bound(end, self.ids.len());
        for ((id, test), position) in self.ids.get(ids).unwrap_or_default() {
            insert.execute((id.0.as_bytes(), test, position))?;
        }
        let of_list = |index: usize| index.saturating_sub(self.ids.len());
        for key in self
            .lists
            .get(of_list(self.done)..of_list(end))
            .unwrap_or_default()
        {
            block::extend(connection, *key, &self.generation.positions(*key))?;
        }
        Ok(end)
    }

    /// Notes that the slices so far are committed, and tells whether those were all.
    pub(crate) fn committed(&mut self, done: usize) -> bool {
        self.done = done;
        self.is_done(done)
    }

    /// Tells whether everything is written at that point.
    pub(crate) fn is_done(&self, done: usize) -> bool {
        done >= self.len()
    }
}
