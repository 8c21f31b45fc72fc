//! Changes of a step that are not committed yet, readable as if they were.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Records, StoreError,
};

/// Changes are committed once there are this many, well under the bound of one commit.
const CHANGES_ENOUGH: usize = 600;
/// Changes are committed once they weigh this many bytes.
const BYTES_ENOUGH: usize = 2 * 1024 * 1024;

/// An overlay of uncommitted changes over the records.
#[derive(Debug)]
pub(super) struct Workspace {
    records: Arc<dyn Records>,
    changes: BTreeMap<(Collection, Vec<u8>), Option<Vec<u8>>>,
    /// What the guarded records must look like when they are next written.
    guards: BTreeMap<(Collection, Vec<u8>), Expected>,
    bytes: usize,
}

impl Workspace {
    pub(super) fn new(records: Arc<dyn Records>) -> Self {
        Self {
            records,
            changes: BTreeMap::new(),
            guards: BTreeMap::new(),
            bytes: 0,
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

    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        collection: Collection,
        key: &[u8],
    ) -> Result<Option<T>, StoreError> {
        let value = self.get(collection, key).await?;
        value.map(|value| parse(&value)).transpose()
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

    /// Makes a record without content.
    pub(super) fn mark(&mut self, collection: Collection, key: Vec<u8>) {
        self.change(collection, key, Some(Vec::new()));
    }

    pub(super) fn delete(&mut self, collection: Collection, key: Vec<u8>) {
        self.change(collection, key, None);
    }

    fn change(&mut self, collection: Collection, key: Vec<u8>, value: Option<Vec<u8>>) {
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        self.changes.insert((collection, key), value);
    }

    /// Lets a record be written only while nobody else writes it: the first time it must look as
    /// given, afterwards as this workspace left it.
    pub(super) fn guard(&mut self, collection: Collection, key: Vec<u8>, expected: Expected) {
        self.guards.insert((collection, key), expected);
    }

    /// Tells whether it is time to commit.
    pub(super) fn is_full(&self) -> bool {
        self.changes.len() >= CHANGES_ENOUGH || self.bytes >= BYTES_ENOUGH
    }

    /// Commits what there is.
    pub(super) async fn flush(&mut self) -> Result<(), CommitError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let written = std::mem::take(&mut self.changes);
        let guards = &self.guards;
        let changes = written.iter().map(|(place, value)| Change {
            collection: place.0,
            key: place.1.clone(),
            value: value.clone(),
            expected: guards.get(place).copied().unwrap_or(Expected::Anything),
        });
        let changes = Changes {
            changes: changes.collect(),
            ..Changes::default()
        };
        self.bytes = 0;
        let number = self.records.commit(changes).await?.number;
        for (place, guard) in &mut self.guards {
            match written.get(place) {
                Some(Some(_)) => *guard = Expected::Version(number),
                Some(None) => *guard = Expected::Absent,
                None => {}
            }
        }
        Ok(())
    }
}

pub(super) fn parse<T: DeserializeOwned>(value: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(value).map_err(StoreError::failed)
}
