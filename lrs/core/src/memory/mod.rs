//! The memory store: the simplest correct form of all three ports.
//!
//! It is the model that other stores are compared with, so it favours the obvious over the fast:
//! one lock, plain vectors and maps, and a look at every row for every question.

mod attachments;
mod erasure;
mod log;
mod records;
mod references;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use async_trait::async_trait;
use varde_xapi::{StatementId, Stored};

use self::attachments::Kept;
use self::log::Row;
use crate::Clock;
use crate::Space;
use crate::ports::{
    AppendError, Appended, Change, Changes, Collection, CommitError, Committed, EraseError,
    Erasure, EventKind, KeyRange, LogEvent, NewStatement, Page, PageQuery, Position, Record,
    Records, Standing, StatementLog, StoreError, StoredStatement,
};

/// A store that forgets everything when it is dropped.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    kept: Kept,
}

/// Everything the store holds. Whoever holds its lock sees one moment.
#[derive(Debug, Default)]
struct State {
    /// The log: position 1 is the first element.
    rows: Vec<Row>,
    /// The place in `rows` of each id, of live and of test spaces.
    ids: HashMap<(StatementId, bool), usize>,
    records: BTreeMap<(Collection, Vec<u8>), Record>,
    /// How many commits happened.
    commits: u64,
    /// The latest instant that was stored or shown as consistent; the next `stored` lies behind.
    given: Option<Stored>,
    /// Who waits for the log to grow.
    waiting: Vec<Waker>,
}

impl MemoryStore {
    /// Makes an empty store that takes `stored` from this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            state: Mutex::default(),
            kept: Kept::default(),
        }
    }

    /// Returns the collections that hold a record, for tests that look at all there is.
    pub fn collections(&self) -> BTreeSet<Collection> {
        let state = self.state();
        let collections = state.records.keys().map(|(collection, _)| *collection);
        collections.collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl StatementLog for MemoryStore {
    async fn append_with(
        &self,
        batch: Vec<NewStatement>,
        beside: Vec<Change>,
    ) -> Result<Appended, AppendError> {
        self.state().append(self.clock.now(), batch, beside)
    }

    async fn get(
        &self,
        spaces: &[Space],
        id: StatementId,
        standing: Standing,
    ) -> Result<Option<StoredStatement>, StoreError> {
        Ok(self.state().get(spaces, id, standing).cloned())
    }

    async fn position(
        &self,
        space: &Space,
        id: StatementId,
    ) -> Result<Option<Position>, StoreError> {
        Ok(self.state().position(space, id))
    }

    async fn page(&self, query: &PageQuery) -> Result<Page, StoreError> {
        Ok(self.state().page(query))
    }

    async fn follow(&self, after: Position, limit: usize) -> Result<Vec<LogEvent>, StoreError> {
        Ok(self.state().events(after).take(limit).cloned().collect())
    }

    async fn events(
        &self,
        kind: EventKind,
        after: Position,
        limit: usize,
    ) -> Result<Vec<LogEvent>, StoreError> {
        let state = self.state();
        let of_kind = state.events(after).filter(|event| log::is(event, kind));
        Ok(of_kind.take(limit).cloned().collect())
    }

    async fn erase(&self, erasure: Erasure) -> Result<Committed, EraseError> {
        self.state().erase(self.clock.now(), erasure)
    }

    async fn scrub(&self) -> Result<Option<&'static str>, StoreError> {
        // What is replaced here is gone at once.
        Ok(None)
    }

    async fn head(&self) -> Result<Position, StoreError> {
        Ok(self.state().head())
    }

    async fn grown(&self, beyond: Position) -> Result<(), StoreError> {
        future::poll_fn(|context| {
            let mut state = self.state();
            if state.head() > beyond {
                return Poll::Ready(Ok(()));
            }
            state.waiting.push(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    async fn consistent_through(&self) -> Result<Stored, StoreError> {
        // Nothing is ever half stored, so all up to now is visible; what comes goes behind it.
        let mut state = self.state();
        let now = self.clock.now();
        let through = state.given.map_or(now, |given| given.max(now));
        state.given = Some(through);
        Ok(through)
    }
}

#[async_trait]
impl Records for MemoryStore {
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError> {
        Ok(self
            .state()
            .records
            .get(&(collection, key.to_vec()))
            .cloned())
    }

    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError> {
        Ok(self.state().range(collection, range))
    }

    async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        self.state().commit(self.clock.now(), changes)
    }
}
