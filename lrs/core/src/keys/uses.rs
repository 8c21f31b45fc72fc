//! How often the tolerances of keys were used: counted in memory, recorded from time to time.

use std::sync::{Arc, PoisonError};

use super::Keys;
use crate::KeyId;
use crate::ports::{Change, Changes, Collection, CommitError, Expected, StoreError};
use crate::tolerance::{Counts, Tolerance, ToleranceUses};

/// key id → [`ToleranceUses`].
const USES: Collection = Collection("tolerance-uses");
/// How often an addition is tried again because another process added at the same time.
const TRIES_MAX: usize = 100;

impl Keys {
    /// Returns the count that all requests of a key share.
    pub(super) fn counts(&self, key: KeyId) -> Arc<Counts> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(counts.entry(key).or_default())
    }

    fn all_counts(&self) -> Vec<(KeyId, Arc<Counts>)> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|(key, counts)| (*key, Arc::clone(counts)))
            .collect()
    }

    /// Returns how often a tolerance was used since this process began, over all keys.
    pub fn uses_since_start(&self, tolerance: Tolerance) -> u64 {
        let counts = self.all_counts();
        counts
            .iter()
            .map(|(_, counts)| counts.since_start(tolerance))
            .sum()
    }

    /// Returns how often the tolerances of a key were used, as far as it is recorded.
    pub async fn recorded_uses(&self, key: KeyId) -> Result<ToleranceUses, StoreError> {
        Ok(self.uses(key).await?.0)
    }

    /// Adds the uses since the last time to those on record. What cannot be recorded now is kept
    /// for the next time.
    pub async fn record_uses(&self) -> Result<(), StoreError> {
        for (key, counts) in self.all_counts() {
            let uses = counts.take_unrecorded();
            if uses.is_empty() {
                continue;
            }
            if let Err(error) = self.add_uses(key, &uses).await {
                counts.put_back(&uses);
                return Err(error);
            }
        }
        Ok(())
    }

    async fn add_uses(&self, key: KeyId, more: &ToleranceUses) -> Result<(), StoreError> {
        for _ in 0..TRIES_MAX {
            let (mut uses, expected) = self.uses(key).await?;
            for (tolerance, count) in more {
                let sum = uses.entry(*tolerance).or_default();
                *sum = sum.saturating_add(*count);
            }
            let change = Change {
                collection: USES,
                key: key.0.as_bytes().to_vec(),
                value: Some(serde_json::to_vec(&uses).map_err(StoreError::failed)?),
                expected,
            };
            let changes = Changes {
                changes: vec![change],
                ..Changes::default()
            };
            match self.records.commit(changes).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::Store(error)) => return Err(error),
                Err(too_large) => return Err(StoreError::failed(too_large)),
            }
        }
        Err(StoreError::Busy)
    }

    async fn uses(&self, key: KeyId) -> Result<(ToleranceUses, Expected), StoreError> {
        match self.records.get(USES, key.0.as_bytes()).await? {
            Some(record) => {
                let uses = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                Ok((uses, Expected::Version(record.version)))
            }
            None => Ok((ToleranceUses::new(), Expected::Absent)),
        }
    }
}
