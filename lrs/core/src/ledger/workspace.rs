//! Changes of a step that are not committed yet, readable as if they were.
//!
//! One commit at a time is on its way to the store while the next one is gathered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::poll_fn;
use std::ops::Bound;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use serde::Serialize;
use serde::de::DeserializeOwned;
use varde_xapi::Stored;

use super::Progress;
use super::keys::{self, Key, LedgerId};
use crate::ports::{
    Change, Changes, Collection, CommitError, Committed, Expected, KeyRange, Position, Record,
    Records, StoreError,
};

/// Changes are committed once there are this many, well under the bound of one commit.
const CHANGES_ENOUGH: usize = 700;
/// Changes are committed once they weigh this many bytes.
const BYTES_ENOUGH: usize = 2 * 1024 * 1024;

/// Records by their places; `None` for one that is deleted.
type Written = BTreeMap<(Collection, Vec<u8>), Option<Vec<u8>>>;

/// An overlay of uncommitted changes over the records.
#[derive(Debug)]
pub(super) struct Workspace {
    records: Arc<dyn Records>,
    /// The commit on its way, whose changes lie under the others.
    under_way: Option<UnderWay>,
    changes: Written,
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

/// A commit that the store was given.
struct UnderWay {
    written: Written,
    /// Only ever polled by who has the workspace to itself; the lock lets it be shared.
    commit: Mutex<Commit>,
}

type Commit = Pin<Box<dyn Future<Output = Result<Committed, CommitError>> + Send>>;

impl fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnderWay").finish_non_exhaustive()
    }
}

impl Workspace {
    pub(super) fn new(records: Arc<dyn Records>) -> Self {
        Self {
            records,
            under_way: None,
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
    pub(super) fn reach(&mut self, ledger: LedgerId, position: Position, stored: Stored) {
        if let Some(Checkpoint { progress, .. }) = self.checkpoints.get_mut(&ledger) {
            (progress.position, progress.stored) = (position, stored);
        }
    }

    /// Notes that an entry comes or goes by the event of an instant.
    pub(super) fn change_entry(&mut self, ledger: LedgerId, stored: Stored) {
        if let Some(Checkpoint { progress, .. }) = self.checkpoints.get_mut(&ledger) {
            progress.changed = Some(stored);
        }
    }

    pub(super) async fn get(
        &self,
        collection: Collection,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let place = (collection, key.to_vec());
        let mut written = self.written();
        if let Some(value) = written.find_map(|written| written.get(&place)) {
            return Ok(value.clone());
        }
        let record = self.records.get(collection, key).await?;
        Ok(record.map(|record| record.value))
    }

    /// Returns the changes that are not known to be in the store, the latest first.
    fn written(&self) -> impl DoubleEndedIterator<Item = &Written> {
        let under_way = self.under_way.iter().map(|under_way| &under_way.written);
        std::iter::once(&self.changes).chain(under_way)
    }

    /// Returns the records of several ranges as the store has them, before anything is changed.
    pub(super) async fn stored(
        &self,
        ranges: Vec<(Collection, KeyRange)>,
    ) -> Result<Vec<Vec<Record>>, StoreError> {
        debug_assert!(self.under_way.is_none(), "the store is asked in between");
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        self.records.ranges(ranges).await
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
            for written in self.written().rev() {
                lay_over(written, collection, &stored, through.as_deref(), &mut found);
            }
            match through {
                Some(through) if found.len() < range.limit => stored.after = Some(through),
                _ => break,
            }
        }
        Ok(found.into_iter().take(range.limit).collect())
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

    /// Gives the store what there is and how far each ledger has come by it, once what it was given
    /// before is committed. What comes of it is told by the next flush, or by
    /// [`Workspace::committed`].
    pub(super) async fn flush(&mut self) -> Result<(), CommitError> {
        self.committed().await?;
        let written = std::mem::take(&mut self.changes);
        let changes = self.gathered(&written)?;
        self.bytes = 0;
        let records = Arc::clone(&self.records);
        let mut commit: Commit = Box::pin(async move { records.commit(changes).await });
        // Polled once, so that it is on its way; its end is waited for later.
        match poll_fn(|context| Poll::Ready(commit.as_mut().poll(context))).await {
            Poll::Ready(done) => self.reached(&done?),
            Poll::Pending => {
                let commit = Mutex::new(commit);
                self.under_way = Some(UnderWay { written, commit });
            }
        }
        Ok(())
    }

    /// Waits until everything that the store was given is committed.
    pub(super) async fn committed(&mut self) -> Result<(), CommitError> {
        // Left in place until it ends: who stops waiting does not take it back.
        let Some(under_way) = &mut self.under_way else {
            return Ok(());
        };
        let commit = under_way.commit.get_mut();
        let done = commit.unwrap_or_else(PoisonError::into_inner).await;
        self.under_way = None;
        self.reached(&done?);
        Ok(())
    }

    fn reached(&mut self, done: &Committed) {
        for checkpoint in self.checkpoints.values_mut() {
            checkpoint.expected = Expected::Version(done.number);
        }
    }

    fn gathered(&mut self, written: &Written) -> Result<Changes, StoreError> {
        let firsts = std::mem::take(&mut self.firsts);
        let expected = |place: &(Collection, Vec<u8>)| {
            if firsts.contains(place) {
                Expected::Absent
            } else {
                Expected::Anything
            }
        };
        let changes = written.iter().map(|(place, value)| Change {
            collection: place.0,
            key: place.1.clone(),
            value: value.clone(),
            expected: expected(place),
        });
        let checkpoints = self.checkpoints.iter().map(|(ledger, checkpoint)| {
            Ok(Change {
                collection: keys::PROGRESS,
                key: Key::of(*ledger).bytes(),
                value: Some(serde_json::to_vec(&checkpoint.progress).map_err(StoreError::failed)?),
                expected: checkpoint.expected,
            })
        });
        Ok(Changes {
            changes: changes
                .map(Ok)
                .chain(checkpoints)
                .collect::<Result<_, StoreError>>()?,
            ..Changes::default()
        })
    }
}

/// Applies changes between a range's start and `through` to what was found.
fn lay_over(
    written: &Written,
    collection: Collection,
    range: &KeyRange,
    through: Option<&[u8]>,
    found: &mut BTreeMap<Vec<u8>, Vec<u8>>,
) {
    let from = match &range.after {
        Some(after) if *after >= range.prefix => Bound::Excluded((collection, after.clone())),
        _ => Bound::Included((collection, range.prefix.clone())),
    };
    for ((of, key), value) in written.range((from, Bound::Unbounded)) {
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

pub(super) fn parse<T: DeserializeOwned>(value: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(value).map_err(StoreError::failed)
}
