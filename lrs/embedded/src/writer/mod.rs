//! The one thread that writes.
//!
//! It takes a job, then whatever else waits, writes all of them in one transaction, syncs once,
//! and answers each. Under load the sync itself is what forms the groups; there is no timer.

mod append;
mod commit;
mod erase;
mod group;
mod references;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

use tokio::sync::{oneshot, watch};
use varde_core::ports::{
    AppendError, Appended, Changes, CommitError, Committed, EraseError, Erasure, NewStatement,
    Position, StoreError,
};

pub(crate) use self::group::MARK;
use self::group::{Group, Reached};
use crate::database::Database;
use crate::error::{Closed, Fault, Refusal, position_of};
use crate::origin::Origins;
use crate::timeline::Timeline;

/// The most jobs that wait; one more is told that the store is busy.
const WAITING_JOBS_MAX: usize = 1_024;
/// The most statements and changes in one group.
const GROUP_ROWS_MAX: usize = 2_000;
/// The most bytes of bodies and values in one group.
const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Something to write, and where the answer goes.
pub(crate) enum Job {
    Append(
        Vec<NewStatement>,
        oneshot::Sender<Result<Appended, AppendError>>,
    ),
    Commit(Changes, oneshot::Sender<Result<Committed, CommitError>>),
    /// Written in a group of its own: it reads back what others of a group only noted.
    Erase(Erasure, oneshot::Sender<Result<Committed, EraseError>>),
    /// Not a write: the files are made anew from what they hold.
    Scrub(oneshot::Sender<Result<(), StoreError>>),
    /// Only the mark of the timeline.
    Mark(oneshot::Sender<()>),
}

impl Job {
    /// Returns how many rows and bytes the job adds to a group, roughly.
    fn size(&self) -> (usize, usize) {
        match self {
            Self::Append(batch, _) => (
                batch.len(),
                batch.iter().map(|statement| statement.body.len()).sum(),
            ),
            Self::Commit(changes, _) => (
                changes.changes.len() + changes.events.len(),
                changes.bytes(),
            ),
            Self::Erase(..) | Self::Scrub(_) | Self::Mark(_) => (0, 0),
        }
    }

    fn stands_alone(&self) -> bool {
        matches!(self, Self::Erase(..) | Self::Scrub(_))
    }
}

/// The way to the thread that writes.
#[derive(Debug)]
pub(crate) struct Queue(SyncSender<Job>);

impl Queue {
    /// Hands a job over, or says at once why not.
    pub(crate) fn send(&self, job: Job) -> Result<(), StoreError> {
        self.0.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => Closed.into(),
        })
    }
}

/// Starts the thread. It ends, with everything written, when the queue is dropped.
pub(crate) fn start(
    database: Database,
    timeline: Arc<Timeline>,
) -> Result<(Queue, watch::Receiver<Position>, JoinHandle<()>), Fault> {
    let (sender, jobs) = sync_channel(WAITING_JOBS_MAX);
    let reached = Reached {
        head: database.head()?,
        commits: database.meta(group::COMMITS)?.unwrap_or_default(),
    };
    let (published, watched) = watch::channel(position_of(reached.head));
    let writer = Writer {
        database,
        timeline,
        jobs,
        published,
        reached,
    };
    let thread = thread::Builder::new().name("varde-writer".to_owned());
    let thread = thread.spawn(move || writer.run()).map_err(no_thread)?;
    Ok((Queue(sender), watched, thread))
}

/// Tells of a thread that the system did not give, in the words of the database.
fn no_thread(error: std::io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

struct Writer {
    database: Database,
    timeline: Arc<Timeline>,
    jobs: Receiver<Job>,
    published: watch::Sender<Position>,
    /// How far the transactions have come.
    reached: Reached,
}

/// What became of a job, to be told once the group is on disk.
enum Answer {
    Append(Result<Appended, AppendError>),
    Commit(Result<Committed, CommitError>),
    Erase(Result<Committed, EraseError>),
    Mark,
}

impl Writer {
    fn run(mut self) {
        let mut next = self.jobs.recv().ok();
        while let Some(first) = next {
            let mut held = None;
            if let Job::Scrub(caller) = first {
                drop(caller.send(self.scrub()));
            } else {
                let group;
                (group, held) = self.gather(first);
                self.write(group);
            }
            next = held.or_else(|| self.jobs.recv().ok());
        }
        self.finish();
    }

    /// Takes what waits behind the first job, up to the bounds of a group; returns apart a job
    /// that belongs to no group.
    fn gather(&self, first: Job) -> (Vec<Job>, Option<Job>) {
        let (mut rows, mut bytes) = first.size();
        let alone = first.stands_alone();
        let mut group = vec![first];
        while !alone && rows < GROUP_ROWS_MAX && bytes < GROUP_BYTES_MAX {
            let Ok(job) = self.jobs.try_recv() else { break };
            if job.stands_alone() {
                return (group, Some(job));
            }
            let size = job.size();
            (rows, bytes) = (rows + size.0, bytes + size.1);
            group.push(job);
        }
        (group, None)
    }

    /// Makes the file anew from what the tables hold, and empties the write-ahead log.
    fn scrub(&self) -> Result<(), StoreError> {
        let connection = &self.database.connection;
        let emptied = || {
            Origins::empty_unnamed(connection)?;
            self.database.forget_origins();
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
        match self.try_write(&jobs) {
            Ok(answers) => {
                for (job, said) in jobs.into_iter().zip(answers) {
                    answer(job, said);
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

    /// One job met a damaged row: the others must not suffer for it.
    fn write_apart(&mut self, mut jobs: Vec<Job>, damage: Fault) {
        if jobs.len() > 1 {
            for job in jobs {
                self.write(vec![job]);
            }
        } else if let Some(job) = jobs.pop() {
            tracing::error!(error = %damage, "a write met a damaged row");
            refuse(job, damage.into());
        }
    }

    /// Writes all the jobs in one transaction, synced when this returns; or nothing of them.
    fn try_write(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, Fault> {
        self.timeline.begin();
        let written = self.transact(jobs);
        if written.is_err() {
            self.roll_back();
        }
        self.timeline.end();
        let (answers, reached) = written?;
        if reached.head > self.reached.head {
            self.published.send_replace(position_of(reached.head));
        }
        self.reached = reached;
        Ok(answers)
    }

    fn transact(&self, jobs: &[Job]) -> Result<(Vec<Answer>, Reached), Fault> {
        self.database.connection.execute_batch("BEGIN IMMEDIATE")?;
        let mut group = Group::new(&self.database, &self.timeline, self.reached);
        let answers = jobs
            .iter()
            .map(|job| group.take(job))
            .collect::<Result<_, _>>()?;
        let (reached, mark) = group.finish()?;
        self.database.connection.execute_batch("COMMIT")?;
        if let Some(mark) = mark {
            self.timeline.marked(mark);
        }
        Ok((answers, reached))
    }

    fn roll_back(&self) {
        // After some failures SQLite has rolled back by itself.
        if !self.database.connection.is_autocommit()
            && let Err(error) = self.database.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a failed write was not rolled back");
        }
        self.database.forget_origins();
    }

    /// Leaves the mark where the timeline really is, and one file instead of two.
    fn finish(self) {
        let Self {
            database, timeline, ..
        } = self;
        let mark = timeline.last().0;
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

/// Tells a caller what became of the job; one that stopped waiting is told nothing.
fn answer(job: Job, answer: Answer) {
    match (job, answer) {
        (Job::Append(_, caller), Answer::Append(said)) => drop(caller.send(said)),
        (Job::Commit(_, caller), Answer::Commit(said)) => drop(caller.send(said)),
        (Job::Erase(_, caller), Answer::Erase(said)) => drop(caller.send(said)),
        (Job::Mark(caller), Answer::Mark) => drop(caller.send(())),
        _ => unreachable!("an answer is made from its own job"),
    }
}

fn refuse(job: Job, error: StoreError) {
    match job {
        Job::Append(_, caller) => drop(caller.send(Err(error.into()))),
        Job::Commit(_, caller) => drop(caller.send(Err(error.into()))),
        Job::Erase(_, caller) => drop(caller.send(Err(error.into()))),
        Job::Scrub(caller) => drop(caller.send(Err(error))),
        // Whoever asked goes on with the mark as it is.
        Job::Mark(caller) => drop(caller.send(())),
    }
}
