//! Keeps the runner at the head of the log for as long as the server lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use varde_core::ledger::{Runner, RunnerError, Step};

use crate::exit::chain;
use crate::lifecycle::Stop;

/// How long the loop waits after the first failure; twice as long after each further one.
const BACK_OFF_MIN: Duration = Duration::from_secs(1);
/// The longest wait between two tries.
const BACK_OFF_MAX: Duration = Duration::from_mins(1);

/// Tells whether the loop still runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alive(Arc<AtomicBool>);

/// Says that the loop ended, also when it panicked.
struct Ending(Alive);

impl Alive {
    /// Tells whether the loop still runs.
    pub(crate) fn is_alive(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Relaxed);
    }
}

/// Steps and rests until a stop is asked for; a step under way is finished first.
pub(crate) async fn run(runner: Arc<Runner>, alive: Alive, mut stop: Stop) {
    alive.0.store(true, Ordering::Relaxed);
    let _ending = Ending(alive);
    let mut trouble = Trouble::default();
    while !stop.is_asked() {
        match runner.step().await {
            Ok(Step::Worked) => trouble.is_over(),
            Ok(Step::Idle) => {
                trouble.is_over();
                tokio::select! {
                    rested = runner.rest() => if let Err(error) = rested {
                        trouble.wait(&error.into(), &mut stop).await;
                    },
                    () = stop.asked() => {}
                }
            }
            Err(error) => trouble.wait(&error, &mut stop).await,
        }
    }
}

/// A failure that lasts: logged once, tried again at growing distances.
#[derive(Debug, Default)]
struct Trouble {
    logged: Option<String>,
    back_off: Option<Duration>,
}

impl Trouble {
    async fn wait(&mut self, error: &RunnerError, stop: &mut Stop) {
        let text = chain(error);
        if self.logged.as_ref() != Some(&text) {
            tracing::error!(error = %text, "the ledger cannot follow the log; trying again");
            self.logged = Some(text);
        }
        let back_off = self
            .back_off
            .map_or(BACK_OFF_MIN, |last| (last * 2).min(BACK_OFF_MAX));
        self.back_off = Some(back_off);
        tokio::select! {
            () = tokio::time::sleep(back_off) => {}
            () = stop.asked() => {}
        }
    }

    fn is_over(&mut self) {
        if self.logged.take().is_some() {
            tracing::info!("the ledger follows the log again");
        }
        self.back_off = None;
    }
}
