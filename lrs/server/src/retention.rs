//! Erasing what no duty keeps any longer: by command, and of itself where the operator says so.

use std::num::NonZeroU16;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use varde_core::Clock;
use varde_core::erasures::{ErasureError, Erasures, RetentionReceipt};
use varde_interreg::reports::Reports;

use crate::followers::{Carrier, Follower, Trouble};

/// How often it is looked whether a run is due.
const REST: Duration = Duration::from_hours(1);
/// A day in microseconds.
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// What tells which periods are open, and what erases.
#[derive(Debug, Clone)]
pub(crate) struct Retention {
    /// Tells which periods are open.
    pub(crate) reports: Reports,
    /// Erases.
    pub(crate) erasures: Erasures,
}

impl Retention {
    /// Tells what a run would erase.
    pub(crate) async fn plan(&self) -> Result<RetentionReceipt, ErasureError> {
        let open = self.reports.open_periods().await?;
        self.erasures.plan_retention(&open).await
    }

    /// Erases; nobody may run the ledger meanwhile.
    pub(crate) async fn run(&self) -> Result<RetentionReceipt, ErasureError> {
        let open = self.reports.open_periods().await?;
        self.erasures.run_retention(&open).await
    }
}

/// A run that comes again.
#[derive(Debug)]
pub(crate) struct ScheduledRetention {
    /// What is run.
    pub(crate) retention: Retention,
    /// How many days after one run the next is due.
    pub(crate) every_days: NonZeroU16,
    /// Whose turn is taken meanwhile.
    pub(crate) carrier: Arc<Carrier>,
    /// Tells when a run is due.
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Follower for ScheduledRetention {
    fn name(&self) -> &'static str {
        "the scheduled retention"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let last = self.retention.erasures.last_retention().await?;
        let rest = i64::from(self.every_days.get()) * DAY_MICROS;
        let now = self.clock.now().0;
        if last.is_some_and(|last| now < last.0.saturating_add(rest)) {
            return Ok(false);
        }
        let _turn = self.carrier.hold().await;
        let receipt = self.retention.run().await?;
        let statements: usize = receipt.records.iter().map(|kept| kept.statements).sum();
        tracing::info!(
            retention = %receipt.retention,
            statements,
            persons = receipt.persons.len(),
            waiting = receipt.waiting,
            "erased what no duty keeps any longer"
        );
        Ok(false)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        tokio::time::sleep(REST).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use varde_core::keys::Keys;
    use varde_core::ledger::Ledger;
    use varde_core::memory::MemoryStore;
    use varde_interreg::Indicators;
    use varde_test_support::{SeededEntropy, TestClock, erasures, registers};
    use varde_xapi::Stored;

    use super::*;

    #[tokio::test]
    async fn a_run_is_due_at_the_start_and_so_many_days_after_the_last() {
        let clock = Arc::new(TestClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let registers = registers(store.clone(), store.clone()).await;
        let erasures = erasures(&store, &clock, &registers, Vec::new());
        let indicators = Indicators::new(Ledger::new(store.clone(), store.clone()), registers);
        let keys = Keys::new(
            store.clone(),
            Arc::new(SeededEntropy::new(1)),
            clock.clone(),
        );
        let reports = Reports::new(
            indicators,
            store.clone(),
            store.clone(),
            Arc::new(keys),
            clock.clone(),
        );
        let scheduled = ScheduledRetention {
            carrier: Arc::new(Carrier::new(Arc::clone(&erasures.runner))),
            retention: Retention { reports, erasures },
            every_days: NonZeroU16::new(30).expect("not zero"),
            clock: clock.clone(),
        };
        let mut last = None;
        for (day, is_due) in [(0, true), (29, false), (30, true), (59, false), (60, true)] {
            clock.set(Stored(1_800_000_000_000_000 + day * DAY_MICROS));
            assert!(!scheduled.step().await.expect("it runs"), "then it rests");
            let now = scheduled.retention.erasures.last_retention().await;
            let now = now.expect("read");
            assert_eq!(now != last, is_due, "day {day}");
            last = now;
        }
    }
}
