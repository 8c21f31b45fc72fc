//! A few connections that read, each used by one question at a time.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::Semaphore;
use tokio::task;
use varde_core::ports::StoreError;

use crate::alarm::Alarm;
use crate::database::Database;
use crate::error::{Closed, Fault};
use crate::folder::Folder;
use crate::index::newest::Newest;

/// How often a moment is looked for that no group is committed in. The entries of a group are a
/// few thousand at most, so that only a writer that has gone makes it fail.
const TRIES_MAX: usize = 1_000_000;

/// Ends a moment. Nothing was written in it; and where it met damage, SQLite would refuse a commit.
const END: &str = "ROLLBACK";

/// What all readers together keep of pages, in KiB, and the bounds of what one of them keeps.
const CACHE_KIB: usize = 64 * 1024;
const CACHE_KIB_OF_ONE: RangeInclusive<usize> = 512..=16 * 1024;

/// Connections that read; opened when first needed, then kept.
#[derive(Debug)]
pub(crate) struct Pool {
    folder: Folder,
    /// What one connection keeps of pages.
    cache_kib: usize,
    newest: Arc<Newest>,
    alarm: Alarm,
    idle: Mutex<Vec<Database>>,
    free: Arc<Semaphore>,
}

impl Pool {
    pub(crate) fn new(folder: Folder, newest: Arc<Newest>, alarm: Alarm) -> Self {
        // A question that misses the cache waits for the disk, so there are more than cores.
        let readers = thread::available_parallelism().map_or(2, usize::from) * 2;
        let cache_kib = CACHE_KIB / readers;
        Self {
            folder,
            cache_kib: cache_kib.clamp(*CACHE_KIB_OF_ONE.start(), *CACHE_KIB_OF_ONE.end()),
            newest,
            alarm,
            idle: Mutex::default(),
            free: Arc::new(Semaphore::new(readers)),
        }
    }

    /// Asks a question on a thread that may wait; everything in it is from one moment.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl Fn(&Database) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.free)
            .acquire_owned()
            .await
            .map_err(|_| Closed)?;
        let pool = Arc::clone(self);
        let asked = task::spawn_blocking(move || {
            let mut database = pool.take()?;
            let mut answer = in_one_moment(&mut database, &pool.newest, &question);
            if matches!(answer, Err(Fault::Index(_))) {
                // What an erasure took out meanwhile may have been in the view of the newest entries.
                answer = in_one_moment(&mut database, &pool.newest, &question);
            }
            pool.idle().push(database);
            drop(permit);
            pool.alarm.heed(answer)
        });
        Ok(asked.await.map_err(StoreError::failed)??)
    }

    /// Looks up on this thread what one SELECT finds with a few pages: handing the question over
    /// and the answer back takes longer than that. As many connections are in use for this as
    /// threads ask.
    pub(crate) fn look_up<T>(
        &self,
        question: impl FnOnce(&Database) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        if self.free.is_closed() {
            return Err(Closed.into());
        }
        let mut database = self.take()?;
        // The view comes first: what it lacks is on disk by then.
        database.view = Some(self.newest.view());
        let answer = question(&database);
        database.view = None;
        self.idle().push(database);
        Ok(self.alarm.heed(answer)?)
    }

    /// Asks a question on this thread, with a connection that is closed behind it.
    pub(crate) fn ask_here<T>(
        &self,
        question: impl FnOnce(&Database) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut database = Database::new(self.folder.reader(self.cache_kib)?);
        let answer = in_one_moment(&mut database, &self.newest, question);
        self.alarm.heed(answer)
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
        Ok(Database::new(self.folder.reader(self.cache_kib)?))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Database>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_one_moment<T>(
    database: &mut Database,
    newest: &Newest,
    question: impl FnOnce(&Database) -> Result<T, Fault>,
) -> Result<T, Fault> {
    begin(database, newest)?;
    let answer = question(database);
    database.view = None;
    let ended = database.execute(END);
    let answer = answer?;
    ended?;
    Ok(answer)
}

/// Begins to read at a moment whose newest index entries are at hand.
fn begin(database: &mut Database, newest: &Newest) -> Result<(), Fault> {
    for _ in 0..TRIES_MAX {
        // The view comes first: what it lacks is on disk by then.
        let view = newest.view();
        database.execute("BEGIN DEFERRED")?;
        let head = database.head();
        if head.as_ref().is_ok_and(|head| *head == view.head) {
            database.view = Some(view);
            return Ok(());
        }
        // A group was committed in between, and its entries follow at once.
        database.execute(END)?;
        head?;
        thread::yield_now();
    }
    let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    Err(rusqlite::Error::SqliteFailure(busy, None).into())
}
