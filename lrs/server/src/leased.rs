//! Followers that only one of several processes on a database lets work.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use varde_core::Position;
use varde_core::lease::{LAPSES_AFTER_MICROS, Lease, RENEWED_EVERY_MICROS};
use varde_core::ports::StatementLog;
use varde_core::registers::RegisterBook;

use crate::exit::{Exit, Failure};
use crate::followers::{Follower, Trouble};

/// How often the lease is asked for.
const EVERY: Duration = Duration::from_micros(RENEWED_EVERY_MICROS.unsigned_abs());
/// How long it is waited for one that nobody renews.
const PATIENCE: Duration = Duration::from_micros(LAPSES_AFTER_MICROS.unsigned_abs() + 2_000_000);

/// Keeps asking for the lease, and says whether this process holds it.
#[derive(Debug)]
pub(crate) struct Keeper {
    lease: Lease,
    held: watch::Sender<bool>,
}

impl Keeper {
    /// Begins without the lease.
    pub(crate) fn new(lease: Lease) -> Self {
        Self {
            lease,
            held: watch::Sender::new(false),
        }
    }

    /// Lets a follower work only while this process holds the lease.
    pub(crate) fn lease(self: &Arc<Self>, follower: Arc<dyn Follower>) -> Arc<dyn Follower> {
        Arc::new(Leased {
            keeper: Arc::clone(self),
            follower,
        })
    }

    /// Holds the lease for as long as the answer lives, for work that must not be done beside what
    /// follows the log in another process.
    pub(crate) async fn hold(self: &Arc<Self>) -> Result<Held, Failure> {
        let begun = Instant::now();
        while !self.lease.ask().await? {
            if begun.elapsed() > PATIENCE {
                let sentence = "another process on this database follows the log, and this must \
                                not be done beside it: do it on that machine with its data folder \
                                (its log says that it has the lease), or stop the others meanwhile";
                return Err(Failure::new(Exit::TryLater, sentence));
            }
            sleep(EVERY).await;
        }
        let keeper = Arc::clone(self);
        Ok(Held(tokio::spawn(async move {
            loop {
                sleep(EVERY).await;
                if let Err(error) = keeper.lease.ask().await {
                    tracing::warn!(%error, "the lease was not renewed");
                }
            }
        })))
    }

    /// Gives the lease up, so that another process need not wait for it to lapse.
    pub(crate) async fn give_up(&self) {
        self.held.send_replace(false);
        if let Err(error) = self.lease.give_up().await {
            tracing::info!(%error, "the lease was not given up; another process waits for it to lapse");
        }
    }
}

#[async_trait]
impl Follower for Keeper {
    fn name(&self) -> &'static str {
        "the lease of what follows the log"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let asked = self.lease.ask().await;
        let held = self.lease.is_held();
        let changed = self.held.send_replace(held) != held;
        if changed {
            tracing::info!(held, "the lease of what follows the log changed hands");
        }
        // A failure is not waited out at growing distances: the lease lapses meanwhile.
        if let Err(error) = asked {
            tracing::warn!(%error, "the lease was not asked for");
        }
        Ok(false)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        sleep(EVERY).await;
        Ok(())
    }
}

/// The lease, renewed until this is dropped.
#[derive(Debug)]
pub(crate) struct Held(JoinHandle<()>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Forgets what other processes on the same database have erased.
#[derive(Debug)]
pub(crate) struct Forgetting {
    registers: Arc<RegisterBook>,
    log: Arc<dyn StatementLog>,
    seen: Mutex<Position>,
}

impl Forgetting {
    pub(crate) fn new(registers: Arc<RegisterBook>, log: Arc<dyn StatementLog>) -> Self {
        Self {
            registers,
            log,
            seen: Mutex::default(),
        }
    }
}

#[async_trait]
impl Follower for Forgetting {
    fn name(&self) -> &'static str {
        "the forgetting of what was erased"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        let mut seen = self.seen.lock().await;
        *seen = self.registers.notice_erasures(*seen).await?;
        Ok(false)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        let seen = *self.seen.lock().await;
        Ok(self.log.grown(seen).await?)
    }
}

/// A follower under the lease.
struct Leased {
    keeper: Arc<Keeper>,
    follower: Arc<dyn Follower>,
}

#[async_trait]
impl Follower for Leased {
    fn name(&self) -> &'static str {
        self.follower.name()
    }

    async fn step(&self) -> Result<bool, Trouble> {
        if self.keeper.lease.is_held() {
            self.follower.step().await
        } else {
            Ok(false)
        }
    }

    /// Without the lease, waits for it; with it, for whatever the follower waits for, or for its
    /// end.
    async fn rest(&self) -> Result<(), Trouble> {
        let mut held = self.keeper.held.subscribe();
        if !*held.borrow_and_update() {
            return Ok(held.wait_for(|held| *held).await.map(drop)?);
        }
        tokio::select! {
            rested = self.follower.rest() => rested,
            lost = held.wait_for(|held| !*held) => Ok(lost.map(drop)?),
        }
    }
}
