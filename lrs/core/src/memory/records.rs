use std::collections::BTreeSet;

use varde_xapi::Stored;

use super::State;
use crate::ports::{
    Change, Changes, Collection, CommitError, Committed, Expected, KeyRange, Record,
};

impl State {
    pub(super) fn range(&self, collection: Collection, range: &KeyRange) -> Vec<Record> {
        let after = range.after.clone().unwrap_or_default();
        let from = (collection, range.prefix.clone().max(after));
        self.records
            .range(from..)
            .take_while(|((its, key), _)| *its == collection && key.starts_with(&range.prefix))
            .map(|(_, record)| record)
            .filter(|record| range.after.as_ref().is_none_or(|after| record.key > *after))
            .take(range.limit)
            .cloned()
            .collect()
    }

    pub(super) fn commit(
        &mut self,
        now: Stored,
        changes: Changes,
    ) -> Result<Committed, CommitError> {
        changes.check()?;
        self.commit_checked(now, changes)
    }

    /// Commits changes that are within their bounds.
    pub(super) fn commit_checked(
        &mut self,
        now: Stored,
        changes: Changes,
    ) -> Result<Committed, CommitError> {
        self.check_expected(&changes.changes)
            .map_err(|(collection, key)| CommitError::Conflict { collection, key })?;
        self.apply_all(changes.changes);
        let events = changes
            .events
            .into_iter()
            .map(|event| self.add_event(now, event))
            .collect();
        self.wake();
        Ok(Committed {
            number: self.commits,
            events,
        })
    }

    /// Applies changes that find what they expect, as one commit.
    pub(super) fn apply_all(&mut self, changes: Vec<Change>) {
        self.commits += 1;
        for change in changes {
            self.apply(change);
        }
    }

    /// Checks that changes find what they expect, or names the record of the first that does not.
    pub(super) fn check_expected(&self, changes: &[Change]) -> Result<(), (Collection, Vec<u8>)> {
        let mut named = BTreeSet::new();
        for change in changes {
            let twice = !named.insert((change.collection, &change.key));
            let version = self.version(change);
            let expected = match change.expected {
                Expected::Anything => true,
                Expected::Absent => version.is_none(),
                Expected::Version(expected) => version == Some(expected),
            };
            if twice || !expected {
                let (collection, key) = (change.collection, change.key.clone());
                return Err((collection, key));
            }
        }
        Ok(())
    }

    fn version(&self, change: &Change) -> Option<u64> {
        let name = (change.collection, change.key.clone());
        self.records.get(&name).map(|record| record.version)
    }

    fn apply(&mut self, change: Change) {
        let Change {
            collection,
            key,
            value,
            ..
        } = change;
        match value {
            Some(value) => {
                let record = Record {
                    key: key.clone(),
                    value,
                    version: self.commits,
                };
                self.records.insert((collection, key), record);
            }
            None => {
                self.records.remove(&(collection, key));
            }
        }
    }
}
