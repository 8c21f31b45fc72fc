//! The store as a log.

use async_trait::async_trait;
use tokio::sync::oneshot;
use varde_core::Space;
use varde_core::ports::{
    AppendError, Appended, Change, Committed, EraseError, Erasure, EventKind, LogEvent,
    NewStatement, Page, PageQuery, Position, Standing, StatementLog, StoreError, StoredStatement,
};
use varde_xapi::{StatementId, Stored};

use super::EmbeddedStore;
use crate::error::{Closed, number_of, position_of};
use crate::reader;
use crate::timeline::Shown;
use crate::writer::Job;

impl EmbeddedStore {
    /// Moves the timeline's mark on disk. Where that fails, readers go on with the old one.
    async fn move_mark(&self) {
        let (caller, moved) = oneshot::channel();
        if self.0.send(Job::Mark(caller)).is_ok() {
            drop(moved.await);
        }
    }
}

#[async_trait]
impl StatementLog for EmbeddedStore {
    async fn append_with(
        &self,
        batch: Vec<NewStatement>,
        beside: Vec<Change>,
    ) -> Result<Appended, AppendError> {
        self.0.free_space.check_again(&self.0.path)?;
        let (caller, answer) = oneshot::channel();
        let batch = self.0.pack(batch);
        self.0.send(Job::Append(batch, beside, caller))?;
        let appended = answer.await.map_err(|_| StoreError::from(Closed))?;
        if let Ok(appended) = &appended {
            self.0.train_at(number_of(appended.last));
        }
        appended
    }

    async fn get(
        &self,
        spaces: &[Space],
        id: StatementId,
        standing: Standing,
    ) -> Result<Option<StoredStatement>, StoreError> {
        if reader::kinds(spaces).count() < 2 {
            return self
                .0
                .pool
                .look_up(|database| database.statement(spaces, id, standing));
        }
        // In live and in test spaces one statement may take the place of the other meanwhile.
        let spaces = spaces.to_vec();
        self.0
            .pool
            .ask(move |database| database.statement(&spaces, id, standing))
            .await
    }

    async fn position(
        &self,
        space: &Space,
        id: StatementId,
    ) -> Result<Option<Position>, StoreError> {
        let space = space.clone();
        let found = self
            .0
            .pool
            .ask(move |database| database.position(&space, id));
        Ok(found.await?.map(position_of))
    }

    async fn page(&self, query: &PageQuery) -> Result<Page, StoreError> {
        let query = query.clone();
        self.0.pool.ask(move |database| database.page(&query)).await
    }

    async fn follow(&self, after: Position, limit: usize) -> Result<Vec<LogEvent>, StoreError> {
        self.0
            .pool
            .ask(move |database| database.follow(number_of(after), limit))
            .await
    }

    async fn events(
        &self,
        kind: EventKind,
        after: Position,
        limit: usize,
    ) -> Result<Vec<LogEvent>, StoreError> {
        self.0
            .pool
            .ask(move |database| database.events(kind, number_of(after), limit))
            .await
    }

    async fn erase(&self, erasure: Erasure) -> Result<Committed, EraseError> {
        erasure.check()?;
        let (caller, answer) = oneshot::channel();
        self.0.send(Job::Erase(erasure, caller))?;
        answer.await.map_err(|_| StoreError::from(Closed))?
    }

    async fn scrub(&self) -> Result<Option<&'static str>, StoreError> {
        let (caller, answer) = oneshot::channel();
        self.0.send(Job::Scrub(caller))?;
        answer.await.map_err(|_| StoreError::from(Closed))??;
        Ok(None)
    }

    async fn head(&self) -> Result<Position, StoreError> {
        Ok(*self.0.head.borrow())
    }

    async fn grown(&self, beyond: Position) -> Result<(), StoreError> {
        let mut head = self.0.head.clone();
        head.wait_for(|head| *head > beyond)
            .await
            .map_err(|_| Closed)?;
        Ok(())
    }

    async fn consistent_through(&self) -> Result<Stored, StoreError> {
        if let Shown::Through(instant) = self.0.timeline.show() {
            return Ok(instant);
        }
        self.move_mark().await;
        match self.0.timeline.show() {
            Shown::Through(instant) => Ok(instant),
            Shown::Unmarked => Ok(self.0.timeline.show_marked()),
        }
    }
}
