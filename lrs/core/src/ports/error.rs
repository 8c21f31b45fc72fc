//! Why a store could not do what it was asked, by meaning.

use thiserror::Error;
use varde_xapi::StatementId;

use super::Position;

/// A store's failure. The driver's own error travels as the source, for the log.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store can take no more work now; nothing was written, and trying again later may work.
    #[error("the store is busy")]
    Busy,
    /// The disk, folder or database refuses writes; reading may go on.
    #[error("the store cannot be written: {reason}")]
    Unwritable {
        /// What to mend, for the person who runs the server.
        reason: String,
    },
    /// A row whose checksum does not fit its content.
    #[error("the row at position {position} (statement {id:?}) is damaged")]
    Damaged {
        /// The row's place in the log.
        position: Position,
        /// The statement's id, where the row is a statement.
        id: Option<StatementId>,
    },
    /// What finds rows does not lead where the rows say. It is derived from them and is made anew by
    /// itself; nothing was written, and trying again later may work.
    #[error("the index is damaged ({reason}); it is made anew from the log, so try again later")]
    Index {
        /// What does not fit, without what a statement says.
        reason: String,
    },
    /// What is known of persons cannot be read without the key-encryption key, which is missing.
    /// Statements go on; what needs persons goes on by itself once the key is back.
    #[error(
        "this store is sealed: its key-encryption key is missing, so nothing that needs persons is \
         done; put the key back, for instance the copy in escrow"
    )]
    Sealed,
    /// The store failed in another way.
    #[error("the store failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Wraps a driver's error that has no nearer meaning.
    pub fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed(source.into())
    }
}
