//! Leases: work that one of several processes does at a time.
//!
//! A lease makes it rare that two do the same work, so that neither wastes its time. That two never
//! harm each other is not its concern: what they write expects what they had read, and whoever
//! loses that race starts over ([`Expected`]). So a process that stood still while its lease went
//! to another does no harm when it goes on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;
use varde_xapi::Stored;

use crate::ports::{Change, Changes, Collection, Expected, Record, Records, StoreError, was_done};
use crate::{Clock, Entropy};

/// How often a lease is to be asked for, in microseconds: who holds it renews it by that.
pub const RENEWED_EVERY_MICROS: i64 = 1_000_000;
/// How long a lease that nobody renews stays with its holder, in microseconds, as the others
/// count it.
pub const LAPSES_AFTER_MICROS: i64 = 3_000_000;

/// Who holds which lease.
const LEASE: Collection = Collection("lease");

/// The claim of one process to one kind of work.
///
/// The clocks of processes are never compared: each counts by its own how long it has seen the
/// lease unrenewed.
#[derive(Debug)]
pub struct Lease {
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    name: &'static str,
    /// Tells this process from the others.
    own: Uuid,
    seen: Mutex<Seen>,
}

/// What was seen of a lease when it was last looked at.
#[derive(Debug, Default)]
struct Seen {
    /// Its record's version, and when that was first seen.
    version: Option<(u64, Stored)>,
    /// Until when this process may count on it.
    held_until: Option<Stored>,
}

impl Lease {
    /// Names the work. Processes that give the same name to the same store take turns.
    pub fn new(
        records: Arc<dyn Records>,
        clock: Arc<dyn Clock>,
        entropy: &dyn Entropy,
        name: &'static str,
    ) -> Self {
        Self {
            records,
            clock,
            name,
            own: entropy.uuid(),
            seen: Mutex::default(),
        }
    }

    /// Asks for the lease, or renews it, and tells whether this process holds it. To be called
    /// once every [`RENEWED_EVERY_MICROS`].
    pub async fn ask(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let found = self.records.get(LEASE, self.name.as_bytes()).await?;
        let expected = match &found {
            None => Expected::Absent,
            Some(record) if record.value == self.own.as_bytes() => {
                Expected::Version(record.version)
            }
            Some(record) if self.has_lapsed(record, now) => Expected::Version(record.version),
            Some(_) => return Ok(false),
        };
        let written = self
            .write(Some(self.own.as_bytes().to_vec()), expected)
            .await?;
        // Counted from before it was asked for, so never longer than others wait.
        let until = Stored(now.0.saturating_add(LAPSES_AFTER_MICROS));
        self.seen().held_until = written.then_some(until);
        Ok(written)
    }

    /// Tells whether this process may count on holding the lease at this moment: nobody else can
    /// have taken it yet.
    pub fn is_held(&self) -> bool {
        let now = self.clock.now();
        let held = self.seen().held_until;
        held.is_some_and(|until| now < until)
    }

    /// Gives the lease up, where this process holds it, so that another need not wait.
    pub async fn give_up(&self) -> Result<(), StoreError> {
        self.seen().held_until = None;
        let found = self.records.get(LEASE, self.name.as_bytes()).await?;
        if let Some(record) = found.filter(|record| record.value == self.own.as_bytes()) {
            self.write(None, Expected::Version(record.version)).await?;
        }
        Ok(())
    }

    /// Tells whether another's lease was seen unrenewed for long enough.
    fn has_lapsed(&self, record: &Record, now: Stored) -> bool {
        let mut seen = self.seen();
        seen.held_until = None;
        let since = match seen.version {
            // A clock that went back counts anew.
            Some((version, since)) if version == record.version && since <= now => since,
            _ => now,
        };
        seen.version = Some((record.version, since));
        now.0 - since.0 >= LAPSES_AFTER_MICROS
    }

    /// Writes the record as expected, and tells whether nobody came between.
    async fn write(&self, value: Option<Vec<u8>>, expected: Expected) -> Result<bool, StoreError> {
        let change = Change {
            collection: LEASE,
            key: self.name.as_bytes().to_vec(),
            value,
            expected,
        };
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        was_done(self.records.commit(changes).await)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
