//! The audit log: who was told what of whom, as a chain in which nothing can be changed unseen.
//!
//! Every reading of persons' results and every export leaves a line before it is answered; what
//! cannot be noted is not told. A line holds no name: persons stand under their ids, callers under
//! their key's. Each line carries the hash of the one before it, and the head of the chain is kept
//! apart, so that [`Audit::verify`] names a line that was removed or altered. Who can rewrite the
//! whole store can also rewrite the whole chain: note the head's hash elsewhere from time to time.

mod chain;
mod reading;
mod verify;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use varde_xapi::Stored;

use self::chain::Linked;
pub use self::chain::{AuditLine, ChainHash};
pub use self::reading::{AuditPage, UntoldAudit};
pub use self::verify::{AuditFault, AuditReport};
use crate::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Records, StoreError,
};
use crate::registers::PersonId;
use crate::{Caller, ProjectCode};

/// number → [`AuditLine`].
const LINE: Collection = Collection("audit");
/// The one record of the head's collection.
const HEAD: Collection = Collection("audit-head");
const HEAD_KEY: &[u8] = b"head";
/// How often a line is tried again because another one came first.
const TRIES_MAX: usize = 100;
/// The most lines that are read at a time.
const LINES_MAX: usize = 1_000;

/// What a caller was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The use case and the names of the filters that were given, without their values.
    pub query: String,
    /// The persons asked for by name; none where the question was for all.
    pub persons: Vec<PersonId>,
    /// The projects whose results the caller reads.
    pub projects: Vec<ProjectCode>,
    /// How many rows of persons the answer holds.
    pub rows: u64,
    /// The instant as known at which they were told.
    pub known_at: Option<Stored>,
}

impl Told {
    /// Describes an answer by its use case and the filters that were given.
    pub fn new(use_case: &str, given: &[(&str, bool)], rows: usize) -> Self {
        let given = given.iter().filter(|(_, given)| *given);
        let names: Vec<&str> = given.map(|(name, _)| *name).collect();
        Self {
            query: format!("{use_case}({})", names.join(", ")),
            persons: Vec::new(),
            projects: Vec::new(),
            rows: u64::try_from(rows).unwrap_or(u64::MAX),
            known_at: None,
        }
    }
}

/// Writes and reads the audit log of one store.
#[derive(Debug, Clone)]
pub struct Audit {
    records: Arc<dyn Records>,
}

impl Audit {
    /// Works on one store.
    pub fn new(records: Arc<dyn Records>) -> Self {
        Self { records }
    }

    /// Adds a line, durable when this returns.
    pub async fn add(&self, at: Stored, caller: &Caller, told: &Told) -> Result<(), StoreError> {
        let told = Told {
            projects: caller.projects.iter().cloned().collect(),
            ..told.clone()
        };
        for _ in 0..TRIES_MAX {
            let (head, expected) = self.head().await?;
            let (key, role) = (caller.key, caller.role);
            let line = head.line(at, (key, role), told.clone());
            let changes = Changes {
                changes: vec![
                    put(LINE, key_of(line.number), Expected::Absent, &line)?,
                    put(HEAD, HEAD_KEY.to_vec(), expected, &Linked::to(&line))?,
                ],
                ..Changes::default()
            };
            match self.records.commit(changes).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::Store(error)) => return Err(error),
                Err(too_large) => return Err(StoreError::failed(too_large)),
            }
        }
        Err(StoreError::Busy)
    }

    /// Returns up to 1,000 lines behind a number, in order.
    pub async fn lines(&self, after: u64) -> Result<Vec<AuditLine>, StoreError> {
        let range = KeyRange {
            prefix: Vec::new(),
            after: Some(key_of(after)),
            limit: LINES_MAX,
        };
        let records = self.records.range(LINE, &range).await?;
        let lines = records
            .iter()
            .map(|record| serde_json::from_slice(&record.value).map_err(StoreError::failed));
        lines.collect()
    }

    async fn head(&self) -> Result<(Linked, Expected), StoreError> {
        match self.records.get(HEAD, HEAD_KEY).await? {
            Some(record) => {
                let head = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                Ok((head, Expected::Version(record.version)))
            }
            None => Ok((Linked::default(), Expected::Absent)),
        }
    }
}

fn key_of(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

fn put(
    collection: Collection,
    key: Vec<u8>,
    expected: Expected,
    value: &impl Serialize,
) -> Result<Change, StoreError> {
    Ok(Change {
        collection,
        key,
        value: Some(serde_json::to_vec(value).map_err(StoreError::failed)?),
        expected,
    })
}
