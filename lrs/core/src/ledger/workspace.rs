//! Changes of a step that are not committed yet, readable as if they were.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Progress;
use super::keys::{self, Key, LedgerId};
use crate::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Records, StoreError,
};

/// Changes are committed once there are this many, well under the bound of one commit.
const CHANGES_ENOUGH: usize = 700;
/// Changes are committed once they weigh this many bytes.
const BYTES_ENOUGH: usize = 2 * 1024 * 1024;

/// An overlay of uncommitted changes over the records.
#[derive(Debug)]
pub(super) struct Workspace {
    records: Arc<dyn Records>,
    changes: BTreeMap<(Collection, Vec<u8>), Option<Vec<u8>>>,
    /// Those of the changes that expect to be the first to their record.
    firsts: BTreeSet<(Collection, Vec<u8>)>,
    bytes: usize,
    /// How far each ledger has come, written with every commit.
    checkpoints: BTreeMap<LedgerId, Checkpoint>,
}

/// How far a ledger has come by what is in the workspace.
#[derive(Debug, Clone, Copy)]
struct Checkpoint {
    progress: Progress,
    /// What must be in the store when it is next written: so nobody else carries this ledger.
    expected: Expected,
}

impl Workspace {
    pub(super) fn new(records: Arc<dyn Records>) -> Self {
        Self {
            records,
            changes: BTreeMap::new(),
            firsts: BTreeSet::new(),
            bytes: 0,
            checkpoints: BTreeMap::new(),
        }
    }

    /// Takes a ledger in, which stands where the store says.
    pub(super) fn begin(&mut self, ledger: LedgerId, progress: Progress, expected: Expected) {
        let checkpoint = Checkpoint { progress, expected };
        self.checkpoints.insert(ledger, checkpoint);
    }

    /// Notes that an event is carried over whole.
    pub(super) fn reach(&mut self, ledger: LedgerId, progress: Progress) {
        if let Some(checkpoint) = self.checkpoints.get_mut(&ledger) {
            checkpoint.progress = progress;
        }
    }

    pub(super) async fn get(
        &self,
        collection: Collection,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        match self.changes.get(&(collection, key.to_vec())) {
            Some(value) => Ok(value.clone()),
            None => Ok(self
                .records
                .get(collection, key)
                .await?
                .map(|record| record.value)),
        }
    }

    /// Returns records of a stretch as they would be after a commit, in the order of their keys.
    pub(super) async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        let mut found = BTreeMap::new();
        let mut stored = range.clone();
        loop {
            let page = self.records.range(collection, &stored).await?;
            let through = match page.last() {
                Some(last) if page.len() >= range.limit => Some(last.key.clone()),
                _ => None,
            };
            found.extend(page.into_iter().map(|record| (record.key, record.value)));
            self.lay_over(collection, &stored, through.as_deref(), &mut found);
            match through {
                Some(through) if found.len() < range.limit => stored.after = Some(through),
                _ => break,
            }
        }
        Ok(found.into_iter().take(range.limit).collect())
    }

    /// Applies the uncommitted changes between a range's start and `through` to what was found.
    fn lay_over(
        &self,
        collection: Collection,
        range: &KeyRange,
        through: Option<&[u8]>,
        found: &mut BTreeMap<Vec<u8>, Vec<u8>>,
    ) {
        let from = match &range.after {
            Some(after) if *after >= range.prefix => Bound::Excluded((collection, after.clone())),
            _ => Bound::Included((collection, range.prefix.clone())),
        };
        for ((of, key), value) in self.changes.range((from, Bound::Unbounded)) {
            let inside = *of == collection
                && key.starts_with(&range.prefix)
                && through.is_none_or(|through| key.as_slice() <= through);
            if !inside {
                break;
            }
            match value {
                Some(value) => found.insert(key.clone(), value.clone()),
                None => found.remove(key),
            };
        }
    }

    /// Returns a whole stretch.
    pub(super) async fn all(
        &self,
        collection: Collection,
        prefix: Vec<u8>,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        const AT_A_TIME: usize = 1_000;
        let mut range = KeyRange {
            prefix,
            after: None,
            limit: AT_A_TIME,
        };
        let mut all = Vec::new();
        loop {
            let page = self.range(collection, &range).await?;
            let done = page.len() < AT_A_TIME;
            range.after = page.last().map(|(key, _)| key.clone());
            all.extend(page);
            if done {
                return Ok(all);
            }
        }
    }

    pub(super) fn put(
        &mut self,
        collection: Collection,
        key: Vec<u8>,
        value: &impl Serialize,
    ) -> Result<(), StoreError> {
        let value = serde_json::to_vec(value).map_err(StoreError::failed)?;
        self.change(collection, key, Some(value));
        Ok(())
    }

    /// Takes a change in that expects to be the first to its record.
    pub(super) fn first(&mut self, change: Change) {
        self.firsts.insert((change.collection, change.key.clone()));
        self.change(change.collection, change.key, change.value);
    }

    pub(super) fn put_bytes(&mut self, collection: Collection, key: Vec<u8>, value: Vec<u8>) {
        self.change(collection, key, Some(value));
    }

    /// Makes a record without content.
    pub(super) fn mark(&mut self, collection: Collection, key: Vec<u8>) {
        self.put_bytes(collection, key, Vec::new());
    }

    pub(super) fn delete(&mut self, collection: Collection, key: Vec<u8>) {
        self.change(collection, key, None);
    }

    fn change(&mut self, collection: Collection, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        self.changes.insert((collection, key), value);
    }

    /// Tells whether it is time to commit, with so many marks still to be added.
    pub(super) fn is_full_with(&self, marks: usize) -> bool {
        self.changes.len() + marks >= CHANGES_ENOUGH || self.bytes >= BYTES_ENOUGH
    }

    /// Commits what there is and how far each ledger has come by it.
    pub(super) async fn flush(&mut self) -> Result<(), CommitError> {
        let written = std::mem::take(&mut self.changes);
        let firsts = std::mem::take(&mut self.firsts);
        let expected = |place: &(Collection, Vec<u8>)| {
            if firsts.contains(place) {
                Expected::Absent
            } else {
                Expected::Anything
            }
        };
        let changes = written.into_iter().map(|(place, value)| Change {
            expected: expected(&place),
            collection: place.0,
            key: place.1,
            value,
        });
        let checkpoints = self.checkpoints.iter().map(|(ledger, checkpoint)| {
            Ok(Change {
                collection: keys::PROGRESS,
                key: Key::of(*ledger).bytes(),
                value: Some(serde_json::to_vec(&checkpoint.progress).map_err(StoreError::failed)?),
                expected: checkpoint.expected,
            })
        });
        let changes = Changes {
            changes: changes
                .map(Ok)
                .chain(checkpoints)
                .collect::<Result<_, StoreError>>()?,
            ..Changes::default()
        };
        self.bytes = 0;
        let number = self.records.commit(changes).await?.number;
        for checkpoint in self.checkpoints.values_mut() {
            checkpoint.expected = Expected::Version(number);
        }
        Ok(())
    }
}

pub(super) fn parse<T: DeserializeOwned>(value: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(value).map_err(StoreError::failed)
}
