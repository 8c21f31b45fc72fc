//! Which jobs share a transaction, and so a sync.
//!
//! While a group is synced, those that wait form the next one. Callers that write one statement
//! after the other would part into two halves by that, of which one waits while the other is
//! written, and each sync would serve half of them. So the writer waits for as many callers as it
//! has just answered, at most for a part of the time that the sync took: what they may lose is
//! less than what a shared sync spares them.

use std::sync::mpsc::Receiver;
use std::thread;
use std::time::{Duration, Instant};

use super::Job;
use super::queue::Waiting;

/// The most statements and changes in one group.
const GROUP_ROWS_MAX: usize = 2_000;
/// The most bytes of bodies and values in one group.
const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Into how many the time that the last group took is divided; one such part is waited at most.
const PARTS: u32 = 2;
/// The longest that is waited, on whatever disk.
const WAIT_MAX: Duration = Duration::from_millis(5);
/// How often it is looked meanwhile whether all have come. A caller that comes need not wake the
/// writer, so waiting costs next to no processor time.
const LOOKS: u32 = 4;

/// What is known of the last group.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    /// How many callers that write statements it answered.
    callers: usize,
    /// How long it took.
    took: Duration,
}

/// Jobs that are to share a transaction.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) group: Vec<Job>,
    /// One that belongs to no group and came behind it.
    pub(super) apart: Option<Job>,
    callers: usize,
    rows: usize,
    bytes: usize,
}

impl Gathering {
    /// Takes what waits behind the first job, up to the bounds of a group.
    pub(super) fn gather(&self, first: Job, jobs: &Receiver<Job>, waiting: &Waiting) -> Gathered {
        let mut gathered = Gathered::default();
        let alone = first.stands_alone();
        gathered.add(first, waiting);
        if alone {
            return gathered;
        }
        gathered.take(jobs, waiting);
        let look = (self.took / PARTS).min(WAIT_MAX) / LOOKS;
        for _ in 0..LOOKS {
            if gathered.is_closed() || gathered.callers >= self.callers {
                break;
            }
            thread::sleep(look);
            gathered.take(jobs, waiting);
        }
        gathered
    }

    /// Notes that a group begins to be written.
    pub(super) fn begin(&mut self) -> Instant {
        self.callers = 0;
        Instant::now()
    }

    /// Notes that a group is on disk, and that its callers are told so now.
    pub(super) fn answered(&mut self, group: &[Job], began: Instant) {
        self.callers = group.iter().filter(|job| job.is_of_statements()).count();
        self.took = began.elapsed();
    }
}

impl Gathered {
    fn take(&mut self, jobs: &Receiver<Job>, waiting: &Waiting) {
        while !self.is_closed() {
            let Ok(job) = jobs.try_recv() else { return };
            if job.stands_alone() {
                self.apart = Some(job);
            } else {
                self.add(job, waiting);
            }
        }
    }

    fn add(&mut self, job: Job, waiting: &Waiting) {
        let (rows, bytes) = job.size();
        waiting.less(bytes);
        self.rows += rows;
        self.bytes += bytes;
        self.callers += usize::from(job.is_of_statements());
        self.group.push(job);
    }

    fn is_closed(&self) -> bool {
        self.apart.is_some() || self.rows >= GROUP_ROWS_MAX || self.bytes >= GROUP_BYTES_MAX
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use tokio::sync::oneshot;
    use varde_core::ports::Changes;

    use super::*;

    fn statements() -> Job {
        Job::Append(Vec::new(), Vec::new(), oneshot::channel().0)
    }

    fn records() -> Job {
        Job::Commit(Changes::default(), oneshot::channel().0)
    }

    fn alone() -> Job {
        Job::Reindex(oneshot::channel().0)
    }

    /// Gathers behind a first job of statements, having answered so many before.
    fn gathered(callers: usize, waiting: impl IntoIterator<Item = Job>) -> Gathered {
        let (sender, jobs) = channel();
        waiting.into_iter().for_each(|job| {
            sender.send(job).expect("open");
        });
        let last = Gathering {
            callers,
            took: Duration::ZERO,
        };
        last.gather(statements(), &jobs, &Waiting::default())
    }

    #[test]
    fn a_group_holds_what_waits() {
        let found = gathered(0, [records(), statements()]);
        assert_eq!((found.group.len(), found.callers), (3, 2));
    }

    #[test]
    fn callers_that_do_not_come_back_hold_nobody_up() {
        assert_eq!(gathered(9, [records()]).group.len(), 2);
    }

    #[test]
    fn a_group_ends_before_a_job_that_stands_alone() {
        let found = gathered(9, [records(), alone(), statements()]);
        assert_eq!(found.group.len(), 2);
        assert!(found.apart.is_some_and(|job| job.stands_alone()));
    }

    #[test]
    fn a_job_that_stands_alone_shares_with_nobody() {
        let (sender, jobs) = channel();
        sender.send(statements()).expect("open");
        let found = Gathering::default().gather(alone(), &jobs, &Waiting::default());
        assert_eq!(found.group.len(), 1);
        assert!(jobs.try_recv().is_ok(), "the other waits for its own group");
    }

    #[test]
    fn those_that_were_answered_are_counted_whatever_else_was_written() {
        let mut last = Gathering::default();
        let began = last.begin();
        last.answered(&[statements(), records(), statements()], began);
        assert_eq!(last.callers, 2);
        last.begin();
        assert_eq!(last.callers, 0, "a group that fails answers nobody");
    }
}
