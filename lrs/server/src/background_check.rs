//! Walks through the whole store, slowly and again and again, so that damage is found before it is
//! met: an index that does not fit the log is made anew, damage of the record is told. Whoever meets
//! damage first wakes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use prometheus::IntCounter;
use tokio::sync::Mutex;
use tokio::time::Instant;
use varde_core::Position;
use varde_core::ports::{StatementLog as _, StoreError};
use varde_embedded::EmbeddedStore;
use varde_embedded::care::{EntryPlace, Finding, What};

use crate::followers::{Follower, Trouble};

/// How long after some hundred rows the next are checked: a percent or two of a processor.
const PACE: Duration = Duration::from_secs(1);
/// How long after one walk the next begins.
const REST: Duration = Duration::from_hours(1);
/// How long after it was woken it is not woken again: what cannot be mended may be met often.
const WOKEN_REST: Duration = Duration::from_mins(10);

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
    checks: IntCounter,
    walk: Mutex<Walk>,
}

/// How far a walk has come.
#[derive(Debug, Default)]
struct Walk {
    next: Next,
    /// How much of the record was found damaged.
    damaged: u64,
    /// Whether the index was made anew: once a walk is enough to try.
    rebuilt: bool,
    /// When it was last woken.
    woken: Option<Instant>,
}

/// What a walk goes on with.
#[derive(Debug, Clone, PartialEq)]
enum Next {
    /// The pages of the file, all at once; only for those who are woken.
    Pages,
    /// The rows behind a position.
    Rows(Position),
    /// The entries of the index and the records behind a place.
    Entries(EntryPlace),
    /// The pages of the index: entries may be read from a page that is malformed elsewhere.
    IndexPages,
    /// Nothing: it has come to the end.
    Over,
}

impl Default for Next {
    fn default() -> Self {
        Self::Rows(Position(0))
    }
}

impl BackgroundCheck {
    /// Begins at the first row.
    pub(crate) fn new(
        store: Arc<EmbeddedStore>,
        damage: Arc<Damage>,
        index_rebuilds: IntCounter,
        checks: IntCounter,
    ) -> Self {
        Self {
            store,
            damage,
            index_rebuilds,
            checks,
            walk: Mutex::default(),
        }
    }

    /// Does the next piece, and returns what follows it and what was found.
    async fn look(&self, next: Next) -> Result<(Next, Vec<Finding>), StoreError> {
        match next {
            Next::Pages => Ok((Next::default(), self.store.check_pages().await?)),
            Next::Rows(after) => {
                let mut checked = self.store.check(after).await?;
                if checked.through < checked.head {
                    return Ok((Next::Rows(checked.through), checked.findings));
                }
                checked.findings.extend(self.store.check_counters().await?);
                let begin = Next::Entries(EntryPlace::default());
                Ok((begin, checked.findings))
            }
            Next::Entries(place) => {
                let checked = self.store.check_entries(place).await?;
                let next = checked.next.map_or(Next::IndexPages, Next::Entries);
                Ok((next, checked.findings))
            }
            Next::IndexPages => Ok((Next::Over, self.store.check_index_pages().await?)),
            Next::Over => Ok((Next::Over, Vec::new())),
        }
    }

    async fn tell(&self, walk: &mut Walk, finding: &Finding) -> Result<(), Trouble> {
        tracing::error!(%finding, mend = finding.what.mend(), "the store is damaged");
        if !matches!(finding.what, What::Index | What::Counter) {
            walk.damaged += 1;
        } else if !std::mem::replace(&mut walk.rebuilt, true) {
            let left = self.store.make_index_anew().await?;
            self.index_rebuilds.inc();
            tracing::info!("the index was made anew from the log");
            if left && let Err(error) = self.store.scrub().await {
                tracing::warn!(%error, "pages of the old index stay in the file, unused");
            }
        }
        Ok(())
    }

    /// Begins at the pages, unless that was done a moment ago.
    async fn wake(&self) -> bool {
        let mut walk = self.walk.lock().await;
        let now = Instant::now();
        if walk.woken.is_some_and(|woken| now - woken < WOKEN_REST) {
            return false;
        }
        tracing::warn!("damage was met; the store is checked from the beginning");
        *walk = Walk {
            next: Next::Pages,
            woken: Some(now),
            ..Walk::default()
        };
        true
    }
}

#[async_trait]
impl Follower for BackgroundCheck {
    fn name(&self) -> &'static str {
        "the background check"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let mut walk = self.walk.lock().await;
        if walk.next == Next::Over {
            *walk = Walk {
                woken: walk.woken,
                ..Walk::default()
            };
        }
        let (next, findings) = self.look(walk.next.clone()).await?;
        // What cannot be mended now is found by the next walk again.
        walk.next = next;
        for finding in &findings {
            self.tell(&mut walk, finding).await?;
        }
        if walk.next == Next::Over {
            self.checks.inc();
        }
        if walk.next == Next::Over || walk.damaged > self.damage.found() {
            self.damage.0.store(walk.damaged, Ordering::Relaxed);
        }
        Ok(false)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        let over = self.walk.lock().await.next == Next::Over;
        let rest = tokio::time::sleep(if over { REST } else { PACE });
        tokio::pin!(rest);
        loop {
            tokio::select! {
                () = &mut rest => return Ok(()),
                () = self.store.damage_is_met() => if self.wake().await {
                    return Ok(());
                },
            }
        }
    }
}
