//! Attachments: the bytes that statements name by their digest, kept beside the log.

use std::fmt::Debug;

use async_trait::async_trait;
use thiserror::Error;
use varde_xapi::Stored;

use super::StoreError;
use crate::Space;

/// What the bytes of an attachment are found by (xAPI 1.0.3 Data 2.4.11).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttachmentName {
    /// The space of the statements that may name them.
    pub space: Space,
    /// Their SHA-2 digest: 56, 64, 96 or 128 lower-case hexadecimal digits.
    pub sha2: String,
}

/// Why bytes were not kept. Nothing of them is found.
#[derive(Debug, Error)]
pub enum KeepError {
    /// Their digest is not the one they were to be found by.
    #[error("the bytes have the digest {found}")]
    Digest {
        /// The digest that they have.
        found: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where the bytes of attachments live.
#[async_trait]
pub trait Attachments: Debug + Send + Sync + 'static {
    /// Begins to take bytes in. They are found once they are kept, not before.
    async fn write(&self, name: AttachmentName) -> Result<Box<dyn AttachmentWriter>, StoreError>;

    /// Begins to give bytes out; `None` when none of that digest are kept in that space.
    async fn read(
        &self,
        name: &AttachmentName,
    ) -> Result<Option<Box<dyn AttachmentReader>>, StoreError>;

    /// Returns up to `limit` names of bytes that were last kept before an instant, behind the
    /// given name, in an order of the store's own that does not change.
    async fn kept_before(
        &self,
        instant: Stored,
        after: Option<&AttachmentName>,
        limit: usize,
    ) -> Result<Vec<AttachmentName>, StoreError>;

    /// Removes bytes that were last kept before an instant, and tells whether it did.
    ///
    /// Bytes kept again at or after that instant stay: a statement that names them is on its way.
    async fn remove(&self, name: &AttachmentName, before: Stored) -> Result<bool, StoreError>;

    /// Removes bytes that began to be taken in before an instant and were not kept, since their
    /// process was killed; returns of how many attachments.
    async fn remove_unkept(&self, before: Stored) -> Result<usize, StoreError>;
}

/// Takes in the bytes of one attachment. Dropped before they are kept, it leaves nothing.
#[async_trait]
pub trait AttachmentWriter: Debug + Send {
    /// Takes the next bytes, of any number.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Keeps the bytes under their name, durable when this returns, as of the present instant of
    /// the store's clock.
    ///
    /// They are kept only when they have the digest of their name. Where the same are kept
    /// already, only the instant moves.
    async fn keep(self: Box<Self>) -> Result<(), KeepError>;
}

/// Gives out the bytes of one attachment.
#[async_trait]
pub trait AttachmentReader: Debug + Send {
    /// Returns the next bytes, never an empty run of them; `None` once all are given.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError>;
}
