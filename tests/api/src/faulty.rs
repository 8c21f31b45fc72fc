use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use varde_core::ports::{
    AppendError, Appended, Change, Committed, EraseError, Erasure, EventKind, LogEvent,
    NewStatement, Page, PageQuery, Standing, StatementLog, StoredStatement,
};
use varde_core::{Position, Space, StoreError};
use varde_xapi::{StatementId, Stored};

/// A log that does as it should until it is told to fail.
#[derive(Debug)]
pub struct FaultyLog {
    log: Arc<dyn StatementLog>,
    fault: Mutex<Option<fn() -> StoreError>>,
    forgets: AtomicBool,
    /// Appends pass it; somebody may hold it.
    gate: Arc<RwLock<()>>,
}

impl FaultyLog {
    pub(crate) fn new(log: Arc<dyn StatementLog>) -> Self {
        Self {
            log,
            fault: Mutex::default(),
            forgets: AtomicBool::new(false),
            gate: Arc::default(),
        }
    }

    /// Fails every call with this error from now on.
    pub fn fail_with(&self, fault: fn() -> StoreError) {
        *self
            .fault
            .lock()
            .expect("no test panics while it holds this") = Some(fault);
    }

    /// Has appends wait until what is returned is dropped.
    pub async fn hold(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.gate).write_owned().await
    }

    /// Acknowledges every append from now on and keeps nothing of it.
    pub fn forget(&self) {
        self.forgets.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> Result<(), StoreError> {
        let fault = *self
            .fault
            .lock()
            .expect("no test panics while it holds this");
        fault.map_or(Ok(()), |fault| Err(fault()))
    }
}

#[async_trait]
impl StatementLog for FaultyLog {
    async fn append_with(
        &self,
        batch: Vec<NewStatement>,
        beside: Vec<Change>,
    ) -> Result<Appended, AppendError> {
        let _passed = self.gate.read().await;
        self.check()?;
        if self.forgets.load(Ordering::Relaxed) {
            let (new, last) = (batch.len(), Position(0));
            return Ok(Appended { new, last });
        }
        self.log.append_with(batch, beside).await
    }

    async fn get(
        &self,
        spaces: &[Space],
        id: StatementId,
        standing: Standing,
    ) -> Result<Option<StoredStatement>, StoreError> {
        self.check()?;
        self.log.get(spaces, id, standing).await
    }

    async fn position(
        &self,
        space: &Space,
        id: StatementId,
    ) -> Result<Option<Position>, StoreError> {
        self.check()?;
        self.log.position(space, id).await
    }

    async fn page(&self, query: &PageQuery) -> Result<Page, StoreError> {
        self.check()?;
        self.log.page(query).await
    }

    async fn follow(&self, after: Position, limit: usize) -> Result<Vec<LogEvent>, StoreError> {
        self.check()?;
        self.log.follow(after, limit).await
    }

    async fn events(
        &self,
        kind: EventKind,
        after: Position,
        limit: usize,
    ) -> Result<Vec<LogEvent>, StoreError> {
        self.check()?;
        self.log.events(kind, after, limit).await
    }

    async fn erase(&self, erasure: Erasure) -> Result<Committed, EraseError> {
        self.check()?;
        self.log.erase(erasure).await
    }

    async fn scrub(&self) -> Result<Option<&'static str>, StoreError> {
        self.check()?;
        self.log.scrub().await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        self.check()?;
        self.log.head().await
    }

    async fn grown(&self, beyond: Position) -> Result<(), StoreError> {
        self.check()?;
        self.log.grown(beyond).await
    }

    async fn consistent_through(&self) -> Result<Stored, StoreError> {
        self.check()?;
        self.log.consistent_through().await
    }
}
