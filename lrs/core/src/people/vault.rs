//! The vault: what the key-encryption key opens.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};

use thiserror::Error;

use super::kek::{Fingerprint, KeyEncryptionKey};
use super::secret::SecretKey;
use super::{IdentityId, IdentityName};
use crate::Entropy;
use crate::ports::{Change, Changes, Collection, CommitError, Expected, Records, StoreError};

/// Keys of the store itself and what is to be known of them.
const SECRET: Collection = Collection("secret");
/// The fingerprint of the key-encryption key that the store was founded with.
const FINGERPRINT: &[u8] = b"kek-fingerprint";

/// Why a key could not be read from where it is kept, for the person who runs the server.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct KeyUnread(pub String);

/// Where the key-encryption key is kept, outside of the store.
pub trait KeySource: Debug + Send + Sync + 'static {
    /// Returns the key; `None` while there is none.
    fn read(&self) -> Result<Option<KeyEncryptionKey>, KeyUnread>;
}

/// Why a vault could not be opened.
#[derive(Debug, Error)]
pub enum VaultError {
    /// There is a key, but not the one that this store was founded with.
    #[error(
        "the key-encryption key here has the fingerprint {found}, but this store was founded with \
         the one of fingerprint {expected}; put that one in its place, for instance the copy in \
         escrow"
    )]
    Foreign {
        /// The fingerprint of the key that was found.
        found: Fingerprint,
        /// The fingerprint that the store holds.
        expected: Fingerprint,
    },
    /// The key is there and cannot be read.
    #[error("the key-encryption key cannot be read: {0}")]
    Unread(#[from] KeyUnread),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is derived from the key-encryption key; the key itself is not kept in memory.
#[derive(Debug)]
pub(super) struct Opened {
    lookup: SecretKey,
    wrap: SecretKey,
}

/// Hashes names and wraps persons' keys with what is derived from the key-encryption key.
#[derive(Debug)]
pub struct Vault {
    pub(super) records: Arc<dyn Records>,
    pub(super) entropy: Arc<dyn Entropy>,
    source: Arc<dyn KeySource>,
    fingerprint: OnceLock<Fingerprint>,
    opened: OnceLock<Opened>,
}

impl Vault {
    /// Tells whether a store was founded with a key already, and needs that one.
    pub async fn is_founded(records: &dyn Records) -> Result<bool, StoreError> {
        Ok(fingerprint(records).await?.is_some())
    }

    /// Opens the vault of a store. A store without one is founded with the source's key; with no
    /// key there the vault is sealed until the source has it.
    pub async fn open(
        records: Arc<dyn Records>,
        entropy: Arc<dyn Entropy>,
        source: Arc<dyn KeySource>,
    ) -> Result<Self, VaultError> {
        let vault = Self {
            records,
            entropy,
            source,
            fingerprint: OnceLock::new(),
            opened: OnceLock::new(),
        };
        let expected = fingerprint(&*vault.records).await?;
        let found = vault.source.read()?;
        let expected = match (expected, &found) {
            (None, Some(key)) => Some(found_with(&*vault.records, key).await?),
            (expected, _) => expected,
        };
        if let Some(expected) = expected {
            let expected = vault.fingerprint.get_or_init(|| expected);
            if let Some(key) = found {
                let found = key.fingerprint();
                if found != *expected {
                    let expected = expected.clone();
                    return Err(VaultError::Foreign { found, expected });
                }
                vault.opened.get_or_init(|| Opened::with(&key));
            }
        }
        Ok(vault)
    }

    /// Tells whether the key is missing still. Looks for it again.
    pub fn is_sealed(&self) -> bool {
        self.opened().is_err()
    }

    /// Returns the name's keyed hash, under which its id is kept.
    pub(super) fn hash(&self, name: &IdentityName) -> Result<[u8; 32], StoreError> {
        let parts = [name.kind.tag(), &[0], name.text.as_bytes()];
        Ok(self.opened()?.lookup.mac(&parts))
    }

    /// Makes a person's key and returns it with its wrapped form.
    pub(super) fn new_key(&self, person: IdentityId) -> Result<(SecretKey, Vec<u8>), StoreError> {
        let key = SecretKey::random(&*self.entropy);
        let wrap = &self.opened()?.wrap;
        let wrapped = wrap.seal(&*self.entropy, &person.0, key.expose());
        Ok((key, wrapped))
    }

    /// Unwraps a person's key; `None` for what another key wrapped or for another person.
    pub(super) fn unwrap(
        &self,
        person: IdentityId,
        wrapped: &[u8],
    ) -> Result<Option<SecretKey>, StoreError> {
        let key = self.opened()?.wrap.open(&person.0, wrapped);
        Ok(key.and_then(|key| SecretKey::of(&key)))
    }

    /// Returns what the key opens, looking for the key again while it is missing.
    pub(super) fn opened(&self) -> Result<&Opened, StoreError> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        // What is wrong with a key that comes later, the next start says; until then it is not it.
        let found = self.source.read().ok().flatten();
        let fits = |key: &KeyEncryptionKey| Some(&key.fingerprint()) == self.fingerprint.get();
        let key = found.filter(fits).ok_or(StoreError::Sealed)?;
        Ok(self.opened.get_or_init(|| Opened::with(&key)))
    }
}

impl Opened {
    fn with(key: &KeyEncryptionKey) -> Self {
        Self {
            lookup: key.0.derive("varde identity lookup"),
            wrap: key.0.derive("varde person key wrapping"),
        }
    }
}

async fn fingerprint(records: &dyn Records) -> Result<Option<Fingerprint>, StoreError> {
    let record = records.get(SECRET, FINGERPRINT).await?;
    let parse = |record: crate::ports::Record| serde_json::from_slice(&record.value);
    record.map(parse).transpose().map_err(StoreError::failed)
}

/// Notes the fingerprint of a store's first key and returns the one that counts: another process
/// may have been faster.
async fn found_with(
    records: &dyn Records,
    key: &KeyEncryptionKey,
) -> Result<Fingerprint, StoreError> {
    let own = key.fingerprint();
    let change = Change {
        collection: SECRET,
        key: FINGERPRINT.to_vec(),
        value: Some(serde_json::to_vec(&own).map_err(StoreError::failed)?),
        expected: Expected::Absent,
    };
    let changes = Changes {
        changes: vec![change],
        ..Changes::default()
    };
    match records.commit(changes).await {
        Ok(_) => Ok(own),
        Err(CommitError::Conflict { .. }) => fingerprint(records)
            .await?
            .ok_or_else(|| StoreError::failed("the key's fingerprint is gone")),
        Err(CommitError::Store(error)) => Err(error),
        Err(too_large) => Err(StoreError::failed(too_large)),
    }
}
