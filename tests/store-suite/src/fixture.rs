use std::any::Any;
use std::sync::Arc;

use varde_core::ports::{
    AppendError, Appended, Attachments, Change, Changes, Collection, CommitError, Committed,
    EventKind, Expected, LogEvent, NewEvent, Page, PageQuery, Position, Records, StatementLog,
    StoredStatement, TermKey,
};
use varde_test_support::{Draft, TestClock, space};
use varde_xapi::StatementId;

/// A fresh, empty store behind its ports, and the clock that it asks.
#[derive(Debug)]
pub struct Fixture {
    /// The store as a statement log.
    pub log: Arc<dyn StatementLog>,
    /// The same store as records.
    pub records: Arc<dyn Records>,
    /// The same store as attachments.
    pub attachments: Arc<dyn Attachments>,
    /// The clock, which stands until a test moves it.
    pub clock: Arc<TestClock>,
    /// What must live as long as the store, such as its folder.
    _kept: Box<dyn Any + Send + Sync>,
}

impl Fixture {
    /// Wraps a store; `kept` lives until the test ends.
    pub fn new<S: StatementLog + Records + Attachments>(
        store: S,
        clock: Arc<TestClock>,
        kept: impl Any + Send + Sync,
    ) -> Self {
        let store = Arc::new(store);
        Self {
            log: Arc::clone(&store) as _,
            records: Arc::clone(&store) as _,
            attachments: store,
            clock,
            _kept: Box::new(kept),
        }
    }

    /// Appends a batch, which may be refused.
    pub(crate) async fn try_append<const N: usize>(
        &self,
        batch: [Draft; N],
    ) -> Result<Appended, AppendError> {
        self.log.append(batch.map(Draft::build).to_vec()).await
    }

    /// Appends a batch.
    pub(crate) async fn append<const N: usize>(&self, batch: [Draft; N]) -> Appended {
        self.try_append(batch).await.expect("the batch is appended")
    }

    /// Appends a batch that is in conflict, and returns the id and index named.
    pub(crate) async fn conflict<const N: usize>(&self, batch: [Draft; N]) -> (StatementId, usize) {
        match self.try_append(batch).await {
            Err(AppendError::Conflict { id, index }) => (id, index),
            other => panic!("expected a conflict, got {other:?}"),
        }
    }

    pub(crate) async fn page(&self, query: &PageQuery) -> Page {
        self.log.page(query).await.expect("the page is read")
    }

    /// Returns the ids of the page.
    pub(crate) async fn found(&self, query: &PageQuery) -> Vec<StatementId> {
        ids(&self.page(query).await.statements)
    }

    /// Returns the whole log.
    pub(crate) async fn events(&self) -> Vec<LogEvent> {
        let all = self.log.follow(Position(0), usize::MAX);
        all.await.expect("the log is followed")
    }

    /// Returns the statement of that number in the space `sing`, whether voided or not.
    pub(crate) async fn statement(&self, number: u64) -> Option<StoredStatement> {
        use varde_core::ports::Standing::{Valid, Voided};
        let (spaces, id) = ([space("sing")], Draft::id(number));
        let valid = self
            .log
            .get(&spaces, id, Valid)
            .await
            .expect("the statement is read");
        let voided = self
            .log
            .get(&spaces, id, Voided)
            .await
            .expect("the statement is read");
        assert!(valid.is_none() || voided.is_none(), "both valid and voided");
        valid.or(voided)
    }

    pub(crate) async fn head(&self) -> Position {
        self.log.head().await.expect("the head is read")
    }

    /// Commits changes and events, which may be refused.
    pub(crate) async fn try_commit<const N: usize>(
        &self,
        changes: [Change; N],
        events: &[&str],
    ) -> Result<Committed, CommitError> {
        let events = events
            .iter()
            .map(|body| event(EventKind::Registers, body))
            .collect();
        let changes = Changes {
            changes: changes.to_vec(),
            events,
            import: false,
        };
        self.records.commit(changes).await
    }

    /// Commits changes and events.
    pub(crate) async fn commit<const N: usize>(
        &self,
        changes: [Change; N],
        events: &[&str],
    ) -> Committed {
        let committed = self.try_commit(changes, events).await;
        committed.expect("the commit is made")
    }
}

/// Returns the query for everything in the space `sing`, oldest first.
pub(crate) fn everything() -> PageQuery {
    PageQuery {
        spaces: vec![space("sing")],
        scope: Vec::new(),
        filters: Vec::new(),
        since: None,
        until: None,
        ascending: true,
        limit: 1_000,
        after: None,
        through: None,
        voided: false,
    }
}

/// Returns the query for statements that meet all the lists, each by any of its terms.
pub(crate) fn filtered(lists: &[&[u64]]) -> PageQuery {
    PageQuery {
        filters: terms(lists),
        ..everything()
    }
}

pub(crate) fn terms(lists: &[&[u64]]) -> Vec<Vec<TermKey>> {
    lists
        .iter()
        .map(|list| list.iter().copied().map(TermKey).collect())
        .collect()
}

/// Returns the ids of the statements of these numbers.
pub(crate) fn numbers<const N: usize>(numbers: [u64; N]) -> Vec<StatementId> {
    numbers.map(Draft::id).to_vec()
}

pub(crate) fn ids(statements: &[StoredStatement]) -> Vec<StatementId> {
    statements.iter().map(|statement| statement.id).collect()
}

pub(crate) fn event(kind: EventKind, body: &str) -> NewEvent {
    NewEvent {
        kind,
        body: body.to_owned(),
    }
}

/// The collection that most behaviours use.
pub(crate) const STONES: Collection = Collection("stones");

/// Returns the change that puts a record, whatever is there.
pub(crate) fn put(key: &str, value: &str) -> Change {
    Change {
        collection: STONES,
        key: key.as_bytes().to_vec(),
        value: Some(value.as_bytes().to_vec()),
        expected: Expected::Anything,
    }
}

/// Returns the change that deletes a record, whatever is there.
pub(crate) fn delete(key: &str) -> Change {
    Change {
        value: None,
        ..put(key, "")
    }
}
