//! Walks through the whole store, slowly and again and again, so that damage is found before it is
//! met: an index that lacks something is made anew, a damaged row is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use prometheus::IntCounter;
use tokio::sync::Mutex;
use varde_core::Position;
use varde_embedded::EmbeddedStore;
use varde_embedded::care::{Finding, What};

use crate::followers::{Follower, Trouble};

/// How long after some hundred rows the next are checked: a percent or two of a processor.
const PACE: Duration = Duration::from_secs(1);
/// How long after one walk the next begins.
const REST: Duration = Duration::from_hours(1);

/// How much of the record is damaged, as far as the walks have found.
#[derive(Debug, Default)]
pub(crate) struct Damage(AtomicU64);

impl Damage {
    /// Returns how many findings of the last walk no index mends.
    pub(crate) fn found(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A walk that comes again.
#[derive(Debug)]
pub(crate) struct BackgroundCheck {
    store: Arc<EmbeddedStore>,
    damage: Arc<Damage>,
    index_rebuilds: IntCounter,
    walk: Mutex<Walk>,
}

/// How far a walk has come.
#[derive(Debug, Default)]
struct Walk {
    after: Position,
    /// How much of the record was found damaged.
    damaged: u64,
    /// Whether the index was made anew: once a walk is enough to try.
    rebuilt: bool,
    /// Whether it has come to the end.
    over: bool,
}

impl BackgroundCheck {
    /// Begins at the first row.
    pub(crate) fn new(
        store: Arc<EmbeddedStore>,
        damage: Arc<Damage>,
        index_rebuilds: IntCounter,
    ) -> Self {
        Self {
            store,
            damage,
            index_rebuilds,
            walk: Mutex::default(),
        }
    }

    async fn tell(&self, walk: &mut Walk, finding: &Finding) -> Result<(), Trouble> {
        tracing::error!(%finding, mend = finding.what.mend(), "the store is damaged");
        if finding.what != What::Index {
            walk.damaged += 1;
        } else if !std::mem::replace(&mut walk.rebuilt, true) {
            self.store.make_index_anew().await?;
            self.index_rebuilds.inc();
            tracing::info!("the index was made anew from the log");
        }
        Ok(())
    }
}

#[async_trait]
impl Follower for BackgroundCheck {
    fn name(&self) -> &'static str {
        "the background check"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let mut walk = self.walk.lock().await;
        if walk.over {
            *walk = Walk::default();
        }
        let checked = self.store.check(walk.after).await?;
        for finding in &checked.findings {
            self.tell(&mut walk, finding).await?;
        }
        walk.after = checked.through;
        walk.over = checked.through >= checked.head;
        if walk.over || walk.damaged > self.damage.found() {
            self.damage.0.store(walk.damaged, Ordering::Relaxed);
        }
        Ok(false)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        let over = self.walk.lock().await.over;
        tokio::time::sleep(if over { REST } else { PACE }).await;
        Ok(())
    }
}
