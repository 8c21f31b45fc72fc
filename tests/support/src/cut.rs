use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use varde_core::StoreError;
use varde_core::ports::{
    Changes, Collection, CommitError, Committed, KeyRange, Record, Records, StatementLog,
};

use crate::{Beforehand, WatchedLog};

/// Lets so many changes of a store happen and none after them, as if the process had been killed.
#[derive(Debug, Clone)]
pub struct Cut(Arc<AtomicUsize>);

impl Cut {
    /// Cuts behind so many changes.
    pub fn behind(changes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(changes)))
    }

    /// Returns records whose commits are counted.
    pub fn records(&self, records: Arc<dyn Records>) -> Arc<dyn Records> {
        let cut = self.clone();
        Arc::new(CutRecords { records, cut })
    }

    /// Returns a log whose appends, erasures and scrubs are counted.
    pub fn log(&self, log: Arc<dyn StatementLog>) -> Arc<dyn StatementLog> {
        Arc::new(WatchedLog::new(log, self.clone()))
    }

    fn count(&self) -> Result<(), StoreError> {
        let counted = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        counted.map_err(|_| StoreError::failed("cut short"))?;
        Ok(())
    }
}

#[async_trait]
impl Beforehand for Cut {
    async fn append(&self) -> Result<(), StoreError> {
        self.count()
    }

    async fn erase(&self) -> Result<(), StoreError> {
        self.count()
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.count()
    }
}

#[derive(Debug)]
struct CutRecords {
    records: Arc<dyn Records>,
    cut: Cut,
}

#[async_trait]
impl Records for CutRecords {
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError> {
        self.records.get(collection, key).await
    }

    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError> {
        self.records.range(collection, range).await
    }

    async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        self.cut.count()?;
        self.records.commit(changes).await
    }
}
