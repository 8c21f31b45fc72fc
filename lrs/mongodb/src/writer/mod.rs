//! The one task of a process that writes.
//!
//! It takes a job, then whatever else waits, and writes all of them in one transaction. Each
//! transaction first moves the head on, so those of all processes stand in one order; whoever
//! loses a race for it starts over.

mod append;
mod backlog;
mod commit;
mod erase;
mod group;
mod references;
mod transaction;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;
use varde_core::ports::{
    AppendError, Appended, Change, Changes, CommitError, Committed, EraseError, Erasure,
    NewStatement, StoreError,
};

use self::backlog::{Backlog, Slice};
use self::group::Answer;
pub(crate) use self::group::Attempt;
use self::transaction::Transactions;
use crate::abandoned::unhindered;
use crate::shared::Shared;

/// The most statements and changes in one group.
const GROUP_ROWS_MAX: usize = 2_000;
/// The most bytes of bodies and values in one group.
const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The most jobs that wait. One more is told that the store is busy.
const WAITING_MAX: usize = 4_096;

/// Something to write, and where the answer goes.
#[derive(Debug)]
pub(crate) enum Job {
    Append(
        Vec<NewStatement>,
        Vec<Change>,
        oneshot::Sender<Result<Appended, AppendError>>,
    ),
    Commit(Changes, oneshot::Sender<Result<Committed, CommitError>>),
    /// Written in a group of its own.
    Erase(Erasure, oneshot::Sender<Result<Committed, EraseError>>),
    /// What the task gives itself to do; nobody waits for an answer.
    Inherit(Slice),
}

impl Job {
    /// Returns how many rows and bytes the job adds to a group, roughly.
    pub(super) fn size(&self) -> (usize, usize) {
        match self {
            Self::Append(batch, beside, _) => {
                let bytes = batch.iter().map(|new| new.body.len());
                (batch.len() + beside.len(), bytes.sum())
            }
            Self::Commit(changes, _) => (
                changes.changes.len() + changes.events.len(),
                changes.bytes(),
            ),
            Self::Erase(..) | Self::Inherit(_) => (0, 0),
        }
    }

    fn stands_alone(&self) -> bool {
        matches!(self, Self::Erase(..) | Self::Inherit(_))
    }
}

/// Where jobs wait for the task.
#[derive(Debug, Clone)]
pub(crate) struct Queue(mpsc::Sender<Job>);

impl Queue {
    /// Starts the task. It ends, with everything written, when the last queue is dropped.
    pub(crate) fn start(shared: Arc<Shared>) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, jobs) = mpsc::channel(WAITING_MAX);
        let writer = Writer {
            transactions: Transactions::new(Arc::clone(&shared)),
            shared,
            jobs,
            backlog: Backlog::default(),
        };
        (Self(sender), tokio::spawn(writer.run()))
    }

    /// Hands a job over, unless too many wait.
    pub(crate) fn send(&self, job: Job) -> Result<(), StoreError> {
        self.0.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Closed(_) => StoreError::failed("the store is closed"),
        })
    }
}

struct Writer {
    transactions: Transactions,
    shared: Arc<Shared>,
    jobs: mpsc::Receiver<Job>,
    backlog: Backlog,
}

impl Writer {
    async fn run(mut self) {
        let mut next = self.next().await;
        while let Some(first) = next {
            let (group, apart) = self.gather(first);
            if group.iter().any(Job::stands_alone) {
                self.inherit_all().await;
            }
            self.write(group).await;
            if self.due() == Some(Duration::ZERO) {
                // Where it fails, it is tried again later.
                let _ = self.inherit().await;
            }
            next = match apart {
                Some(job) => Some(job),
                None => self.next().await,
            };
        }
    }

    /// Waits for the next job, and lets meanwhile be inherited what waits for that.
    async fn next(&mut self) -> Option<Job> {
        loop {
            let mut heads = self.shared.watch();
            let due = self.due();
            tokio::select! {
                biased;
                job = self.jobs.recv() => return job,
                () = sleep(due.unwrap_or_default()), if due.is_some() => {
                    let _ = self.inherit().await;
                }
                _ = heads.changed(), if due.is_none() => {}
            }
        }
    }

    /// Takes what waits behind the first job, up to the bounds of a group; returns apart a job
    /// that belongs to no group and came behind it.
    fn gather(&mut self, first: Job) -> (Vec<Job>, Option<Job>) {
        let alone = first.stands_alone();
        let (mut rows, mut bytes) = first.size();
        let mut group = vec![first];
        while !alone && rows < GROUP_ROWS_MAX && bytes < GROUP_BYTES_MAX {
            let Ok(job) = self.jobs.try_recv() else { break };
            if job.stands_alone() {
                return (group, Some(job));
            }
            let more = job.size();
            rows += more.0;
            bytes += more.1;
            group.push(job);
        }
        (group, None)
    }

    /// Writes a group and answers each job in it.
    async fn write(&mut self, jobs: Vec<Job>) {
        if let Err(error) = self.shared.skew.check() {
            return jobs
                .into_iter()
                .for_each(|job| refuse(job, copy_of(&error)));
        }
        let client = &self.shared.collections.client;
        match unhindered(client, self.transactions.run(&jobs)).await {
            Ok((answers, head)) => {
                self.shared.reached(head);
                for (job, answer) in jobs.into_iter().zip(answers) {
                    give(job, answer);
                }
            }
            Err(error) if jobs.len() > 1 && !matches!(error, StoreError::Busy) => {
                // What is wrong with one must not harm the others.
                for job in jobs {
                    Box::pin(self.write(vec![job])).await;
                }
            }
            Err(error) => jobs
                .into_iter()
                .for_each(|job| refuse(job, copy_of(&error))),
        }
    }
}

/// Returns the same error for another caller.
fn copy_of(error: &StoreError) -> StoreError {
    match error {
        StoreError::Busy => StoreError::Busy,
        StoreError::Sealed => StoreError::Sealed,
        StoreError::Unwritable { reason } => StoreError::Unwritable {
            reason: reason.clone(),
        },
        StoreError::Damaged { position, id } => StoreError::Damaged {
            position: *position,
            id: *id,
        },
        StoreError::Index { reason } => StoreError::Index {
            reason: reason.clone(),
        },
        StoreError::Failed(source) => StoreError::failed(source.to_string()),
    }
}

/// Tells a caller what became of the job; one that stopped waiting is told nothing.
fn give(job: Job, answer: Answer) {
    match (job, answer) {
        (Job::Append(.., caller), Answer::Append(said)) => drop(caller.send(said)),
        (Job::Commit(_, caller), Answer::Commit(said)) => drop(caller.send(said)),
        (Job::Erase(_, caller), Answer::Erase(said)) => drop(caller.send(said)),
        (Job::Inherit(_), Answer::Inherit) => {}
        _ => unreachable!("an answer is made from its own job"),
    }
}

fn refuse(job: Job, error: StoreError) {
    match job {
        Job::Append(.., caller) => drop(caller.send(Err(error.into()))),
        Job::Commit(_, caller) => drop(caller.send(Err(error.into()))),
        Job::Erase(_, caller) => drop(caller.send(Err(error.into()))),
        Job::Inherit(_) => {}
    }
}
