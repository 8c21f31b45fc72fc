//! A course that sends on and on keeps no ledger from being built again, and no definition from
//! becoming current.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use async_trait::async_trait;
use varde_core::StoreError;
use varde_core::definitions::{DefinitionBook, State};
use varde_core::ledger::{Runner, Step};
use varde_core::ports::StatementLog;
use varde_test_support::{Beforehand, WatchedLog};

use crate::generations::rebuild;
use crate::history::{Act, statement_text};
use crate::interrupted::crowd;
use crate::kept::differences;
use crate::record;
use crate::world::{World, new_statement, runner};

/// More steps than any of this takes.
const STEPS_MAX: usize = 50;

/// Before the log is read, there is more in it: whoever follows it never comes to its end.
#[derive(Debug)]
struct Stream {
    sent: AtomicU16,
    at_a_time: u16,
}

#[async_trait]
impl Beforehand for Stream {
    async fn follow(&self, log: &dyn StatementLog) -> Result<(), StoreError> {
        for _ in 0..self.at_a_time {
            let n = self.sent.fetch_add(1, Ordering::Relaxed);
            let body = statement_text(1_000 + n, 7, 1, -5);
            // Most are of a test space: they are events all the same, and count for nobody.
            let counts = n.is_multiple_of(100);
            let sent = log.append(vec![new_statement(&body, !counts)]).await;
            sent.map_err(StoreError::failed)?;
        }
        Ok(())
    }
}

/// Returns a runner of a log that grows by so much at each reading.
fn streaming(world: &World, at_a_time: u16) -> Runner {
    let sent = AtomicU16::new(0);
    let stream = Stream { sent, at_a_time };
    let log = WatchedLog::new(Arc::clone(&world.log), stream);
    let log: Arc<dyn StatementLog> = Arc::new(log);
    runner(&log, world.records.clone(), &world.registers)
}

async fn state(world: &World, version: u32) -> State {
    record(&world.records, version).await.state
}

/// Steps until what was begun before is done.
async fn carry(world: &World, runner: &Runner) {
    let head = world.log.head().await.unwrap();
    let mut steps = 0;
    while !runner.has_carried(head).await.unwrap() {
        assert_ne!(runner.step().await.unwrap(), Step::Idle, "it grows");
        steps += 1;
        assert!(steps < STEPS_MAX, "there is no end of it");
    }
}

/// A little at a time, and more than one step takes.
const STREAMS: [u16; 2] = [3, 1_200];

#[tokio::test]
async fn the_first_definition_becomes_current() {
    for at_a_time in STREAMS {
        let world = crowd().await;
        let runner = streaming(&world, at_a_time);
        let all = at_a_time < 1_000;
        let step = if all { Step::Reached } else { Step::Worked };
        assert_eq!(runner.step().await.unwrap(), step);
        assert_eq!(state(&world, 1).await, State::Installed, "not before");
        carry(&world, &runner).await;
        assert_eq!(state(&world, 1).await, State::Current);
        world.runner.catch_up().await.unwrap();
        assert_eq!(differences(&world).await, []);
    }
}

#[tokio::test]
async fn a_later_version_takes_the_place_of_the_one_before_and_is_never_behind_it() {
    for at_a_time in STREAMS {
        let world = crowd().await;
        world.runner.catch_up().await.unwrap();
        world.act(&Act::Install { version: 3 }).await;
        let runner = streaming(&world, at_a_time);
        let ledger = varde_core::ledger::Ledger::new(world.log.clone(), world.records.clone());
        let through = async || {
            let current = ledger.current("seen", None).await.unwrap();
            (current[0].definition.version, current[0].complete_through)
        };
        let (mut known, mut steps) = (through().await, 0);
        while known.0 == 1 {
            runner.step().await.unwrap();
            let now = through().await;
            // The old one's instant moves with the clock while it stands at the head.
            assert!(now.0 == known.0 || now.1 >= known.1, "{now:?} {known:?}");
            known = now;
            steps += 1;
            assert!(steps < STEPS_MAX, "there is no end of it");
        }
        assert_eq!(state(&world, 1).await, State::Superseded);
        world.runner.catch_up().await.unwrap();
        assert_eq!(crate::differences(&world, 3).await, []);
    }
}

#[tokio::test]
async fn a_ledger_that_is_built_again_takes_the_place_of_the_old_one() {
    for at_a_time in STREAMS {
        let world = crowd().await;
        world.runner.catch_up().await.unwrap();
        let before = record(&world.records, 1).await;
        rebuild(&world, 1).await;
        carry(&world, &streaming(&world, at_a_time)).await;
        let after = record(&world.records, 1).await;
        assert_ne!(after.generation, before.generation);
        assert_eq!((after.rebuilding, after.left), (None, Vec::new()));
        world.runner.catch_up().await.unwrap();
        assert_eq!(differences(&world).await, []);
    }
}

#[tokio::test]
async fn nothing_is_waited_for_that_no_longer_compiles() {
    let world = World::new().await;
    world.act(&Act::Install { version: 1 }).await;
    let book = DefinitionBook::new(world.records.clone());
    assert_eq!(book.all().await.unwrap().len(), 1);
    let bare = Runner::new(
        world.log.clone(),
        world.records.clone(),
        world.registers.clone(),
        Vec::new(),
    );
    let head = world.log.head().await.unwrap();
    assert!(bare.has_carried(head).await.unwrap());
}
