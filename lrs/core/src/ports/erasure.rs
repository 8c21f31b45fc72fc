//! Erasure: the one act that changes what stands in the log, at its own position.

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;
use varde_xapi::StatementId;

use super::{Changes, CommitError, Position, StoreError, TermKey};
use crate::{KeyId, Space};

/// What is left of an erased statement. Its place, its `stored` and its id stay taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// The id that the statement had.
    pub id: StatementId,
    /// The space it was written in.
    pub space: Space,
    /// What its object was, when that was a `StatementRef`: references lead on through it.
    pub refers_to: Option<StatementId>,
    /// What it voided, which stays voided.
    pub voids: Option<StatementId>,
    /// What it counted as, naming nobody: JSON text that only the ledger reads.
    pub facts: String,
}

/// What becomes of one row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewrite {
    /// A statement, or what is left of one, becomes a [`Tombstone`] with these facts.
    Erase {
        /// The facts, as JSON text.
        facts: String,
    },
    /// A statement stays and says something else of a person.
    Change(ChangedStatement),
    /// What is left of a statement becomes that statement again.
    Restore(Box<RestoredStatement>),
    /// An event of another kind has another text.
    Event {
        /// The event's JSON text.
        body: String,
    },
}

/// What of a statement changes when a person is no longer named in it, or is again. All else stays,
/// also the fingerprint of what was sent: a re-send is recognised and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedStatement {
    /// The text without the members that the store adds.
    pub body: String,
    /// The authority as JSON text.
    pub authority: Arc<str>,
    /// What it is found by from now on, and what refers to it inherits.
    pub terms: Vec<TermKey>,
    /// What bounds its readers from now on.
    pub scope: Vec<TermKey>,
}

/// What a statement was besides what a [`Tombstone`] keeps of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredStatement {
    /// The id's spelling as sent, where it is not the lower-case form.
    pub id_text: Option<String>,
    /// The key that wrote it.
    pub key: KeyId,
    /// The `version` member.
    pub version: String,
    /// The statement's `timestamp`; `None` where none was sent.
    pub timestamp: Option<jiff::Timestamp>,
    /// The fingerprint that tells a re-send from a conflict.
    pub equality: [u8; 32],
    /// What it says and what it is found by.
    pub says: ChangedStatement,
}

/// Rows of the log to rewrite, with the changes of records and the events that belong to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Erasure {
    /// What becomes of which row. The bounds of a commit hold for rows and changes together.
    pub rows: BTreeMap<Position, Rewrite>,
    /// What is committed in the same act.
    pub changes: Changes,
}

/// Why an erasure did not happen. Nothing of it did.
#[derive(Debug, Error)]
pub enum EraseError {
    /// There is no such row, or it is of a kind that cannot be rewritten so.
    #[error("the row at position {position} is not there, or is of another kind")]
    Unfit {
        /// The position asked for.
        position: Position,
    },
    /// The changes that belong to it were not committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StoreError> for EraseError {
    fn from(error: StoreError) -> Self {
        Self::Commit(error.into())
    }
}

impl Erasure {
    /// Checks the length of each key, and the bounds that hold for everything but imports.
    pub fn check(&self) -> Result<(), CommitError> {
        self.changes
            .check_beside(self.rows.len(), row_bytes(&self.rows))
    }
}

/// Tells how many bytes rewritten rows hold.
pub(crate) fn row_bytes(rows: &BTreeMap<Position, Rewrite>) -> usize {
    let bytes = |rewrite: &Rewrite| match rewrite {
        Rewrite::Erase { facts } => facts.len(),
        Rewrite::Change(changed) => changed.body.len(),
        Rewrite::Restore(restored) => restored.says.body.len(),
        Rewrite::Event { body } => body.len(),
    };
    rows.values().map(bytes).sum()
}
