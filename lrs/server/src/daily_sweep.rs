//! Removes the data of attachments that no statement names, at the start and once a day.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use varde_core::Clock;
use varde_core::attachments::Sweep;

use crate::followers::{Follower, Trouble};

/// How long after one sweep the next begins.
const REST: Duration = Duration::from_hours(24);

/// A sweep that comes again.
#[derive(Debug)]
pub(crate) struct DailySweep {
    /// What sweeps.
    pub(crate) sweep: Sweep,
    /// Tells which data is old enough.
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Follower for DailySweep {
    fn name(&self) -> &'static str {
        "the sweep of attachments"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let removed = self.sweep.run(self.clock.now()).await?;
        if removed > 0 {
            tracing::info!(removed, "removed attachments that no statement names");
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
    use varde_xapi::Stored;
    use varde_xapi::attachment::Digester;

    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1_000_000;

    #[derive(Debug)]
    struct Showing(i64);

    impl Clock for Showing {
        fn now(&self) -> Stored {
            Stored(self.0)
        }
    }

    #[tokio::test]
    async fn a_step_removes_what_nobody_names_any_more() {
        let store = Arc::new(MemoryStore::new(Arc::new(Showing(0))));
        let name = AttachmentName {
            space: Space::live("sing").expect("a space"),
            sha2: Digester::of("").finish(),
        };
        let writer = store.write(name.clone()).await.expect("a writer");
        writer.keep().await.expect("the data is kept");
        for (now, kept) in [(DAY, true), (DAY + 1, false)] {
            let daily = DailySweep {
                sweep: Sweep::new(store.clone(), store.clone()),
                clock: Arc::new(Showing(now)),
            };
            assert!(!daily.step().await.expect("it sweeps"), "then it rests");
            let reader = store.read(&name).await.expect("it is looked up");
            assert_eq!(reader.is_some(), kept);
        }
    }
}
