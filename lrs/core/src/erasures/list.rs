//! The list of erasures that is kept outside of backups.

use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_xapi::Stored;

use super::ErasureId;

/// An erasure as a restored store needs it to do it again: ids and keyed hashes only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedErasure {
    /// The erasure.
    pub erasure: ErasureId,
    /// When it was decided.
    pub at: Stored,
    /// The keyed hashes of the names that were erased, in hexadecimal digits; they say something
    /// only beside the store's key-encryption key.
    pub names: Vec<String>,
    /// What was restricted on request: until when and why.
    pub restricted: Option<super::Until>,
    /// Whether the restriction was lifted since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lifted: bool,
}

/// Why the list could not be read or written, for the person who runs the server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct ListUnread(pub String);

/// Where the list is.
#[async_trait]
pub trait ErasureList: Debug + Send + Sync + 'static {
    /// Adds an erasure, durable when this returns. One of the same id is replaced.
    async fn add(&self, erasure: &ListedErasure) -> Result<(), ListUnread>;

    /// Returns every erasure, in the order of time.
    async fn all(&self) -> Result<Vec<ListedErasure>, ListUnread>;
}
