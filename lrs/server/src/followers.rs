//! What follows the log for as long as the server lives, each in a loop of its own.
//!
//! Requests come first: the loops run on threads that the system gives what requests leave of the
//! processors. So writing does not slow down when there is much to follow, and what is behind
//! catches up when writing pauses.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rustix::process::{getpriority_process, setpriority_process};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinHandle;
use varde_core::activities::Activities;
use varde_core::arrivals::Arrivals;
use varde_core::keys::Keys;
use varde_core::ledger::{Runner, RunnerError, Step};
use varde_core::refusals::Refusals;

use crate::exit::chain;
use crate::lifecycle::{self, Stop, Stopper};

/// How long a loop waits after the first failure; twice as long after each further one.
const BACK_OFF_MIN: Duration = Duration::from_secs(1);
/// The longest wait between two tries.
const BACK_OFF_MAX: Duration = Duration::from_mins(1);
/// How long a loop that was woken lets more come together: a step has its price, whether it takes
/// one event or hundreds.
const GATHERING: Duration = Duration::from_millis(200);
/// How nice the threads of the loops are, from 0 for those of requests to 19. At 10 a busy thread
/// gets about a tenth of what a busy one of requests gets, so the loops never stand still.
const NICENESS: i32 = 10;
/// How many threads take turns at the loops, beside those that wait for the store.
const THREADS: usize = 2;
/// How long uses of keys and their tolerances, and refusals, are only in memory; those of an orderly stop are
/// recorded too.
const RECORDED_EVERY: Duration = Duration::from_secs(10);

/// Why a follower cannot go on for now.
pub(crate) type Trouble = Box<dyn Error + Send + Sync>;

/// Work behind the log that never ends.
#[async_trait]
pub(crate) trait Follower: Send + Sync + 'static {
    /// Names the work, for people.
    fn name(&self) -> &'static str;

    /// Does a bounded piece of the work and tells whether there was any.
    async fn step(&self) -> Result<bool, Trouble>;

    /// Waits until there may be more.
    async fn rest(&self) -> Result<(), Trouble>;
}

/// The runner, which the server's loop and the operator's commands take turns with.
#[derive(Debug)]
pub(crate) struct Carrier {
    runner: Arc<Runner>,
    turn: Mutex<()>,
}

impl Carrier {
    /// Makes the turns of a runner.
    pub(crate) fn new(runner: Arc<Runner>) -> Self {
        Self {
            runner,
            turn: Mutex::default(),
        }
    }

    /// Keeps everybody from stepping while the guard lives.
    pub(crate) async fn hold(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Takes one step, after whoever is at one.
    pub(crate) async fn step(&self) -> Result<Step, RunnerError> {
        let _turn = self.turn.lock().await;
        match self.runner.step().await {
            // Another process on the same database was at the same step, and came first.
            Err(RunnerError::Raced) => Ok(Step::Worked),
            stepped => stepped,
        }
    }
}

#[async_trait]
impl Follower for Carrier {
    fn name(&self) -> &'static str {
        "the ledger"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        Ok(Self::step(self).await? == Step::Worked)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        Ok(self.runner.rest().await?)
    }
}

#[async_trait]
impl Follower for Arrivals {
    fn name(&self) -> &'static str {
        "the counting of what came in"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        Ok(Self::step(self).await?)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        Ok(Self::rest(self).await?)
    }
}

#[async_trait]
impl Follower for Activities {
    fn name(&self) -> &'static str {
        "the merging of definitions"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        Ok(Self::step(self).await?)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        Ok(Self::rest(self).await?)
    }
}

#[async_trait]
impl Follower for Keys {
    fn name(&self) -> &'static str {
        "the record of keys' uses"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        self.record_uses().await?;
        self.record_last_uses().await?;
        Ok(false)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        tokio::time::sleep(RECORDED_EVERY).await;
        Ok(())
    }
}

#[async_trait]
impl Follower for Refusals {
    fn name(&self) -> &'static str {
        "the record of refusals"
    }

    async fn step(&self) -> Result<bool, Trouble> {
        self.record().await?;
        Ok(false)
    }

    async fn rest(&self) -> Result<(), Trouble> {
        tokio::time::sleep(RECORDED_EVERY).await;
        Ok(())
    }
}

/// Tells whether a follower's loop still runs.
#[derive(Debug, Clone)]
pub(crate) struct Alive {
    /// The follower's name.
    pub(crate) name: &'static str,
    alive: Arc<AtomicBool>,
}

impl Alive {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            alive: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Tells whether the loop still runs.
    pub(crate) fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Relaxed)
    }
}

/// Says that a loop ended, also when it panicked.
struct Ending(Alive);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.alive.store(false, Ordering::Relaxed);
    }
}

/// Followers at work.
#[derive(Debug)]
pub(crate) struct Followers {
    loops: Vec<JoinHandle<()>>,
    alive: Vec<Alive>,
    stopper: Stopper,
    threads: Threads,
}

/// The threads that the loops run on.
#[derive(Debug)]
struct Threads(Option<Runtime>);

impl Threads {
    fn start() -> io::Result<Self> {
        let threads = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("varde-follower")
            .on_thread_start(give_way)
            .enable_all()
            .build()?;
        Ok(Self(Some(threads)))
    }

    fn run(&self, one: impl Future<Output = ()> + Send + 'static) -> Option<JoinHandle<()>> {
        self.0.as_ref().map(|threads| threads.spawn(one))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(threads) = self.0.take() {
            // A runtime's thread, which this may be, must not wait.
            threads.shutdown_background();
        }
    }
}

/// Lets the threads of requests go before this one, which on Linux has a priority of its own.
fn give_way() {
    let is_nice = getpriority_process(None).is_ok_and(|own| own >= NICENESS);
    if !is_nice && let Err(error) = setpriority_process(None, NICENESS) {
        tracing::warn!(%error, "a follower's thread keeps its priority");
    }
}

impl Followers {
    /// Sets each to work.
    pub(crate) fn start(followers: Vec<Arc<dyn Follower>>) -> io::Result<Self> {
        let threads = Threads::start()?;
        let (stopper, stop) = lifecycle::stop();
        let (mut loops, mut alive) = (Vec::new(), Vec::new());
        for follower in followers {
            let one = Alive::new(follower.name());
            let ending = Ending(one.clone());
            alive.push(one);
            loops.extend(threads.run(follow(follower, ending, stop.clone())));
        }
        Ok(Self {
            loops,
            alive,
            stopper,
            threads,
        })
    }

    /// Returns what tells of each whether it still runs.
    pub(crate) fn alive(&self) -> Vec<Alive> {
        self.alive.clone()
    }

    /// Lets each finish its step.
    pub(crate) async fn stop(self) {
        self.stopper.stop();
        for one in self.loops {
            // One that panicked has nothing left to finish.
            let _ = one.await;
        }
        drop(self.threads);
    }
}

/// Steps and rests until a stop is asked for; a step under way is finished first.
async fn follow(follower: Arc<dyn Follower>, _ending: Ending, mut stop: Stop) {
    let mut retry = Retry::new(follower.name());
    while !stop.is_asked() {
        match follower.step().await {
            Ok(true) => retry.is_over(),
            Ok(false) => {
                retry.is_over();
                let rested = tokio::select! {
                    rested = follower.rest() => rested,
                    () = stop.asked() => break,
                };
                match rested {
                    Ok(()) => pause(GATHERING, &mut stop).await,
                    Err(trouble) => retry.wait(trouble, &mut stop).await,
                }
            }
            Err(trouble) => retry.wait(trouble, &mut stop).await,
        }
    }
}

/// Waits for so long, or until a stop is asked for.
async fn pause(long: Duration, stop: &mut Stop) {
    tokio::select! {
        () = tokio::time::sleep(long) => {}
        () = stop.asked() => {}
    }
}

/// A failure that lasts: logged once, tried again at growing distances.
#[derive(Debug)]
struct Retry {
    follower: &'static str,
    logged: Option<String>,
    back_off: Option<Duration>,
}

impl Retry {
    fn new(follower: &'static str) -> Self {
        Self {
            follower,
            logged: None,
            back_off: None,
        }
    }

    async fn wait(&mut self, trouble: Trouble, stop: &mut Stop) {
        let text = chain(&*trouble);
        if self.logged.as_ref() != Some(&text) {
            tracing::error!(follower = self.follower, error = %text, "cannot go on; trying again");
            self.logged = Some(text);
        }
        let back_off = self
            .back_off
            .map_or(BACK_OFF_MIN, |last| (last * 2).min(BACK_OFF_MAX));
        self.back_off = Some(back_off);
        pause(back_off, stop).await;
    }

    fn is_over(&mut self) {
        if self.logged.take().is_some() {
            tracing::info!(follower = self.follower, "goes on again");
        }
        self.back_off = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use tokio::sync::Notify;

    use super::*;

    /// Has so many steps of work, and panics when it is woken after them.
    #[derive(Debug)]
    struct Counting {
        steps: AtomicU32,
        rested: Notify,
        woken: Notify,
    }

    impl Counting {
        fn new(steps: u32) -> Arc<Self> {
            Arc::new(Self {
                steps: AtomicU32::new(steps),
                rested: Notify::new(),
                woken: Notify::new(),
            })
        }
    }

    #[async_trait]
    impl Follower for Counting {
        fn name(&self) -> &'static str {
            "counting"
        }

        async fn step(&self) -> Result<bool, Trouble> {
            let left = self.steps.load(Ordering::Relaxed);
            self.steps.store(left.saturating_sub(1), Ordering::Relaxed);
            Ok(left > 0)
        }

        async fn rest(&self) -> Result<(), Trouble> {
            self.rested.notify_one();
            self.woken.notified().await;
            panic!("this one ends");
        }
    }

    /// Says how nice the thread is that it steps on, and the one that it waits on.
    #[derive(Debug)]
    struct Telling(tokio::sync::mpsc::UnboundedSender<[Option<i32>; 2]>);

    #[async_trait]
    impl Follower for Telling {
        fn name(&self) -> &'static str {
            "telling"
        }

        async fn step(&self) -> Result<bool, Trouble> {
            let niceness = || getpriority_process(None).ok();
            let waiting = tokio::task::spawn_blocking(niceness).await?;
            self.0.send([niceness(), waiting])?;
            Ok(false)
        }

        async fn rest(&self) -> Result<(), Trouble> {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn followers_let_the_threads_of_requests_go_first() {
        let own = getpriority_process(None).expect("a priority");
        let (told, mut telling) = tokio::sync::mpsc::unbounded_channel();
        let followers = Followers::start(vec![Arc::new(Telling(told))]).expect("threads");
        let nice = Some(NICENESS.max(own));
        assert_eq!(telling.recv().await, Some([nice, nice]));
        assert_eq!(
            getpriority_process(None).ok(),
            Some(own),
            "this thread stays as it was"
        );
        followers.stop().await;
    }

    #[tokio::test]
    async fn a_follower_steps_while_there_is_work_and_stops_while_it_rests() {
        let counting = Counting::new(3);
        let followers = Followers::start(vec![Arc::clone(&counting) as Arc<dyn Follower>]);
        let followers = followers.expect("threads");
        let alive = followers.alive();
        assert!(alive.iter().all(Alive::is_alive), "from the start");
        counting.rested.notified().await;
        assert_eq!(counting.steps.load(Ordering::Relaxed), 0);
        followers.stop().await;
        assert!(!alive.iter().any(Alive::is_alive));
    }

    #[tokio::test]
    async fn one_that_panics_is_seen_and_leaves_the_others_alone() {
        let (ending, lasting) = (Counting::new(0), Counting::new(0));
        let followers = Followers::start(vec![
            Arc::clone(&ending) as Arc<dyn Follower>,
            Arc::clone(&lasting) as Arc<dyn Follower>,
        ]);
        let followers = followers.expect("threads");
        let alive = followers.alive();
        ending.rested.notified().await;
        lasting.rested.notified().await;
        ending.woken.notify_one();
        while alive.iter().all(Alive::is_alive) {
            tokio::task::yield_now().await;
        }
        let alive: Vec<_> = alive.iter().map(Alive::is_alive).collect();
        assert_eq!(alive, [false, true]);
        followers.stop().await;
    }
}
