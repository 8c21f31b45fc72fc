//! Probable repeats: statements that say again, under another id, what was said before.
//!
//! A sender whose request timed out sends again, often without ids, and one event then stands in
//! the log twice. Such statements are flagged, never dropped: whether one counts is the matter of
//! a rule. Flagging runs behind the log, off the write path.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use varde_xapi::{StatementId, Stored};

use crate::bookmark::Bookmark;
use crate::ports::{
    Change, Collection, Expected, Happened, KeyRange, LogEvent, Position, Records, StatementLog,
    StoreError, StoredStatement,
};
use crate::{Caller, Forbidden, Need, Space};

/// hash of space and content → the first statement that said it.
const FIRST: Collection = Collection("repeat-first");
/// position → [`Repeat`].
const REPEAT: Collection = Collection("repeat");
/// How far the log was looked at.
const PROGRESS: Collection = Collection("repeat-progress");
/// How many events one step looks at; each makes two changes at most.
const EVENTS_PER_STEP: usize = 400;
/// The most repeats a page holds.
pub const REPEATS_PER_PAGE_MAX: usize = 1_000;

/// A statement that probably repeats another: all of it is equal but the id and the registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// Its place in the log.
    pub position: Position,
    /// Its id.
    pub statement: StatementId,
    /// When it was stored.
    pub stored: Stored,
    /// The statement that said the same first.
    pub repeats: StatementId,
    /// The space of both.
    pub space: Space,
}

/// Why repeats could not be listed.
#[derive(Debug, Error)]
pub enum RepeatsError {
    /// The caller may not read all statements.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Flags and lists probable repeats.
#[derive(Debug, Clone)]
pub struct Repeats {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    bookmark: Bookmark,
}

impl Repeats {
    /// Works on one store.
    pub fn new(log: Arc<dyn StatementLog>, records: Arc<dyn Records>) -> Self {
        let bookmark = Bookmark::new(Arc::clone(&log), Arc::clone(&records), PROGRESS);
        Self {
            log,
            records,
            bookmark,
        }
    }

    /// Looks at up to 400 further events and tells whether there were any. Done twice at once, it
    /// flags the same.
    pub async fn step(&self) -> Result<bool, StoreError> {
        let from = self.bookmark.read().await?;
        let events = self.log.follow(from.position, EVENTS_PER_STEP).await?;
        let Some(last) = events.last() else {
            return Ok(false);
        };
        let changes = self.flag(&events).await?;
        self.bookmark.move_on(from, last.position, changes).await?;
        Ok(true)
    }

    /// Waits until there is something to look at.
    pub async fn rest(&self) -> Result<(), StoreError> {
        self.bookmark.rest().await
    }

    /// Returns up to 1,000 repeats behind a position that the caller may read, oldest first.
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<Position>,
    ) -> Result<Vec<Repeat>, RepeatsError> {
        caller.may(Need::ReviewStatements)?;
        let mut range = KeyRange {
            prefix: Vec::new(),
            after: after.map(key),
            limit: REPEATS_PER_PAGE_MAX,
        };
        let mut repeats = Vec::new();
        loop {
            let records = self.records.range(REPEAT, &range).await?;
            for record in &records {
                let repeat: Repeat =
                    serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                if caller.reads.contains(&repeat.space) {
                    repeats.push(repeat);
                }
            }
            match records.into_iter().next_back() {
                Some(last) if repeats.len() < REPEATS_PER_PAGE_MAX => range.after = Some(last.key),
                _ => break,
            }
        }
        repeats.truncate(REPEATS_PER_PAGE_MAX);
        Ok(repeats)
    }

    /// Returns how far the log was looked at.
    pub(crate) async fn reached(&self) -> Result<Position, StoreError> {
        Ok(self.bookmark.read().await?.position)
    }

    /// Returns the positions of the repeats among events that were looked at, behind one position up to
    /// another.
    pub(crate) async fn flagged(
        &self,
        after: Position,
        through: Position,
    ) -> Result<BTreeSet<Position>, StoreError> {
        let between = through.0.saturating_sub(after.0);
        let range = KeyRange {
            prefix: Vec::new(),
            after: Some(key(after)),
            limit: usize::try_from(between).unwrap_or(usize::MAX).max(1),
        };
        let records = self.records.range(REPEAT, &range).await?;
        let positions = records.iter().filter_map(|record| {
            let bytes: [u8; 8] = record.key.as_slice().try_into().ok()?;
            Some(Position(u64::from_be_bytes(bytes)))
        });
        Ok(positions.filter(|position| *position <= through).collect())
    }

    /// Returns the repeat at a position, if there is one.
    pub(crate) async fn at(&self, position: Position) -> Result<Option<Repeat>, StoreError> {
        let record = self.records.get(REPEAT, &key(position)).await?;
        let read = record.map(|record| serde_json::from_slice(&record.value));
        read.transpose().map_err(StoreError::failed)
    }

    async fn flag(&self, events: &[LogEvent]) -> Result<Vec<Change>, StoreError> {
        let mut firsts: BTreeMap<Vec<u8>, StatementId> = BTreeMap::new();
        let mut changes = Vec::new();
        for event in events {
            let Happened::Statement(statement) = &event.what else {
                continue;
            };
            let content = content_key(statement)?;
            let first = match firsts.get(&content) {
                Some(first) => Some(*first),
                None => self.first(&content).await?,
            };
            match first {
                Some(first) if first != statement.id => changes.push(flag(statement, first)?),
                Some(_) => {}
                None => {
                    changes.push(put(
                        FIRST,
                        content.clone(),
                        &statement.id,
                        Expected::Anything,
                    )?);
                    firsts.insert(content, statement.id);
                }
            }
        }
        Ok(changes)
    }

    async fn first(&self, content: &[u8]) -> Result<Option<StatementId>, StoreError> {
        let record = self.records.get(FIRST, content).await?;
        record
            .map(|record| serde_json::from_slice(&record.value).map_err(StoreError::failed))
            .transpose()
    }
}

/// Returns what forgets that a statement said something first, or again. One that says something
/// else from now on is noted for that.
pub(crate) async fn unflagged(
    records: &dyn Records,
    statement: &StoredStatement,
    says_now: Option<&str>,
) -> Result<Vec<Change>, StoreError> {
    let content = content_key(statement)?;
    let mut changes = Vec::new();
    let first = records.get(FIRST, &content).await?;
    let first = first.and_then(|record| serde_json::from_slice(&record.value).ok());
    if first == Some(statement.id) {
        changes.push(removal(FIRST, content));
        if let Some(body) = says_now {
            let body = body.to_owned();
            let now = StoredStatement {
                body,
                ..statement.clone()
            };
            let content = content_key(&now)?;
            changes.push(put(FIRST, content, &statement.id, Expected::Anything)?);
        }
    }
    if says_now.is_none() {
        changes.push(removal(REPEAT, key(statement.position)));
    }
    // Whoever is in the middle of a step read the statement before, and is to read it again.
    if let Some(progress) = Bookmark::put_again(records, PROGRESS).await? {
        changes.push(progress);
    }
    Ok(changes)
}

fn removal(collection: Collection, key: Vec<u8>) -> Change {
    Change {
        collection,
        key,
        value: None,
        expected: Expected::Anything,
    }
}

fn flag(statement: &StoredStatement, first: StatementId) -> Result<Change, StoreError> {
    let repeat = Repeat {
        position: statement.position,
        statement: statement.id,
        stored: statement.stored,
        repeats: first,
        space: statement.space.clone(),
    };
    put(REPEAT, key(statement.position), &repeat, Expected::Anything)
}

fn key(position: Position) -> Vec<u8> {
    position.0.to_be_bytes().to_vec()
}

fn content_key(statement: &StoredStatement) -> Result<Vec<u8>, StoreError> {
    let content = varde_xapi::repeat_hash(&statement.body).map_err(StoreError::failed)?;
    let mut hasher = Sha256::new();
    hasher.update(statement.space.to_string().as_bytes());
    hasher.update(content);
    Ok(hasher.finalize().iter().take(16).copied().collect())
}

fn put(
    collection: Collection,
    key: Vec<u8>,
    value: &impl Serialize,
    expected: Expected,
) -> Result<Change, StoreError> {
    let value = Some(serde_json::to_vec(value).map_err(StoreError::failed)?);
    Ok(Change {
        collection,
        key,
        value,
        expected,
    })
}
