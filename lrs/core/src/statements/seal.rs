//! The sealed text of a `more` link: nobody but this store can read or make one.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Selection;
use crate::ports::{
    Change, Changes, Collection, CommitError, Expected, Position, Records, StoreError,
};
use crate::{Entropy, KeyId};

/// Keys of the store itself, shared by all its processes.
const SECRET: Collection = Collection("secret");
const MORE: &[u8] = b"more";
const NONCE_BYTES: usize = 24;

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
pub struct Seal {
    records: Arc<dyn Records>,
    entropy: Arc<dyn Entropy>,
    key: OnceLock<[u8; 32]>,
}

impl Seal {
    /// Works with the key of a store, which is made when it is first needed.
    pub(super) fn new(records: Arc<dyn Records>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            records,
            entropy,
            key: OnceLock::new(),
        }
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
        let text = serde_json::to_vec(&continued).map_err(StoreError::failed)?;
        let mut nonce = [0; NONCE_BYTES];
        self.entropy.fill(&mut nonce);
        let payload = Payload {
            msg: &text,
            aad: caller.0.as_bytes(),
        };
        let sealed = self
            .cipher()
            .await?
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::failed("a `more` link could not be sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    pub(super) async fn open(&self, caller: KeyId, more: &str) -> Result<Continued, MoreError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(more)
            .map_err(|_| MoreError::Foreign)?;
        let (nonce, sealed) = bytes
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(MoreError::Foreign)?;
        let payload = Payload {
            msg: sealed,
            aad: caller.0.as_bytes(),
        };
        let text = self
            .cipher()
            .await?
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| MoreError::Foreign)?;
        serde_json::from_slice(&text).map_err(|_| MoreError::Foreign)
    }

    async fn cipher(&self) -> Result<XChaCha20Poly1305, StoreError> {
        let key = if let Some(key) = self.key.get() {
            *key
        } else {
            let key = self.load_or_make().await?;
            *self.key.get_or_init(|| key)
        };
        Ok(XChaCha20Poly1305::new(&key.into()))
    }

    async fn load_or_make(&self) -> Result<[u8; 32], StoreError> {
        if let Some(key) = self.load().await? {
            return Ok(key);
        }
        let mut key = [0; 32];
        self.entropy.fill(&mut key);
        let change = Change {
            collection: SECRET,
            key: MORE.to_vec(),
            value: Some(key.to_vec()),
            expected: Expected::Absent,
        };
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        match self.records.commit(changes).await {
            Ok(_) => Ok(key),
            // Another process made one first.
            Err(CommitError::Conflict { .. }) => self
                .load()
                .await?
                .ok_or_else(|| StoreError::failed("the seal's key is gone")),
            Err(CommitError::Store(error)) => Err(error),
            Err(too_large) => Err(StoreError::failed(too_large)),
        }
    }

    async fn load(&self) -> Result<Option<[u8; 32]>, StoreError> {
        let record = self.records.get(SECRET, MORE).await?;
        record
            .map(|record| {
                record
                    .value
                    .try_into()
                    .map_err(|_| StoreError::failed("the seal's key is damaged"))
            })
            .transpose()
    }
}
