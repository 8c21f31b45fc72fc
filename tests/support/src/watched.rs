use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use varde_core::ports::{
    AppendError, Appended, Change, Committed, EraseError, Erasure, EventKind, LogEvent,
    NewStatement, Page, PageQuery, Standing, StatementLog, StoredStatement,
};
use varde_core::{Position, Space, StoreError};
use varde_xapi::{StatementId, Stored};

/// What happens before a log does as it is asked.
#[async_trait]
pub trait Beforehand: Debug + Send + Sync + 'static {
    /// Happens before the log is followed.
    async fn follow(&self, log: &dyn StatementLog) -> Result<(), StoreError> {
        let _ = log;
        Ok(())
    }

    /// Happens before statements are appended.
    async fn append(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Happens before rows are rewritten.
    async fn erase(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Happens before what was erased is removed from the files.
    async fn scrub(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A log before whose calls something happens, which may fail in their place.
#[derive(Debug)]
pub struct WatchedLog<B> {
    log: Arc<dyn StatementLog>,
    beforehand: B,
}

impl<B: Beforehand> WatchedLog<B> {
    /// Watches a log.
    pub fn new(log: Arc<dyn StatementLog>, beforehand: B) -> Self {
        Self { log, beforehand }
    }
}

#[async_trait]
impl<B: Beforehand> StatementLog for WatchedLog<B> {
    async fn append_with(
        &self,
        batch: Vec<NewStatement>,
        beside: Vec<Change>,
    ) -> Result<Appended, AppendError> {
        self.beforehand.append().await?;
        self.log.append_with(batch, beside).await
    }

    async fn get(
        &self,
        spaces: &[Space],
        id: StatementId,
        standing: Standing,
    ) -> Result<Option<StoredStatement>, StoreError> {
        self.log.get(spaces, id, standing).await
    }

    async fn position(
        &self,
        space: &Space,
        id: StatementId,
    ) -> Result<Option<Position>, StoreError> {
        self.log.position(space, id).await
    }

    async fn page(&self, query: &PageQuery) -> Result<Page, StoreError> {
        self.log.page(query).await
    }

    async fn follow(&self, after: Position, limit: usize) -> Result<Vec<LogEvent>, StoreError> {
        self.beforehand.follow(&*self.log).await?;
        self.log.follow(after, limit).await
    }

    async fn events(
        &self,
        kind: EventKind,
        after: Position,
        limit: usize,
    ) -> Result<Vec<LogEvent>, StoreError> {
        self.log.events(kind, after, limit).await
    }

    async fn erase(&self, erasure: Erasure) -> Result<Committed, EraseError> {
        self.beforehand.erase().await?;
        self.log.erase(erasure).await
    }

    async fn scrub(&self) -> Result<Option<&'static str>, StoreError> {
        self.beforehand.scrub().await?;
        self.log.scrub().await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.log.head().await
    }

    async fn grown(&self, beyond: Position) -> Result<(), StoreError> {
        self.log.grown(beyond).await
    }

    async fn consistent_through(&self) -> Result<Stored, StoreError> {
        self.log.consistent_through().await
    }
}
