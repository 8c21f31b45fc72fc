//! One act of an erasure: rows rewritten and records changed, all or nothing.

use std::collections::BTreeMap;

use crate::Position;
use crate::ports::{Change, Changes, Collection, Erasure, NewEvent, Rewrite, row_bytes};

/// What is done in one act of the log.
#[derive(Debug, Default)]
pub(in crate::erasures) struct Act {
    pub(in crate::erasures) rows: BTreeMap<Position, Rewrite>,
    /// By collection and key: the last word counts.
    pub(in crate::erasures) changes: BTreeMap<(Collection, Vec<u8>), Change>,
}

impl Act {
    pub(in crate::erasures) fn change(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            let place = (change.collection, change.key.clone());
            self.changes.insert(place, change);
        }
    }

    pub(in crate::erasures) fn bytes(&self) -> usize {
        let values = self.changes.values().filter_map(|one| one.value.as_ref());
        values.map(Vec::len).sum::<usize>() + row_bytes(&self.rows)
    }

    pub(in crate::erasures) fn erasure(self, events: Vec<NewEvent>) -> Erasure {
        Erasure {
            rows: self.rows,
            changes: Changes {
                changes: self.changes.into_values().collect(),
                events,
                // One statement, or the rows of one import, may be larger than a commit.
                import: true,
            },
        }
    }
}
