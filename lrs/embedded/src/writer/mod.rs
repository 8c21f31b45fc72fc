//! The one thread that writes.
//!
//! It takes a job, then whatever else waits, writes all of them in one transaction, syncs once,
//! and answers each. Under load the sync itself forms the groups; the callers that were answered a
//! moment ago are waited for, but never long ([`gathering`]).

mod append;
mod background;
mod commit;
mod erase;
mod gathering;
mod group;
mod queue;
mod references;

use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::{oneshot, watch};
use varde_core::ports::{
    AppendError, Appended, Change, Changes, CommitError, Committed, EraseError, Erasure,
    GroupObserver, Position, StoreError,
};

pub(crate) use self::append::Arriving;
use self::background::Background;
use self::gathering::Gathering;
pub(crate) use self::group::{COMMITS, MARK, write_meta};
use self::group::{Group, Reached, Written};
pub(crate) use self::queue::Queue;
use crate::alarm::Alarm;
use crate::bodies::{Dictionary, Packer};
use crate::care::anew;
use crate::database::Database;
use crate::error::{Fault, Refusal, position_of};
use crate::free_space::FreeSpace;
use crate::index::newest::Newest;
use crate::origin::Origins;
use crate::timeline::Timeline;

/// Something to write, and where the answer goes.
pub(crate) enum Job {
    Append(
        Vec<Arriving>,
        Vec<Change>,
        oneshot::Sender<Result<Appended, AppendError>>,
    ),
    Commit(Changes, oneshot::Sender<Result<Committed, CommitError>>),
    /// Written in a group of its own, behind all index entries: it rewrites those on disk.
    Erase(Erasure, oneshot::Sender<Result<Committed, EraseError>>),
    /// Written in a group of its own: makes anew what is derived from the log. The answer says
    /// whether pages were left behind that no table has.
    Reindex(oneshot::Sender<Result<bool, StoreError>>),
    /// Not a write: the files are made anew from what they hold.
    Scrub(oneshot::Sender<Result<(), StoreError>>),
    /// Only the mark of the timeline.
    Mark(oneshot::Sender<()>),
    /// A dictionary for bodies, and how far the log had come when it was trained.
    Dictionary {
        trained_at: i64,
        bytes: Vec<u8>,
    },
}

impl Job {
    /// Returns how many rows and bytes the job adds to a group, roughly.
    fn size(&self) -> (usize, usize) {
        match self {
            Self::Append(batch, beside, _) => {
                let bytes = batch.iter().map(|arriving| arriving.body.bytes.len());
                (batch.len() + beside.len(), bytes.sum())
            }
            Self::Commit(changes, _) => (
                changes.changes.len() + changes.events.len(),
                changes.bytes(),
            ),
            Self::Erase(..) | Self::Reindex(_) | Self::Scrub(_) | Self::Mark(_) => (0, 0),
            Self::Dictionary { bytes, .. } => (1, bytes.len()),
        }
    }

    /// Tells whether somebody waits for statements to be stored.
    fn is_of_statements(&self) -> bool {
        matches!(self, Self::Append(..))
    }

    fn stands_alone(&self) -> bool {
        matches!(self, Self::Erase(..) | Self::Reindex(_) | Self::Scrub(_))
    }
}

/// What the thread that writes shares with those that ask.
pub(crate) struct Shared {
    pub(crate) timeline: Arc<Timeline>,
    pub(crate) newest: Arc<Newest>,
    pub(crate) packer: Arc<Packer>,
    pub(crate) free_space: Arc<FreeSpace>,
    pub(crate) alarm: Alarm,
    pub(crate) observer: Arc<OnceLock<Arc<dyn GroupObserver>>>,
}

/// Starts the thread. It ends, with everything written, when the queue is dropped.
pub(crate) fn start(
    mut database: Database,
    shared: Shared,
) -> Result<(Queue, watch::Receiver<Position>, JoinHandle<()>), Fault> {
    let (queue, jobs) = queue::new();
    let reached = Reached {
        head: database.head()?,
        commits: database.meta(group::COMMITS)?.unwrap_or_default(),
    };
    database.view = Some(shared.newest.view());
    let background = Background::new(&database, &shared.alarm)?;
    shared.timeline.hold(background.held());
    let (published, watched) = watch::channel(position_of(reached.head));
    let writer = Writer {
        database,
        shared,
        jobs,
        waiting: queue.waiting(),
        published,
        reached,
        background,
        gathering: Gathering::default(),
        sound: true,
    };
    let thread = thread::Builder::new().name("varde-writer".to_owned());
    let thread = thread.spawn(move || writer.run()).map_err(no_thread)?;
    Ok((queue, watched, thread))
}

/// Tells of a thread that the system did not give, in the words of the database.
fn no_thread(error: std::io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

struct Writer {
    database: Database,
    shared: Shared,
    jobs: Receiver<Job>,
    waiting: queue::Waiting,
    published: watch::Sender<Position>,
    /// How far the transactions have come.
    reached: Reached,
    /// What is written beside the jobs.
    background: Background,
    gathering: Gathering,
    /// Whether every page of the file was sound when the index was last made anew.
    sound: bool,
}

/// What became of a job, to be told once the group is on disk.
enum Answer {
    Append(Result<Appended, AppendError>),
    Commit(Result<Committed, CommitError>),
    Erase(Result<Committed, EraseError>),
    Reindex,
    Mark,
    Dictionary(Dictionary),
}

impl Writer {
    fn run(mut self) {
        let mut next = self.next();
        while let Some(first) = next {
            let mut held = None;
            if let Job::Scrub(caller) = first {
                drop(caller.send(self.scrub()));
            } else {
                let gathered = self.gathering.gather(first, &self.jobs, &self.waiting);
                self.write(gathered.group);
                held = gathered.apart;
            }
            next = held.or_else(|| self.next());
        }
        self.finish();
    }

    /// Makes the file anew from what the tables hold, and empties the write-ahead log.
    fn scrub(&self) -> Result<(), StoreError> {
        let connection = &self.database.connection;
        let emptied = || {
            Origins::empty_unnamed(connection)?;
            self.database.forget_uncommitted();
            connection.execute_batch("VACUUM")?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, i64>(0)
            })
        };
        match emptied() {
            Ok(0) => Ok(()),
            // A reader still reads from the write-ahead log, longer than the connection waits.
            Ok(_) => Err(StoreError::Busy),
            Err(error) => {
                tracing::error!(%error, "the files were not made anew");
                Err(Refusal::from(error).into())
            }
        }
    }

    /// Writes a group and answers each job in it.
    fn write(&mut self, jobs: Vec<Job>) {
        let began = self.gathering.begin();
        let written = self.try_write(&jobs);
        let written = self.shared.alarm.heed(written);
        self.shared.free_space.written();
        match written {
            Ok(answers) => {
                self.gathering.answered(&jobs, began);
                for (job, said) in jobs.into_iter().zip(answers) {
                    self.answer(job, said);
                }
            }
            Err(Fault::Sqlite(error)) => {
                tracing::error!(%error, jobs = jobs.len(), "a write failed");
                let refusal = Refusal::from(error);
                for job in jobs {
                    refuse(job, refusal.clone().into());
                }
            }
            Err(damage) => self.write_apart(jobs, damage),
        }
    }

    /// Tells a caller what became of the job; one that stopped waiting is told nothing.
    fn answer(&self, job: Job, answer: Answer) {
        match (job, answer) {
            (Job::Append(.., caller), Answer::Append(said)) => drop(caller.send(said)),
            (Job::Commit(_, caller), Answer::Commit(said)) => drop(caller.send(said)),
            (Job::Erase(_, caller), Answer::Erase(said)) => drop(caller.send(said)),
            (Job::Mark(caller), Answer::Mark) => drop(caller.send(())),
            (Job::Reindex(caller), Answer::Reindex) => drop(caller.send(Ok(!self.sound))),
            (Job::Dictionary { .. }, Answer::Dictionary(dictionary)) => {
                self.shared.packer.use_from_now_on(dictionary);
            }
            _ => unreachable!("an answer is made from its own job"),
        }
    }

    /// One job met a damaged row or index: the others must not suffer for it.
    fn write_apart(&mut self, mut jobs: Vec<Job>, damage: Fault) {
        if jobs.len() > 1 {
            for job in jobs {
                self.write(vec![job]);
            }
        } else if let Some(job) = jobs.pop() {
            tracing::error!(error = %damage, "a write met damage");
            refuse(job, damage.into());
        }
    }

    /// Writes all the jobs in one transaction, synced when this returns; or nothing of them.
    fn try_write(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, Fault> {
        if jobs.iter().any(|job| matches!(job, Job::Erase(..))) {
            self.work_off()?;
        }
        if jobs.iter().any(|job| matches!(job, Job::Reindex(_))) {
            self.sound = anew::prepare(&mut self.database)?;
        }
        self.shared.timeline.begin();
        let written = self.transact(jobs);
        self.database.log = None;
        if written.is_err() {
            self.roll_back();
        }
        let published = written.map(|(answers, written)| {
            self.publish(written);
            answers
        });
        self.shared.timeline.end();
        published
    }

    fn transact(&mut self, jobs: &[Job]) -> Result<(Vec<Answer>, Written), Fault> {
        self.database.connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut group = Group::new(&self.database, &self.shared.timeline, self.reached);
        group.sound = self.sound;
        let answers = jobs
            .iter()
            .map(|job| group.take(job))
            .collect::<Result<_, _>>()?;
        let written = group.finish()?;
        if !written.indexed {
            let new = written.added.ids.len();
            self.background
                .write(&self.database, &self.shared.newest, new)?;
        }
        let began = Instant::now();
        self.database.connection.execute_batch("COMMIT")?;
        if let Some(observer) = self.shared.observer.get() {
            let rows = jobs.iter().map(|job| job.size().0).sum();
            observer.synced(rows, began.elapsed());
        }
        Ok((answers, written))
    }

    /// Shows readers what was committed.
    fn publish(&mut self, written: Written) {
        let Shared {
            timeline, newest, ..
        } = &self.shared;
        if let Some(mark) = written.mark {
            timeline.marked(mark);
        }
        if written.indexed {
            newest.begin_behind(written.reached.head);
            self.background = Background::default();
        } else {
            newest.publish(written.added, written.reached.head);
            self.background.committed(newest, written.unfinished);
        }
        timeline.hold(self.background.held());
        self.database.view = Some(newest.view());
        if written.reached.head > self.reached.head {
            let head = position_of(written.reached.head);
            self.published.send_replace(head);
        }
        self.reached = written.reached;
    }

    fn roll_back(&mut self) {
        // After some failures SQLite has rolled back by itself.
        if !self.database.connection.is_autocommit()
            && let Err(error) = self.database.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a failed write was not rolled back");
        }
        if let Err(error) = anew::forget_schema(&self.database.connection) {
            tracing::error!(%error, "the schema was not read again");
        }
        self.database.forget_uncommitted();
        self.background.taken_back();
    }

    /// Leaves everything on disk, the mark where the timeline really is, and one file instead of
    /// two.
    fn finish(mut self) {
        if let Err(error) = self.work_off() {
            tracing::warn!(%error, "index entries will be made again from the log");
        }
        let Self {
            database, shared, ..
        } = self;
        let mark = shared.timeline.last().0;
        let left = group::write_meta(&database.connection, MARK, mark).and_then(|()| {
            database
                .connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        });
        if let Err(error) = left {
            tracing::warn!(%error, "the database was not tidied at the end; nothing is lost");
        }
    }
}

fn refuse(job: Job, error: StoreError) {
    match job {
        Job::Append(.., caller) => drop(caller.send(Err(error.into()))),
        Job::Commit(_, caller) => drop(caller.send(Err(error.into()))),
        Job::Erase(_, caller) => drop(caller.send(Err(error.into()))),
        Job::Reindex(caller) => drop(caller.send(Err(error))),
        Job::Scrub(caller) => drop(caller.send(Err(error))),
        // Whoever asked goes on with the mark as it is.
        Job::Mark(caller) => drop(caller.send(())),
        // Bodies go on with the dictionary that they have.
        Job::Dictionary { .. } => {}
    }
}
