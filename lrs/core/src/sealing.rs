//! Texts that nobody but this store can read or make, such as `more` links and session tokens.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Entropy;
use crate::ports::{Change, Changes, Collection, CommitError, Expected, Records, StoreError};

/// Keys of the store itself, shared by all its processes.
const SECRET: Collection = Collection("secret");
const NONCE_BYTES: usize = 24;

/// Seals and opens texts of one kind, with a key kept in the store.
#[derive(Debug)]
pub(crate) struct Sealing {
    records: Arc<dyn Records>,
    entropy: Arc<dyn Entropy>,
    /// What the key is kept under.
    kind: &'static str,
    key: OnceLock<[u8; 32]>,
}

impl Sealing {
    /// Works with the key of a store for texts of a kind, which is made when it is first needed.
    pub(crate) fn new(
        records: Arc<dyn Records>,
        entropy: Arc<dyn Entropy>,
        kind: &'static str,
    ) -> Self {
        Self {
            records,
            entropy,
            kind,
            key: OnceLock::new(),
        }
    }

    /// Seals a value; only who names `beside` again opens it.
    pub(crate) async fn close(
        &self,
        value: &impl Serialize,
        beside: &[u8],
    ) -> Result<String, StoreError> {
        let text = serde_json::to_vec(value).map_err(StoreError::failed)?;
        let mut nonce = [0; NONCE_BYTES];
        self.entropy.fill(&mut nonce);
        let payload = Payload {
            msg: &text,
            aad: beside,
        };
        let sealed = self
            .cipher()
            .await?
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StoreError::failed("a text could not be sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Opens what was sealed; `None` where it was altered or made elsewhere.
    pub(crate) async fn open<T: DeserializeOwned>(
        &self,
        sealed: &str,
        beside: &[u8],
    ) -> Result<Option<T>, StoreError> {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(sealed) else {
            return Ok(None);
        };
        let Some((nonce, sealed)) = bytes.split_first_chunk::<NONCE_BYTES>() else {
            return Ok(None);
        };
        let payload = Payload {
            msg: sealed,
            aad: beside,
        };
        let text = (self.cipher().await?).decrypt(&XNonce::from(*nonce), payload);
        Ok(text
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok()))
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
            key: self.kind.as_bytes().to_vec(),
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
                .ok_or_else(|| StoreError::failed("a sealing key is gone")),
            Err(CommitError::Store(error)) => Err(error),
            Err(too_large) => Err(StoreError::failed(too_large)),
        }
    }

    async fn load(&self) -> Result<Option<[u8; 32]>, StoreError> {
        let record = self.records.get(SECRET, self.kind.as_bytes()).await?;
        record
            .map(|record| {
                record
                    .value
                    .try_into()
                    .map_err(|_| StoreError::failed("a sealing key is damaged"))
            })
            .transpose()
    }
}
