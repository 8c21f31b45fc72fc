//! What the parts of one process's store share.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use mongodb::bson::{Document, doc};
use mongodb::options::ReturnDocument;
use tokio::sync::watch;
use varde_core::Clock;
use varde_core::ports::{GroupObserver, StoreError};
use varde_xapi::Stored;

use crate::abandoned::unhindered;
use crate::connections::Connections;
use crate::error::Fault;
use crate::layout::head::{self, Head};
use crate::options::Tuning;
use crate::schema::Collections;

/// What the parts of a store share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) collections: Collections,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) skew: Skew,
    /// Which of the processes on the database this is.
    pub(crate) process: i64,
    /// Who is told of each group of writes.
    pub(crate) observer: OnceLock<Arc<dyn GroupObserver>>,
    /// How many connections there are.
    pub(crate) connections: Arc<Connections>,
    shown_again: Duration,
    /// How far the store has come, as far as this process knows.
    head: watch::Sender<Head>,
    /// When this process last wrote an instant to show, by its clock.
    written: Mutex<Option<Stored>>,
}

impl Shared {
    pub(crate) fn new(
        collections: Collections,
        clock: Arc<dyn Clock>,
        tuning: Tuning,
        (head, process, connections): (Head, i64, Arc<Connections>),
    ) -> Self {
        Self {
            collections,
            clock,
            process,
            observer: OnceLock::new(),
            connections,
            skew: Skew::new(tuning.skew_max),
            shown_again: tuning.shown_again,
            head: watch::Sender::new(head),
            written: Mutex::default(),
        }
    }

    /// Notes how far the store has come. Whoever waits for that is woken.
    pub(crate) fn reached(&self, head: Head) {
        self.head.send_if_modified(|known| {
            let grown = head.position > known.position;
            let begins = known.waiting.is_empty() && !head.waiting.is_empty();
            known.position = known.position.max(head.position);
            known.commits = known.commits.max(head.commits);
            // With the same instant, the same waits.
            if head.stored >= known.stored {
                known.stored = head.stored;
                known.waiting = head.waiting;
            }
            grown || begins
        });
    }

    /// Notes that the log has come to a position, when nothing else is known. Whoever waits for that
    /// is woken.
    pub(crate) fn grown(&self, position: i64) {
        self.head.send_if_modified(|known| {
            let grown = position > known.position;
            known.position = known.position.max(position);
            grown
        });
    }

    /// Returns what tells when the store has come further.
    pub(crate) fn watch(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    /// Reads how far the store has come.
    pub(crate) async fn read_head(&self) -> Result<Head, Fault> {
        let found = self.collections.head.find_one(by_id()).await?;
        let head = Head::read(&found.ok_or_else(head::missing)?)?;
        self.reached(head.clone());
        Ok(head)
    }

    /// Returns an instant that the head holds: nothing will be stored there again, by whichever
    /// process. A later one is written first, unless one was a moment ago.
    pub(crate) async fn show(&self) -> Result<Stored, StoreError> {
        let now = self.clock.now();
        let was = *lock(&self.written);
        let is_fresh = was.is_some_and(|was| {
            let since = now.0.checked_sub(was.0).and_then(|t| u64::try_from(t).ok());
            since.is_some_and(|since| Duration::from_micros(since) < self.shown_again)
        });
        if is_fresh {
            return Ok(self.head.borrow().complete_through());
        }
        let head = if self.skew.check().is_ok() {
            let head = self.move_to(now).await?;
            *lock(&self.written) = Some(now);
            head
        } else {
            // The present instant of this process is not one that others may be held to.
            self.read_head().await?
        };
        Ok(head.complete_through())
    }

    async fn move_to(&self, now: Stored) -> Result<Head, Fault> {
        let update = doc! { "$max": { "stored": now.0 } };
        let moved = self
            .collections
            .head
            .find_one_and_update(by_id(), update)
            .return_document(ReturnDocument::After)
            .into_future();
        let moved = unhindered(&self.collections.client, moved).await?;
        let head = Head::read(&moved.ok_or_else(head::missing)?)?;
        self.reached(head.clone());
        Ok(head)
    }
}

fn by_id() -> Document {
    doc! { "_id": head::ID }
}

/// How far the clock of this process lies from the primary's.
#[derive(Debug)]
pub(crate) struct Skew {
    max: Option<Duration>,
    found: Mutex<Option<Duration>>,
}

impl Skew {
    fn new(max: Option<Duration>) -> Self {
        Self {
            max,
            found: Mutex::default(),
        }
    }

    /// Says so when the clocks lie too far apart for this process to write.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match (*lock(&self.found), self.max) {
            (Some(found), Some(max)) if found > max => Err(StoreError::Unwritable {
                reason: format!(
                    "the clock of this machine is {} ms off that of the MongoDB primary, and at \
                     most {} ms are allowed: set both by NTP",
                    found.as_millis(),
                    max.as_millis()
                ),
            }),
            _ => Ok(()),
        }
    }

    /// Asks the primary for the time.
    pub(crate) async fn measure(&self, shared: &Shared) -> Result<(), Fault> {
        if self.max.is_none() {
            return Ok(());
        }
        let before = shared.clock.now();
        let hello = doc! { "hello": 1 };
        let said = shared.collections.database.run_command(hello).await?;
        let after = shared.clock.now();
        let Ok(theirs) = said.get_datetime("localTime") else {
            return Err(Fault::Foreign("the primary tells no time".to_owned()));
        };
        let theirs = theirs.timestamp_millis().saturating_mul(1_000);
        *lock(&self.found) = Some(apart(before.0, theirs, after.0));
        Ok(())
    }
}

/// Returns how far an instant, in microseconds and cut to milliseconds, lies outside the two
/// between which it was asked for.
fn apart(before: i64, asked: i64, after: i64) -> Duration {
    let micros = (before - (asked + 999)).max(asked - after).max(0);
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_between_is_not_apart() {
        assert_eq!(apart(10_000, 10_000, 30_000), Duration::ZERO);
        assert_eq!(apart(10_500, 10_000, 10_600), Duration::ZERO, "cut");
        assert_eq!(
            apart(3_000_000, 1_000_000, 3_100_000).as_micros(),
            1_999_001
        );
        assert_eq!(
            apart(1_000_000, 3_000_000, 1_100_000).as_micros(),
            1_900_000
        );
    }

    #[test]
    fn clocks_too_far_apart_are_told() {
        let skew = Skew::new(Some(Duration::from_secs(1)));
        assert!(skew.check().is_ok(), "before anything was measured");
        *lock(&skew.found) = Some(Duration::from_millis(1_001));
        let said = skew.check().expect_err("too far").to_string();
        assert!(said.contains("1001 ms off"), "{said}");
    }
}
