//! The bounded way to the thread that writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use varde_core::ports::StoreError;

use super::Job;
use crate::error::Closed;

/// The most jobs that wait; one more is told that the store is busy.
const WAITING_JOBS_MAX: usize = 1_024;
/// The most bytes of bodies and values that wait, unless one job alone has more.
const WAITING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The way to the thread that writes. Clones lead to the same one, which ends with the last.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    jobs: SyncSender<Job>,
    waiting: Waiting,
}

/// How many bytes wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// Takes bytes in, unless others wait and there would be too many.
    fn more(&self, bytes: usize) -> bool {
        let before = self.0.fetch_add(bytes, Ordering::Relaxed);
        let fits = before == 0 || before + bytes <= WAITING_BYTES_MAX;
        if !fits {
            self.less(bytes);
        }
        fits
    }

    pub(super) fn less(&self, bytes: usize) {
        self.0.fetch_sub(bytes, Ordering::Relaxed);
    }
}

pub(super) fn new() -> (Queue, Receiver<Job>) {
    let (jobs, receiver) = sync_channel(WAITING_JOBS_MAX);
    let waiting = Waiting::default();
    (Queue { jobs, waiting }, receiver)
}

impl Queue {
    /// Hands a job over, or says at once why not.
    pub(crate) fn send(&self, job: Job) -> Result<(), StoreError> {
        let (_, bytes) = job.size();
        if !self.waiting.more(bytes) {
            return Err(StoreError::Busy);
        }
        self.jobs.try_send(job).map_err(|refused| {
            self.waiting.less(bytes);
            match refused {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Disconnected(_) => Closed.into(),
            }
        })
    }

    pub(super) fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_bounded_but_one_job_alone_may_have_more() {
        let waiting = Waiting::default();
        assert!(waiting.more(WAITING_BYTES_MAX + 1));
        assert!(!waiting.more(1));
        waiting.less(WAITING_BYTES_MAX + 1);
        assert!(waiting.more(WAITING_BYTES_MAX - 1));
        assert!(waiting.more(1));
        assert!(!waiting.more(1));
    }
}
