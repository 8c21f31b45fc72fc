//! Records: small named things beside the log (keys, registers, ledgers, checkpoints).

use std::fmt::{self, Debug};

use async_trait::async_trait;
use thiserror::Error;
use varde_xapi::Stored;

use super::{EventKind, Position, StoreError};

/// The most changes one commit may hold, unless it is an import.
pub const CHANGES_MAX: usize = 1_000;
/// The most bytes of keys, values and events one commit may hold, unless it is an import.
pub const CHANGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The most bytes of a record's key.
pub const KEY_BYTES_MAX: usize = 512;

/// A named collection of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Collection(pub &'static str);

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A record: its key, its value and the version that the last commit gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The key within the collection, 1 to 512 bytes, ordered bytewise.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
    /// The number of the commit that put it. So no two records that ever had this key have the
    /// same version, and [`Expected::Version`] notices a record that was deleted and made again.
    pub version: u64,
}

/// What a change expects to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Whatever is there.
    Anything,
    /// No record.
    Absent,
    /// The record of exactly this version.
    Version(u64),
}

/// One change of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The collection.
    pub collection: Collection,
    /// The key within it.
    pub key: Vec<u8>,
    /// The new value, or `None` to delete the record (absent already is fine).
    pub value: Option<Vec<u8>>,
    /// What must be there for the commit to happen.
    pub expected: Expected,
}

/// A log event that a commit appends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Its kind.
    pub kind: EventKind,
    /// Its JSON text.
    pub body: String,
}

/// One commit: changes over collections and log events, all or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The changes; two to one key are refused as a conflict.
    pub changes: Vec<Change>,
    /// The events, appended in this order.
    pub events: Vec<NewEvent>,
    /// Lifts the bounds for an import (at most 50,000 rows or 64 MiB, which the import checks).
    pub import: bool,
}

/// What a commit did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// The commit's number, which is the version of every record that it put. The first commit of
    /// a store has 1, each later one that happens has a greater number than those before it.
    pub number: u64,
    /// Position and `stored` of each event.
    pub events: Vec<(Position, Stored)>,
}

/// Why a commit did not happen. Nothing of it did.
#[derive(Debug, Error)]
pub enum CommitError {
    /// A record was not as expected.
    #[error("a record of {collection} was changed by somebody else")]
    Conflict {
        /// The collection of the record.
        collection: Collection,
        /// The record's key.
        key: Vec<u8>,
    },
    /// The commit is over its bounds.
    #[error("a commit of {changes} changes and {bytes} bytes is over the bound")]
    TooLarge {
        /// How many changes it held.
        changes: usize,
        /// How many bytes of keys, values and events.
        bytes: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells whether a commit was done, for who tries again with what is there by then: not where a record
/// was not as expected.
pub fn was_done(committed: Result<Committed, CommitError>) -> Result<bool, StoreError> {
    match committed {
        Ok(_) => Ok(true),
        Err(CommitError::Conflict { .. }) => Ok(false),
        Err(CommitError::Store(error)) => Err(error),
        Err(too_large @ CommitError::TooLarge { .. }) => Err(StoreError::failed(too_large)),
    }
}

/// A stretch of keys of one collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// Only keys that begin with this.
    pub prefix: Vec<u8>,
    /// Only keys behind this one (it itself left out).
    pub after: Option<Vec<u8>>,
    /// The most records to return, 1 or more.
    pub limit: usize,
}

/// Where records live.
#[async_trait]
pub trait Records: Debug + Send + Sync + 'static {
    /// Returns a record.
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError>;

    /// Returns records in the order of their keys, all from one moment.
    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError>;

    /// Returns the records of several ranges, each as [`Records::range`] does, in the order of the
    /// ranges. For who knows beforehand what will be looked at: a store that hands questions to
    /// another thread does it once.
    async fn ranges(
        &self,
        ranges: Vec<(Collection, KeyRange)>,
    ) -> Result<Vec<Vec<Record>>, StoreError> {
        let mut all = Vec::with_capacity(ranges.len());
        for (collection, range) in &ranges {
            all.push(self.range(*collection, range).await?);
        }
        Ok(all)
    }

    /// Applies all changes and appends all events, or nothing; durable when this returns.
    async fn commit(&self, changes: Changes) -> Result<Committed, CommitError>;
}

impl Changes {
    /// Tells how many bytes of keys, values and events the commit holds.
    pub fn bytes(&self) -> usize {
        let changes = self
            .changes
            .iter()
            .map(|change| change.key.len() + change.value.as_ref().map_or(0, Vec::len));
        changes
            .chain(self.events.iter().map(|event| event.body.len()))
            .sum()
    }

    /// Checks the length of each key, and the bounds that hold for everything but imports.
    pub fn check(&self) -> Result<(), CommitError> {
        self.check_beside(0, 0)
    }

    /// Checks the same where rows of so many bytes are written in the same act.
    pub(super) fn check_beside(&self, rows: usize, bytes: usize) -> Result<(), CommitError> {
        let fits = |change: &Change| (1..=KEY_BYTES_MAX).contains(&change.key.len());
        if let Some(change) = self.changes.iter().find(|change| !fits(change)) {
            let (collection, bytes) = (change.collection, change.key.len());
            let fault =
                format!("a key of {collection} has {bytes} bytes: expected 1 to {KEY_BYTES_MAX}");
            return Err(StoreError::failed(fault).into());
        }
        let (changes, bytes) = (self.changes.len() + rows, self.bytes() + bytes);
        if self.import || (changes <= CHANGES_MAX && bytes <= CHANGE_BYTES_MAX) {
            Ok(())
        } else {
            Err(CommitError::TooLarge { changes, bytes })
        }
    }
}
