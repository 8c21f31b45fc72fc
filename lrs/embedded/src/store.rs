//! The store behind the ports.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use async_trait::async_trait;
use tokio::sync::{oneshot, watch};
use tokio::task;
use varde_core::ports::{
    AppendError, Appended, Changes, Collection, CommitError, Committed, EraseError, Erasure,
    EventKind, KeyRange, LogEvent, NewStatement, Page, PageQuery, Position, Record, Records,
    Standing, StatementLog, StoreError, StoredStatement,
};
use varde_core::{Clock, Space};
use varde_xapi::{StatementId, Stored};

use crate::attachments::{self, AttachmentFolder, on_disk};
use crate::bodies::{self, Packer, Training};
use crate::care::{Checked, Finding, check};
use crate::database::Database;
use crate::error::{Closed, Fault, OpenError, number_of, of_files, position_of};
use crate::folder::{DataFolder, Folder, Lock};
use crate::free_space::{self, FreeSpace};
use crate::index::newest::GENERATION_MAX;
use crate::index::rebuild;
use crate::reader::{self, Pool};
use crate::timeline::{Shown, Timeline};
use crate::writer::{self, Arriving, Job, Queue, Shared};

/// A store in one data folder, which this process has to itself.
///
/// Clones are handles to the same store. When the last one is dropped, what was handed over is
/// still written; [`close`](Self::close) does the same without blocking a runtime's thread.
#[derive(Debug, Clone)]
pub struct EmbeddedStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The path of the folder.
    path: PathBuf,
    free_space: Arc<FreeSpace>,
    pool: Arc<Pool>,
    attachments: Arc<AttachmentFolder>,
    timeline: Arc<Timeline>,
    packer: Arc<Packer>,
    training: Training,
    head: watch::Receiver<Position>,
    /// What an end takes away.
    open: Mutex<Option<Open>>,
}

#[derive(Debug)]
struct Open {
    queue: Queue,
    writer: JoinHandle<()>,
    /// The thread that trained the last dictionary.
    trainer: Option<JoinHandle<()>>,
    lock: Lock,
}

impl EmbeddedStore {
    /// Opens the store of a data folder, making both where they are absent.
    ///
    /// The folder stays locked until the store is closed or dropped. `stored` comes from the
    /// clock, and goes on behind the last one whatever the clock says.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Self::open_locked(DataFolder::lock(folder)?, clock)
    }

    /// Opens the store of a data folder that is locked already.
    pub fn open_locked(data: DataFolder, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Self::open_keeping(data, clock, GENERATION_MAX)
    }

    /// Opens the store of a data folder that is locked already, with the index entries of at most
    /// twice so many statements, 1 or more, in memory before they are written.
    pub fn open_keeping(
        data: DataFolder,
        clock: Arc<dyn Clock>,
        generation_max: usize,
    ) -> Result<Self, OpenError> {
        let DataFolder { folder, lock } = data;
        let database = Database::new(folder.writer()?);
        let attachments = folder.attachments(Arc::clone(&clock))?;
        let inner = Inner::start(
            folder.clone(),
            lock,
            database,
            (attachments, generation_max),
            clock,
        );
        inner
            .map(|inner| Self(Arc::new(inner)))
            .map_err(|fault| folder.unread(fault))
    }

    /// Writes what was handed over, tidies up, and gives the folder free. Later writes fail.
    pub async fn close(&self) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.0);
        task::spawn_blocking(move || inner.end())
            .await
            .map_err(StoreError::failed)
    }

    /// Returns records of all collections behind a place, in the order of collections and keys.
    pub async fn records_behind(
        &self,
        place: Option<(String, Vec<u8>)>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, StoreError> {
        let read = move |database: &Database| database.records_behind(place.as_ref(), limit);
        self.0.pool.ask(read).await
    }

    /// Refuses writes from now on while the disk has less room than this; 0 lets all be written.
    pub fn keep_free(&self, bytes: u64) {
        self.0.free_space.keep(bytes);
    }

    /// Returns how many bytes can still be written to the disk.
    pub fn free(&self) -> Result<u64, StoreError> {
        free_space::free(&self.0.path)
    }

    /// Says why nothing can be written for want of room, if so.
    pub fn check_room(&self) -> Result<(), StoreError> {
        self.0.free_space.check(&self.0.path)
    }

    /// Returns the paths of the files of attachments, for [`check_attachment`](Self::check_attachment).
    pub async fn attachment_files(&self) -> Result<Vec<String>, StoreError> {
        let folder = self.attachments()?;
        on_disk(move || attachments::paths(&folder.path).map_err(of_files)).await
    }

    /// Checks that the file of an attachment holds what its name says.
    pub async fn check_attachment(&self, path: &str) -> Result<Option<Finding>, StoreError> {
        let (folder, path) = (self.attachments()?, path.to_owned());
        on_disk(move || {
            let found = attachments::check(&folder.path, &path)?;
            Ok(found.map(|detail| Finding::of_attachment(&path, &detail)))
        })
        .await
    }

    /// Checks the rows behind a position, up to some hundred of them; index and log together, as
    /// of one moment.
    pub async fn check(&self, after: Position) -> Result<Checked, StoreError> {
        let after = number_of(after);
        let check = move |database: &Database| check::rows(database, after);
        self.0.pool.ask(check).await
    }

    /// Makes the index anew from the log, all or nothing. Writes wait meanwhile; readers go on.
    pub async fn make_index_anew(&self) -> Result<(), StoreError> {
        let (caller, answer) = oneshot::channel();
        self.0.send(Job::Reindex(caller))?;
        answer.await.map_err(|_| StoreError::from(Closed))?
    }

    /// Lets the database engine check every page of its file.
    pub async fn check_pages(&self) -> Result<Vec<Finding>, StoreError> {
        self.0
            .pool
            .ask(|database| Ok(check::pages(database)?))
            .await
    }

    /// Returns what reads the database.
    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.0.pool
    }

    /// Returns the folder of attachments, as long as the store is open.
    pub(crate) fn attachments(&self) -> Result<Arc<AttachmentFolder>, Closed> {
        self.0.open().as_ref().ok_or(Closed)?;
        Ok(Arc::clone(&self.0.attachments))
    }

    /// Moves the timeline's mark on disk. Where that fails, readers go on with the old one.
    async fn move_mark(&self) {
        let (caller, moved) = oneshot::channel();
        if self.0.send(Job::Mark(caller)).is_ok() {
            drop(moved.await);
        }
    }
}

impl Inner {
    fn start(
        folder: Folder,
        lock: Lock,
        database: Database,
        (attachments, generation_max): (AttachmentFolder, usize),
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let last = database.stored(database.head()?)?;
        let mark = database.meta(writer::MARK)?.map(Stored);
        let timeline = Arc::new(Timeline::new(clock, last, mark));
        let newest = Arc::new(rebuild::newest(&database, generation_max)?);
        let packer = Arc::new(Packer::new(bodies::newest(&database.connection)?));
        let training = Training::new(&database.connection)?;
        let path = folder.path().to_owned();
        let pool = Arc::new(Pool::new(folder, Arc::clone(&newest)));
        let free_space = Arc::<FreeSpace>::default();
        let shared = Shared {
            timeline: Arc::clone(&timeline),
            newest,
            packer: Arc::clone(&packer),
            free_space: Arc::clone(&free_space),
        };
        let (queue, head, writer) = writer::start(database, shared)?;
        let open = Open {
            queue,
            writer,
            trainer: None,
            lock,
        };
        Ok(Self {
            path,
            free_space,
            pool,
            attachments: Arc::new(attachments),
            timeline,
            packer,
            training,
            head,
            open: Mutex::new(Some(open)),
        })
    }

    /// Compresses the bodies of a batch.
    fn pack(&self, batch: Vec<NewStatement>) -> Vec<Arriving> {
        let pack = |mut new: NewStatement| {
            let body = self.packer.pack(std::mem::take(&mut new.body));
            Arriving { new, body }
        };
        batch.into_iter().map(pack).collect()
    }

    /// Trains a dictionary beside everything else, when one is due.
    fn train_at(&self, head: i64) {
        if !self.training.is_due(head) {
            return;
        }
        let mut open = self.open();
        let Some(open) = open.as_mut() else { return };
        let (pool, queue) = (Arc::clone(&self.pool), open.queue.clone());
        let thread = thread::Builder::new().name("varde-trainer".to_owned());
        let spawned = thread.spawn(move || match pool.ask_here(bodies::train) {
            Ok(Some(bytes)) => {
                let job = Job::Dictionary {
                    trained_at: head,
                    bytes,
                };
                if let Err(error) = queue.send(job) {
                    tracing::info!(%error, "a dictionary was not kept");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "no dictionary was trained"),
        });
        match spawned {
            Ok(trainer) => open.trainer = Some(trainer),
            Err(error) => tracing::warn!(%error, "no dictionary was trained"),
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.open().as_ref().ok_or(Closed)?.queue.send(job)
    }

    /// Ends the thread that writes, once it has written everything.
    fn end(&self) {
        self.pool.close();
        let Some(Open {
            queue,
            writer,
            trainer,
            lock,
        }) = self.open().take()
        else {
            return;
        };
        if trainer.is_some_and(|trainer| trainer.join().is_err()) {
            tracing::error!("the thread that trained a dictionary had failed");
        }
        drop(queue);
        self.attachments.close();
        if writer.join().is_err() {
            tracing::error!("the thread that writes had failed");
        }
        // Only now may another process come in.
        drop(lock);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end();
    }
}

#[async_trait]
impl StatementLog for EmbeddedStore {
    async fn append(&self, batch: Vec<NewStatement>) -> Result<Appended, AppendError> {
        self.0.free_space.check_again(&self.0.path)?;
        let (caller, answer) = oneshot::channel();
        self.0.send(Job::Append(self.0.pack(batch), caller))?;
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

    async fn scrub(&self) -> Result<(), StoreError> {
        let (caller, answer) = oneshot::channel();
        self.0.send(Job::Scrub(caller))?;
        answer.await.map_err(|_| StoreError::from(Closed))?
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
