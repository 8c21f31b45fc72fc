//! The sealed text of a `more` link: nobody but this store can read or make one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Selection;
use crate::ports::{Position, Records, StoreError};
use crate::sealing::Sealing;
use crate::{Entropy, KeyId};

/// Why a `more` link could not be followed.
#[derive(Debug, Error)]
pub enum MoreError {
    /// It was altered, made elsewhere, or made for another key.
    #[error("this `more` link was not made by this record store for this credential")]
    Foreign,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a `more` link carries.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Continued {
    pub(super) selection: Selection,
    pub(super) after: Position,
    pub(super) through: Position,
}

/// Seals and opens `more` links with a key kept in the store.
#[derive(Debug)]
pub struct Seal(Sealing);

impl Seal {
    /// Works with the key of a store, which is made when it is first needed.
    pub(super) fn new(records: Arc<dyn Records>, entropy: Arc<dyn Entropy>) -> Self {
        Self(Sealing::new(records, entropy, "more"))
    }

    pub(super) async fn close(
        &self,
        caller: KeyId,
        selection: &Selection,
        after: Position,
        through: Position,
    ) -> Result<String, StoreError> {
        let continued = Continued {
            selection: selection.clone(),
            after,
            through,
        };
        self.0.close(&continued, caller.0.as_bytes()).await
    }

    pub(super) async fn open(&self, caller: KeyId, more: &str) -> Result<Continued, MoreError> {
        let opened = self.0.open(more, caller.0.as_bytes()).await?;
        opened.ok_or(MoreError::Foreign)
    }
}
