//! What is done at the start and once a day: the data of attachments that no statement names is
//! removed, and so is what a duty kept that has ended.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use varde_core::Clock;
use varde_core::attachments::Sweep;
use varde_core::erasures::Erasures;

use crate::followers::{Follower, Trouble};

/// How long after one sweep the next begins.
const REST: Duration = Duration::from_hours(24);

/// A sweep that comes again.
#[derive(Debug)]
pub(crate) struct DailySweep {
    /// What sweeps.
    pub(crate) sweep: Sweep,
    /// What ends duties.
    pub(crate) erasures: Erasures,
    /// Tells which data is old enough.
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Follower for DailySweep {
    fn name(&self) -> &'static str {
        "the daily sweep"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let removed = self.sweep.run(self.clock.now()).await?;
        if removed > 0 {
            tracing::info!(removed, "removed attachments that no statement names");
        }
        let today = TimeZone::UTC.to_datetime(self.clock.now().instant()).date();
        let ended = self.erasures.end_duties(today).await?;
        if ended > 0 {
            tracing::info!(ended, "erased statements that no duty keeps any longer");
        }
        Ok(false)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        tokio::time::sleep(REST).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use varde_core::Space;
    use varde_core::memory::MemoryStore;
    use varde_core::ports::{AttachmentName, Attachments as _};
    use varde_test_support::{TestClock, erasures, registers};
    use varde_xapi::Stored;
    use varde_xapi::attachment::Digester;

    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1_000_000;

    #[tokio::test]
    async fn a_step_removes_what_nobody_names_any_more() {
        let clock = Arc::new(TestClock::at(0));
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let registers = registers(store.clone(), store.clone()).await;
        let name = AttachmentName {
            space: Space::live("sing").expect("a space"),
            sha2: Digester::of("").finish(),
        };
        let writer = store.write(name.clone()).await.expect("a writer");
        writer.keep().await.expect("the data is kept");
        let daily = DailySweep {
            erasures: erasures(&store, &clock, &registers, Vec::new()),
            sweep: Sweep::new(store.clone(), store.clone(), store.clone()),
            clock: clock.clone(),
        };
        for (now, kept) in [(DAY, true), (DAY + 1, false)] {
            clock.set(Stored(now));
            assert!(!daily.step().await.expect("it sweeps"), "then it rests");
            let reader = store.read(&name).await.expect("it is looked up");
            assert_eq!(reader.is_some(), kept);
        }
    }
}
