//! By which key a statement came: sessions, issuers' tokens and people who sign in act through one, each under an
//! id of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::KeyId;
use crate::keys::key_ids;
use crate::ports::{Records, StoreError, StoredStatement};

/// How many ids are remembered; an issuer may have a subject for each learner.
const REMEMBERED_MAX: usize = 10_000;

/// Finds the keys that statements came by.
#[derive(Debug, Clone)]
pub(super) struct Senders {
    records: Arc<dyn Records>,
    /// The id that a statement has → that of the key.
    remembered: Arc<Mutex<BTreeMap<KeyId, KeyId>>>,
}

impl Senders {
    pub(super) fn new(records: Arc<dyn Records>) -> Self {
        Self {
            records,
            remembered: Arc::default(),
        }
    }

    /// Returns the id of the key that a statement came by; its own where no key has to do with it.
    pub(super) async fn key_of(&self, statement: &StoredStatement) -> Result<KeyId, StoreError> {
        let id = statement.key;
        if let Some(key) = self.remembered(id) {
            return Ok(key);
        }
        let keys = key_ids(&*self.records).await?;
        let is_of = |key: &KeyId| {
            *key == id || key.of_sessions() == id || key.of_authority(&statement.authority) == id
        };
        let Some(key) = keys.into_iter().find(is_of) else {
            return Ok(id);
        };
        let mut remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED_MAX {
            remembered.clear();
        }
        remembered.insert(id, key);
        Ok(key)
    }

    fn remembered(&self, id: KeyId) -> Option<KeyId> {
        let remembered = self
            .remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        remembered.get(&id).copied()
    }
}
