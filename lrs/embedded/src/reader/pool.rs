//! A few connections that read, each used by one question at a time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::Semaphore;
use tokio::task;
use varde_core::ports::StoreError;

use crate::database::Database;
use crate::error::{Closed, Fault};
use crate::folder::Folder;

/// Connections that read; opened when first needed, then kept.
#[derive(Debug)]
pub(crate) struct Pool {
    folder: Folder,
    idle: Mutex<Vec<Database>>,
    free: Arc<Semaphore>,
}

impl Pool {
    pub(crate) fn new(folder: Folder) -> Self {
        // A question that misses the cache waits for the disk, so there are more than cores.
        let readers = thread::available_parallelism().map_or(2, usize::from) * 2;
        Self {
            folder,
            idle: Mutex::default(),
            free: Arc::new(Semaphore::new(readers)),
        }
    }

    /// Asks a question on a thread that may wait; everything in it is from one moment.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Database) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.free)
            .acquire_owned()
            .await
            .map_err(|_| Closed)?;
        let pool = Arc::clone(self);
        let asked = task::spawn_blocking(move || {
            let mut database = pool.take()?;
            let answer = in_one_moment(&mut database, question);
            pool.idle().push(database);
            drop(permit);
            answer
        });
        Ok(asked.await.map_err(StoreError::failed)??)
    }

    /// Closes the connections once nobody asks any more.
    pub(crate) fn close(&self) {
        self.free.close();
        self.idle().clear();
    }

    fn take(&self) -> Result<Database, Fault> {
        if let Some(database) = self.idle().pop() {
            return Ok(database);
        }
        Ok(Database::new(self.folder.reader()?))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Database>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_one_moment<T>(
    database: &mut Database,
    question: impl FnOnce(&Database) -> Result<T, Fault>,
) -> Result<T, Fault> {
    database.connection.execute_batch("BEGIN DEFERRED")?;
    let answer = question(database);
    let ended = database.connection.execute_batch("COMMIT");
    let answer = answer?;
    ended?;
    Ok(answer)
}
