//! The store behind the ports.
//!
//! - `log`, `records`: the ports; `care`: what else is asked of a store.

mod care;
mod log;
mod records;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};

use tokio::sync::watch;
use tokio::task;
use varde_core::Clock;
use varde_core::ports::{GroupObserver, NewStatement, Position, StoreError};
use varde_xapi::Stored;

use crate::alarm::Alarm;
use crate::attachments::AttachmentFolder;
use crate::bodies::{self, Packer, Training};
use crate::care::anew;
use crate::database::Database;
use crate::error::{Closed, Fault, OpenError};
use crate::folder::{DataFolder, Folder, Lock};
use crate::free_space::FreeSpace;
use crate::index::newest::GENERATION_MAX;
use crate::index::rebuild;
use crate::reader::Pool;
use crate::timeline::Timeline;
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
    alarm: Alarm,
    pool: Arc<Pool>,
    attachments: Arc<AttachmentFolder>,
    timeline: Arc<Timeline>,
    packer: Arc<Packer>,
    training: Training,
    head: watch::Receiver<Position>,
    observer: Arc<OnceLock<Arc<dyn GroupObserver>>>,
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

    /// Tells somebody of each group of writes from now on; the first who asks for it.
    pub fn observe(&self, observer: Arc<dyn GroupObserver>) {
        // A second one would be told of nothing, as the documentation says.
        let _ = self.0.observer.set(observer);
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
}

impl Inner {
    fn start(
        folder: Folder,
        lock: Lock,
        database: Database,
        (attachments, generation_max): (AttachmentFolder, usize),
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let events_anew = anew::mend_events(&database)?;
        let last = database.stored(database.head()?)?;
        let mark = database.meta(writer::MARK)?.map(Stored);
        let timeline = Arc::new(Timeline::new(clock, last, mark));
        let newest = Arc::new(rebuild::newest(&database, generation_max)?);
        let packer = Arc::new(Packer::new(bodies::newest(&database.connection)?));
        let training = Training::new(&database.connection)?;
        let (path, alarm) = (folder.path().to_owned(), Alarm::default());
        if events_anew {
            alarm.ring();
        }
        let pool = Arc::new(Pool::new(folder, Arc::clone(&newest), alarm.clone()));
        let free_space = Arc::<FreeSpace>::default();
        let observer = Arc::<OnceLock<_>>::default();
        let shared = Shared {
            timeline: Arc::clone(&timeline),
            newest,
            packer: Arc::clone(&packer),
            free_space: Arc::clone(&free_space),
            alarm: alarm.clone(),
            observer: Arc::clone(&observer),
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
            alarm,
            pool,
            attachments: Arc::new(attachments),
            timeline,
            packer,
            training,
            head,
            observer,
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
