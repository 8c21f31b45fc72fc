//! What came in: counted behind the log by key and day, so that nobody reads statements to tell it.
//!
//! - [`Arrivals`]: follows the log, flags repeats and counts.
//! - [`Counts`]: what is counted.
//! - [`Sources`]: what is told of the keys that statements come by.
//! - [`SourceTable`]: the answer, and the same as CSV.

mod counts;
mod rhythm;
mod senders;
mod sources;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use varde_xapi::Stored;

pub use self::counts::Counts;
use self::counts::{Month, Seen, day, month_key, seen_key};
pub use self::rhythm::Rhythm;
use self::senders::Senders;
pub use self::sources::{SourceQuery, Sources, SourcesError, WINDOW_DAYS_MAX, Window};
pub use self::table::{Source, SourceDay, SourceRepeats, SourceTable};
use crate::KeyId;
use crate::bookmark::Bookmark;
use crate::ports::{
    Change, Collection, Expected, Happened, LogEvent, Position, Records, StatementLog, StoreError,
    StoredStatement,
};
use crate::statements::Repeats;

/// key and space → [`Seen`].
const SEEN: Collection = Collection("arrivals-seen");
/// key, month and space → [`Month`].
const MONTHS: Collection = Collection("arrivals-month");
/// key and position, the newest first → nothing: a repeat that the key sent.
const REPEATS: Collection = Collection("arrivals-repeat");
/// How far the log was counted.
const PROGRESS: Collection = Collection("arrivals-progress");
/// How many events one step counts; each makes three changes at most.
const EVENTS_PER_STEP: usize = 300;

/// Flags repeats, and counts what came in.
#[derive(Debug, Clone)]
pub struct Arrivals {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    repeats: Repeats,
    senders: Senders,
    bookmark: Bookmark,
}

impl Arrivals {
    /// Works on one store.
    pub fn new(log: Arc<dyn StatementLog>, records: Arc<dyn Records>) -> Self {
        let repeats = Repeats::new(Arc::clone(&log), Arc::clone(&records));
        let bookmark = Bookmark::new(Arc::clone(&log), Arc::clone(&records), PROGRESS);
        Self {
            senders: Senders::new(Arc::clone(&records)),
            log,
            records,
            repeats,
            bookmark,
        }
    }

    /// Flags and counts some further events and tells whether there were any. Done twice at once, each
    /// is counted once: how far it has come moves on in the commit of what was counted.
    pub async fn step(&self) -> Result<bool, StoreError> {
        let flagged = self.repeats.step().await?;
        Ok(self.count().await? || flagged)
    }

    /// Waits until there is something to count.
    pub async fn rest(&self) -> Result<(), StoreError> {
        self.bookmark.rest().await
    }

    /// Returns through which instant what came in is counted; `None` before the first event is.
    pub(crate) async fn complete_through(&self) -> Result<Option<Stored>, StoreError> {
        let through = self.log.consistent_through().await?;
        let head = self.log.head().await?;
        let counted = self.bookmark.read().await?.position;
        if counted >= head {
            return Ok(Some(through));
        }
        let Some(before) = counted.0.checked_sub(1) else {
            return Ok(None);
        };
        let last = self.log.follow(Position(before), 1).await?;
        Ok(last.first().map(|event| event.stored))
    }

    /// Counts events that were looked at for repeats before.
    async fn count(&self) -> Result<bool, StoreError> {
        let from = self.bookmark.read().await?;
        let flagged = self.repeats.reached().await?;
        let mut events = self.log.follow(from.position, EVENTS_PER_STEP).await?;
        events.retain(|event| event.position <= flagged);
        let Some(last) = events.last().map(|event| event.position) else {
            return Ok(false);
        };
        let repeats = self.repeats.flagged(from.position, last).await?;
        let changes = self.counted(&events, &repeats).await?;
        self.bookmark.move_on(from, last, changes).await?;
        Ok(true)
    }

    async fn counted(
        &self,
        events: &[LogEvent],
        repeats: &BTreeSet<Position>,
    ) -> Result<Vec<Change>, StoreError> {
        let mut months: BTreeMap<Vec<u8>, Month> = BTreeMap::new();
        let mut seen: BTreeMap<Vec<u8>, Seen> = BTreeMap::new();
        let mut changes = Vec::new();
        for statement in events.iter().filter_map(statement) {
            let key = self.senders.key_of(statement).await?;
            let day = day(statement.stored);
            let is_repeat = repeats.contains(&statement.position);
            let at = month_key(key, &statement.space, day);
            if !months.contains_key(&at) {
                let before = self.read(MONTHS, &at).await?.unwrap_or_default();
                months.insert(at.clone(), before);
            }
            let month = months.entry(at).or_default();
            *month.entry(day.day()).or_default() += Counts::of(statement, is_repeat);
            let at = seen_key(key, &statement.space);
            let before = match seen.get(&at) {
                Some(before) => Some(*before),
                None => self.read(SEEN, &at).await?,
            };
            seen.insert(at, Seen::again(before, statement.stored));
            if is_repeat {
                changes.push(put(REPEATS, repeat_key(key, statement.position), &())?);
            }
        }
        for (key, month) in months {
            changes.push(put(MONTHS, key, &month)?);
        }
        for (key, seen) in seen {
            changes.push(put(SEEN, key, &seen)?);
        }
        Ok(changes)
    }

    async fn read<T: DeserializeOwned>(
        &self,
        collection: Collection,
        key: &[u8],
    ) -> Result<Option<T>, StoreError> {
        let record = self.records.get(collection, key).await?;
        let read = record.map(|record| serde_json::from_slice(&record.value));
        read.transpose().map_err(StoreError::failed)
    }
}

impl Seen {
    fn again(before: Option<Self>, stored: Stored) -> Self {
        Self {
            first: before.map_or(stored, |before| before.first),
            last: stored,
            statements: before.map_or(1, |before| before.statements.saturating_add(1)),
        }
    }
}

/// Returns the statement of an event. What was erased before it was counted has no key any more.
fn statement(event: &LogEvent) -> Option<&StoredStatement> {
    match &event.what {
        Happened::Statement(statement) => Some(statement),
        Happened::Erased(_) | Happened::Event(..) => None,
    }
}

fn repeat_key(key: KeyId, position: Position) -> Vec<u8> {
    let mut bytes = key.0.as_bytes().to_vec();
    bytes.extend((!position.0).to_be_bytes());
    bytes
}

/// Returns a change that nothing but the bookmark guards: who counts at the same time loses there.
fn put(collection: Collection, key: Vec<u8>, value: &impl Serialize) -> Result<Change, StoreError> {
    Ok(Change {
        collection,
        key,
        value: Some(serde_json::to_vec(value).map_err(StoreError::failed)?),
        expected: Expected::Anything,
    })
}
