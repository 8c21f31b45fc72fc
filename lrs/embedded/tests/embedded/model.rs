//! Random histories against the memory store, where hardly anything of the index fits in memory
//! and the process ends without a word after every step.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use varde_embedded::{DataFolder, EmbeddedStore};
use varde_store_suite::histories::{agree, agree_across_restarts, histories};
use varde_store_suite::proptest::test_runner::{Config, TestRunner};
use varde_store_suite::{Fixture, tokio};
use varde_test_support::TestClock;

/// So few statements fill a generation that slices of one are written all the time, and it takes
/// several to write one.
const GENERATION_MAX: usize = 5;

fn open(folder: &Path, clock: &Arc<TestClock>) -> EmbeddedStore {
    let locked = DataFolder::lock(folder).expect("the folder is locked");
    let opened = EmbeddedStore::open_keeping(locked, clock.clone(), GENERATION_MAX);
    opened.expect("the store is opened")
}

fn fresh() -> (Fixture, TempDir) {
    let folder = TempDir::new().expect("a folder is made");
    let clock = Arc::new(TestClock::default());
    (Fixture::new(open(folder.path(), &clock), clock, ()), folder)
}

/// Runs histories, a part of as many as other properties have.
fn run(part: u32, history_agrees: impl Fn(&[varde_store_suite::histories::Step])) {
    let mut config = Config::default();
    config.cases /= part;
    config.failure_persistence = None;
    let outcome = TestRunner::new(config).run(&histories(), |history| {
        history_agrees(&history);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime is made")
}

#[test]
fn histories_agree_while_slices_are_written() {
    let runtime = runtime();
    run(4, |history| {
        let (fixture, _folder) = fresh();
        runtime.block_on(agree(&fixture, history));
    });
}

/// What is in memory alone is lost each time, with slices half written and in every order of
/// appends, voidings, references, commits and erasures.
#[test]
fn histories_agree_when_the_process_ends_after_every_step() {
    let runtime = runtime();
    run(16, |history| {
        let (fixture, mut folder) = fresh();
        let crash = |before: Fixture| {
            // What a crash leaves: the files as they are at this moment.
            let left = TempDir::new().expect("a folder is made");
            for file in ["varde.db", "varde.db-wal"] {
                let from = folder.path().join(file);
                if from.exists() {
                    std::fs::copy(from, left.path().join(file)).expect("copied");
                }
            }
            let clock = Arc::clone(&before.clock);
            drop(before);
            folder = left;
            Fixture::new(open(folder.path(), &clock), clock, ())
        };
        runtime.block_on(agree_across_restarts(fixture, history, crash));
    });
}
