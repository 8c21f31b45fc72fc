//! Erasing what no duty keeps any longer: statements whose last day has passed in every project that
//! they belong to, and whoever is behind them once nothing else is held of them.
//!
//! A [`Duty`](super::Duty) says until when; where no project has one for a statement, nothing releases
//! it. What is released is erased as anybody's is, so no number moves. It waits while a report that it
//! could still turn up in is open ([`OpenPeriod`]).

mod leaving;
mod receipt;
mod scan;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use varde_xapi::Stored;

pub(super) use self::leaving::forgotten;
pub use self::receipt::{ReleasedRecords, RetentionReceipt};
use self::scan::Scan;
use super::{ErasureError, ErasureId, Erasures, Held, Manner};
use crate::ports::{Change, Changes, Collection, EraseError, Expected, StoreError};

/// `last` → when a run last came to its end; a run's id → its [`RetentionReceipt`].
const RETENTION: Collection = Collection("retention");
/// The key of the instant of the last run.
const LAST: &[u8] = b"last";
/// How many persons are erased in one erasure.
const PERSONS_AT_A_TIME: usize = 100;

/// The days and statements of a project that reports are still to tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPeriod {
    /// The last day before the first period that is not reported; `None` where none before it is.
    pub after: Option<Date>,
    /// The last day of the last period that is not reported.
    pub through: Date,
    /// Through which instant the last report before knew everything: what came later is a correction
    /// in the next.
    pub known: Option<Stored>,
}

impl OpenPeriod {
    /// Tells whether a report is still to tell of something that happened on a day and was stored at
    /// an instant.
    pub fn holds(&self, day: Date, stored: Stored) -> bool {
        let is_reported = self.after.is_some_and(|after| day <= after);
        let is_known = self.known.is_some_and(|known| stored <= known);
        !is_known || (!is_reported && day <= self.through)
    }
}

/// The open periods of projects, by code; a project that has none is not in it.
pub type OpenPeriods = BTreeMap<String, OpenPeriod>;

impl Erasures {
    /// Tells what a run would erase, and changes nothing.
    pub async fn plan_retention(
        &self,
        open: &OpenPeriods,
    ) -> Result<RetentionReceipt, ErasureError> {
        let today = self.today();
        let mut receipt = self.retention_receipt(today, true).await?;
        let held = self.all_held().await?;
        let scan = Scan::of(self, open, today).await?;
        receipt.note(&scan);
        let left = held.iter().filter(|held| !has_ended(held, today));
        for named in self.leaving(&scan, left).await? {
            receipt.leaves(&named);
        }
        Ok(receipt)
    }

    /// Erases what no duty keeps any longer. Takes as long as reading the log, and as an erasure where
    /// there is something to erase. Nobody may run the ledger meanwhile.
    ///
    /// What is cut short is brought to its end by the next run, or by the next start of the server.
    pub async fn run_retention(
        &self,
        open: &OpenPeriods,
    ) -> Result<RetentionReceipt, ErasureError> {
        let today = self.today();
        // What an earlier run began and did not finish.
        self.reapply().await?;
        let mut receipt = self.retention_receipt(today, false).await?;
        self.end_duties(today).await?;
        let scan = Scan::of(self, open, today).await?;
        receipt.note(&scan);
        if !scan.released.is_empty() {
            receipt.took(&self.release(&scan.released).await?);
        }
        let left = self.all_held().await?;
        let leaving = self.leaving(&scan, left.iter()).await?;
        for some in leaving.chunks(PERSONS_AT_A_TIME) {
            let mut together = super::whom::Named::default();
            for named in some {
                receipt.leaves(named);
                together.join(named);
            }
            receipt.took(&self.act(together, &Manner::Erase, false).await?);
        }
        self.keep_receipt(&receipt).await?;
        Ok(receipt)
    }

    /// Returns when a run last came to its end in this store.
    pub async fn last_retention(&self) -> Result<Option<Stored>, StoreError> {
        let record = self.records.get(RETENTION, LAST).await?;
        let at = record.map(|record| serde_json::from_slice(&record.value));
        at.transpose().map_err(StoreError::failed)
    }

    fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.clock.now().instant()).date()
    }

    /// Returns a receipt that tells of what is held and over.
    async fn retention_receipt(
        &self,
        today: Date,
        dry_run: bool,
    ) -> Result<RetentionReceipt, ErasureError> {
        let id = ErasureId(self.entropy.uuid());
        let mut receipt = RetentionReceipt::new(id, self.clock.now(), today, dry_run);
        let held = self.all_held().await?;
        for held in held.iter().filter(|held| has_ended(held, today)) {
            receipt.note_held(held);
        }
        receipt.restrictions = self.restrictions_over(today).await?.len();
        Ok(receipt)
    }

    async fn keep_receipt(&self, receipt: &RetentionReceipt) -> Result<(), ErasureError> {
        let put = |key: &[u8], value: serde_json::Result<Vec<u8>>| {
            Ok::<_, StoreError>(Change {
                collection: RETENTION,
                key: key.to_vec(),
                value: Some(value.map_err(StoreError::failed)?),
                expected: Expected::Anything,
            })
        };
        let changes = Changes {
            changes: vec![
                put(LAST, serde_json::to_vec(&receipt.at))?,
                put(receipt.retention.0.as_bytes(), serde_json::to_vec(receipt))?,
            ],
            ..Changes::default()
        };
        let done = self.records.commit(changes).await;
        done.map_err(EraseError::from)?;
        Ok(())
    }
}

fn has_ended(held: &Held, today: Date) -> bool {
    held.until.day.is_some_and(|last| last < today)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_open_from_the_day_after_what_is_reported_and_for_what_came_since() {
        let open = OpenPeriod {
            after: Some(day("2025-06-30")),
            through: day("2025-12-31"),
            known: Some(Stored(100)),
        };
        for (of, stored, is_open) in [
            ("2025-06-30", 100, false),
            ("2025-06-30", 101, true),
            ("2025-07-01", 100, true),
            ("2025-12-31", 100, true),
            ("2026-01-01", 100, false),
        ] {
            assert_eq!(
                open.holds(day(of), Stored(stored)),
                is_open,
                "{of} {stored}"
            );
        }
        let unreported = OpenPeriod {
            after: None,
            known: None,
            ..open
        };
        assert!(unreported.holds(day("2019-01-01"), Stored(1)));
    }
}
