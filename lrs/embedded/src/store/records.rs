//! The store as records.

use async_trait::async_trait;
use tokio::sync::oneshot;
use varde_core::ports::{
    Changes, Collection, CommitError, Committed, KeyRange, Record, Records, StoreError,
};

use super::EmbeddedStore;
use crate::database::Database;
use crate::error::Closed;
use crate::writer::Job;

impl EmbeddedStore {
    /// Returns records of all collections behind a place, in the order of collections and keys.
    pub async fn records_behind(
        &self,
        place: Option<(String, Vec<u8>)>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        let read = move |database: &Database| database.records_behind(place.as_ref(), limit);
        self.0.pool.ask(read).await
    }
}

#[async_trait]
impl Records for EmbeddedStore {
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.0
            .pool
            .look_up(|database| Ok(database.record(collection, key)?))
    }

    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError> {
        let range = range.clone();
        self.0
            .pool
            .ask(move |database| database.range(collection, &range))
            .await
    }

    async fn ranges(
        &self,
        ranges: Vec<(Collection, KeyRange)>,
    ) -> Result<Vec<Vec<Record>>, StoreError> {
        let read = move |database: &Database| {
            let ranges = ranges.iter();
            ranges
                .map(|(collection, range)| database.range(*collection, range))
                .collect()
        };
        self.0.pool.ask(read).await
    }

    async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        changes.check()?;
        self.0.free_space.check_again(&self.0.path)?;
        let (caller, answer) = oneshot::channel();
        self.0.send(Job::Commit(changes, caller))?;
        answer.await.map_err(|_| StoreError::from(Closed))?
    }
}
