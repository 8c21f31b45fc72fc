//! The statement log: the one place where everything that became known stands in order.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;
use varde_xapi::{Assigned, StatementId, Stored};

use super::{Change, Collection, Committed, EraseError, Erasure, StoreError, TermKey, Tombstone};
use crate::{KeyId, Space};

/// How far a statement's `timestamp` may lie past its `stored`.
const FUTURE_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// A place in the log: 1 for the first event, dense, never reused. 0 stands before the first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Position(pub u64);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

/// A validated statement with all that the caller decides; the store adds position and `stored`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStatement {
    /// The statement's id; unique over all live spaces, and apart from that over all test spaces.
    pub id: StatementId,
    /// The id's spelling as sent, where it is not the lower-case form.
    pub id_text: Option<String>,
    /// The space of the key that writes.
    pub space: Space,
    /// The key that writes.
    pub key: KeyId,
    /// The authority as JSON text, given back as it stands.
    pub authority: Arc<str>,
    /// The `version` member, as sent or by default.
    pub version: String,
    /// The statement's `timestamp`; `None` where none was sent, and `stored` counts for it.
    pub timestamp: Option<jiff::Timestamp>,
    /// The fingerprint that tells a re-send from a conflict (xAPI 1.0.3 Data 2.3.1).
    pub equality: [u8; 32],
    /// The sender's text without `id`, `stored`, `authority` and `version`.
    pub body: String,
    /// What the standard's filters find it by; a statement that refers to it inherits these.
    pub terms: Vec<TermKey>,
    /// What bounds its readers (its space, its authority); never inherited.
    pub scope: Vec<TermKey>,
    /// The target, when the object is a `StatementRef`.
    pub refers_to: Option<StatementId>,
    /// The target, when it voids one of its own space (xAPI 1.0.3 Data 2.3.2).
    pub voids: Option<StatementId>,
}

/// A statement as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredStatement {
    /// Its place in the log.
    pub position: Position,
    /// When it became known; unique and strictly increasing with the position.
    pub stored: Stored,
    /// Its id.
    pub id: StatementId,
    /// The id's spelling as sent, where it is not the lower-case form.
    pub id_text: Option<String>,
    /// The space it was written in.
    pub space: Space,
    /// The key that wrote it.
    pub key: KeyId,
    /// The authority as JSON text.
    pub authority: Arc<str>,
    /// The `version` member.
    pub version: String,
    /// The statement's `timestamp`, cut to microseconds; `None` where none was sent.
    pub timestamp: Option<jiff::Timestamp>,
    /// The fingerprint that tells a re-send from a conflict.
    pub equality: [u8; 32],
    /// The sender's text without the members that the store adds when it is read.
    pub body: String,
    /// The target, when the object is a `StatementRef`.
    pub refers_to: Option<StatementId>,
    /// The target, when it voids one.
    pub voids: Option<StatementId>,
}

impl StoredStatement {
    /// Returns the statement as it is stored in another log, with what it is found by.
    pub fn anew(self, terms: Vec<TermKey>, scope: Vec<TermKey>) -> NewStatement {
        NewStatement {
            id: self.id,
            id_text: self.id_text,
            space: self.space,
            key: self.key,
            authority: self.authority,
            version: self.version,
            timestamp: self.timestamp,
            equality: self.equality,
            body: self.body,
            terms,
            scope,
            refers_to: self.refers_to,
            voids: self.voids,
        }
    }

    /// Returns the statement as a reader sees it, with the store's members spliced in.
    pub fn text(&self) -> String {
        let mut id = Uuid::encode_buffer();
        let id = self.id.0.as_hyphenated().encode_lower(&mut id);
        varde_xapi::splice(
            &self.body,
            &Assigned {
                id: self.id_text.as_deref().unwrap_or(id),
                stored: self.stored,
                authority: &self.authority,
                version: &self.version,
                timestamp_absent: self.timestamp.is_none(),
            },
        )
    }

    /// Returns the instant the statement speaks of: its `timestamp`, else `stored`.
    pub fn happened(&self) -> jiff::Timestamp {
        self.timestamp.unwrap_or_else(|| self.stored.instant())
    }

    /// Tells whether it speaks of an instant further past its `stored` than clocks differ. Such a
    /// statement is never counted.
    pub fn is_from_the_future(&self) -> bool {
        self.happened().duration_since(self.stored.instant()) > FUTURE_MAX
    }
}

/// What the log says of one position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// Its place in the log.
    pub position: Position,
    /// When it became known.
    pub stored: Stored,
    /// What became known.
    pub what: Happened,
}

/// What can become known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A statement arrived (a voiding one too).
    Statement(Box<StoredStatement>),
    /// A statement arrived here, and was erased since.
    Erased(Tombstone),
    /// Records changed in a way that counts: the event's kind and its JSON text.
    Event(EventKind, String),
}

/// The kinds of event that are not statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// Rows were added to the registers.
    Registers,
    /// A definition became current.
    Activation,
    /// Statements and what belongs to them were erased.
    Erasure,
}

/// Whether a statement is asked for as valid or as voided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Only when no voiding statement of its space targets it.
    Valid,
    /// Only when one does.
    Voided,
}

/// Which statements a page holds. All conditions hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery {
    /// The spaces read, never empty; the row's own space must be one of them.
    pub spaces: Vec<Space>,
    /// Conditions on the statement itself: each list is met by any one of its terms.
    pub scope: Vec<Vec<TermKey>>,
    /// Conditions of the standard's filters: the statement meets all of them itself, or one
    /// statement that it refers to does, however far (xAPI 1.0.3 Communication 2.1.3).
    pub filters: Vec<Vec<TermKey>>,
    /// Only `stored` later than this.
    pub since: Option<Stored>,
    /// Only `stored` up to and including this.
    pub until: Option<Stored>,
    /// Oldest first when true, newest first otherwise.
    pub ascending: bool,
    /// The most statements to return, 1 or more.
    pub limit: usize,
    /// Continue behind this position, in the direction of the page.
    pub after: Option<Position>,
    /// Nothing beyond this position: the head when the first page was made.
    pub through: Option<Position>,
    /// Whether voided statements are among them; no reader of the standard sees those on a page.
    pub voided: bool,
}

/// One page of statements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The statements, in the order asked for.
    pub statements: Vec<StoredStatement>,
    /// Whether more would follow under the same query.
    pub more: bool,
    /// The head of the log that this page was bounded by.
    pub through: Position,
}

/// What an append did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// How many statements were new; the others stood there already and were equal.
    pub new: usize,
    /// The last position that the batch rests on (of a re-send: where it stands).
    pub last: Position,
}

/// Why a batch was not appended. Nothing of it was.
#[derive(Debug, Error)]
pub enum AppendError {
    /// A different statement stands under one of the ids, or one of another space does.
    #[error("another statement has the id {id}")]
    Conflict {
        /// The id in question.
        id: StatementId,
        /// Its place in the batch, from 0.
        index: usize,
    },
    /// The statement that had one of the ids was erased, and is not stored again.
    #[error("the statement with the id {id} was erased")]
    Erased {
        /// The id in question.
        id: StatementId,
        /// Its place in the batch, from 0.
        index: usize,
    },
    /// A record that is to change beside the batch is not as expected.
    #[error("a record of {collection} is not as expected")]
    Beside {
        /// The record's collection.
        collection: Collection,
        /// Its key.
        key: Vec<u8>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where statements live.
#[async_trait]
pub trait StatementLog: Debug + Send + Sync + 'static {
    /// Appends the whole batch or none of it, durable when this returns.
    ///
    /// A statement equal to the one that has its id, in the same space, is a no-op; another is a
    /// conflict, and so is any whose id an erased one had. Positions and `stored` follow the batch's order. Visible to every later call.
    async fn append(&self, batch: Vec<NewStatement>) -> Result<Appended, AppendError> {
        self.append_with(batch, Vec::new()).await
    }

    /// Does the same, and changes records in the same act: all of both, or nothing. What the
    /// batch is refused for is told before what the changes are.
    ///
    /// The changes have no bound of their own: what they come from is bounded with the batch.
    async fn append_with(
        &self,
        batch: Vec<NewStatement>,
        beside: Vec<Change>,
    ) -> Result<Appended, AppendError>;

    /// Returns the statement of that id in one of the spaces, when it stands as asked. Where a
    /// live and a test space are asked for and both have one, it is the live one.
    async fn get(
        &self,
        spaces: &[Space],
        id: StatementId,
        standing: Standing,
    ) -> Result<Option<StoredStatement>, StoreError>;

    /// Returns where the statement of that id stands in a space, voided and erased ones too.
    async fn position(
        &self,
        space: &Space,
        id: StatementId,
    ) -> Result<Option<Position>, StoreError>;

    /// Returns one page in the order of `stored`.
    async fn page(&self, query: &PageQuery) -> Result<Page, StoreError>;

    /// Returns up to `limit` events behind a position, in order, without a gap.
    async fn follow(&self, after: Position, limit: usize) -> Result<Vec<LogEvent>, StoreError>;

    /// Returns up to `limit` events of one kind behind a position, in order; statements are
    /// skipped without being read.
    async fn events(
        &self,
        kind: EventKind,
        after: Position,
        limit: usize,
    ) -> Result<Vec<LogEvent>, StoreError>;

    /// Rewrites rows of the log where they stand, applies the changes and appends the events, all
    /// of it or nothing; durable when this returns.
    ///
    /// From then on a row is found by what it says now, and by nothing that it said before; so are
    /// the statements that refer to it, however far. Whom a row voids and to whom it refers stays.
    async fn erase(&self, erasure: Erasure) -> Result<Committed, EraseError>;

    /// Removes what was erased, replaced or deleted from wherever the store's files still hold it:
    /// unused space, journals. Takes as long as copying the whole store, while nothing is written.
    ///
    /// Returns what it cannot remove, and who can, in one sentence. It is [`StoreError::Busy`] where a
    /// reader held on too long; then it is to be done again.
    async fn scrub(&self) -> Result<Option<&'static str>, StoreError>;

    /// Returns the last position of the log, 0 when it is empty.
    async fn head(&self) -> Result<Position, StoreError>;

    /// Waits until the head lies behind the given position.
    async fn grown(&self, beyond: Position) -> Result<(), StoreError>;

    /// Returns an instant such that everything stored up to it is visible, and nothing will ever
    /// be stored at or before it again. Moves with the clock.
    async fn consistent_through(&self) -> Result<Stored, StoreError>;
}
