//! When keys were last let in: noted in memory, recorded from time to time and not by the request.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError};

use varde_xapi::Stored;

use super::{HOUR_MICROS, Key, Keys};
use crate::KeyId;
use crate::ports::{Change, Changes, Collection, CommitError, Expected, StoreError};

/// key id → the instant.
const LAST_USE: Collection = Collection("key-last-use");
/// How much later a use is than the recorded one before it is recorded, in microseconds.
const COARSE_MICROS: i64 = 60_000_000;

/// When a key was let in last in this process, in microseconds; 0 for never.
#[derive(Debug, Default)]
pub(super) struct LastUse {
    at: AtomicI64,
    /// The last of them that this process knows to be on record.
    recorded: AtomicI64,
}

impl LastUse {
    pub(super) fn note(&self, Stored(now): Stored) {
        self.at.fetch_max(now, Ordering::Relaxed);
    }

    /// Returns the last use, where it is worth to be recorded.
    fn unrecorded(&self) -> Option<Stored> {
        let (at, recorded) = (&self.at, &self.recorded);
        let at = at.load(Ordering::Relaxed);
        let recorded = recorded.load(Ordering::Relaxed);
        (at.saturating_sub(recorded) >= COARSE_MICROS).then_some(Stored(at))
    }
}

impl Keys {
    /// Returns the last use that all requests of a key share.
    pub(super) fn used(&self, key: KeyId) -> Arc<LastUse> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(used.entry(key).or_default())
    }

    /// Returns when a key was last let in, to the minute, as far as it is recorded.
    pub async fn last_use(&self, key: KeyId) -> Result<Option<Stored>, StoreError> {
        Ok(self.recorded_last_use(key).await?.0)
    }

    /// Returns the last use of a key by which a front end used to send what counts, where that is more than
    /// so many hours ago; `None` for any other key, and for one that is not let in any more.
    pub async fn silent_since(
        &self,
        key: &Key,
        now: Stored,
        hours: u32,
    ) -> Result<Option<Stored>, StoreError> {
        let is_source = key.role.is_none() && !key.space.is_test() && key.may_send();
        if !is_source || !key.stands(now) {
            return Ok(None);
        }
        let last = self.last_use(key.id).await?;
        Ok(last.filter(|last| now.0 - last.0 > i64::from(hours) * HOUR_MICROS))
    }

    /// Records the last uses that lie a minute or more behind the recorded ones.
    pub async fn record_last_uses(&self) -> Result<(), StoreError> {
        let used: Vec<(KeyId, Arc<LastUse>)> = {
            let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            let each = used.iter().map(|(key, used)| (*key, Arc::clone(used)));
            each.collect()
        };
        for (key, used) in used {
            if let Some(at) = used.unrecorded() {
                self.record_last_use(key, at).await?;
                used.recorded.store(at.0, Ordering::Relaxed);
            }
        }
        Ok(())
    }

    async fn record_last_use(&self, key: KeyId, at: Stored) -> Result<(), StoreError> {
        let (recorded, expected) = self.recorded_last_use(key).await?;
        if recorded.is_some_and(|recorded| at.0.saturating_sub(recorded.0) < COARSE_MICROS) {
            return Ok(());
        }
        let change = Change {
            collection: LAST_USE,
            key: key.0.as_bytes().to_vec(),
            value: Some(serde_json::to_vec(&at).map_err(StoreError::failed)?),
            expected,
        };
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        match self.records.commit(changes).await {
            // Another process recorded a use of about now.
            Ok(_) | Err(CommitError::Conflict { .. }) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
            Err(too_large) => Err(StoreError::failed(too_large)),
        }
    }

    async fn recorded_last_use(
        &self,
        key: KeyId,
    ) -> Result<(Option<Stored>, Expected), StoreError> {
        match self.records.get(LAST_USE, key.0.as_bytes()).await? {
            Some(record) => {
                let at = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                Ok((Some(at), Expected::Version(record.version)))
            }
            None => Ok((None, Expected::Absent)),
        }
    }
}
