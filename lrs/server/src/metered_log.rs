//! A statement log that counts what it stores.

use std::sync::Arc;

use async_trait::async_trait;
use prometheus::IntCounter;
use varde_core::ports::{
    AppendError, Appended, Change, Committed, EraseError, Erasure, EventKind, LogEvent,
    NewStatement, Page, PageQuery, Standing, StatementLog, StoredStatement,
};
use varde_core::{Position, Space, StoreError};
use varde_xapi::{StatementId, Stored};

/// Counts the statements that are new to the log behind it.
#[derive(Debug)]
pub(crate) struct MeteredLog {
    log: Arc<dyn StatementLog>,
    stored: IntCounter,
}

impl MeteredLog {
    /// Puts a counter in front of a log.
    pub(crate) fn new(log: Arc<dyn StatementLog>, stored: IntCounter) -> Self {
        Self { log, stored }
    }
}

#[async_trait]
impl StatementLog for MeteredLog {
    async fn append_with(
        &self,
        batch: Vec<NewStatement>,
        beside: Vec<Change>,
    ) -> Result<Appended, AppendError> {
        let appended = self.log.append_with(batch, beside).await?;
        self.stored.inc_by(appended.new as u64);
        Ok(appended)
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
        self.log.erase(erasure).await
    }

    async fn scrub(&self) -> Result<Option<&'static str>, StoreError> {
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
