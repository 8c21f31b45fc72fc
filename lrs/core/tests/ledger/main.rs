//! Incremental = replay = naive recomputation, on random histories of a small made-up rulebook.
//!
//! The rulebook counts who was seen at which activity, and since when the activity is shared by
//! two organisers: it has a shared condition (stage 1), dedup keys that read it (stage 2), aliases,
//! merges and validity by day, so every road through the runner is walked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod erased;
mod history;
mod interrupted;
mod kept;
mod naive;
mod rulebook;

use std::sync::Arc;

use proptest::prelude::*;
use varde_core::definitions::{DefinitionBook, DefinitionRecord};
use varde_core::ledger::{Audit, Ledger, LedgerRow};
use varde_core::ports::{Position, Records, StatementLog};
use varde_embedded::EmbeddedStore;
use varde_test_support::TestClock;

use crate::history::{Act, Scale, World, act, definition};
use crate::naive::{conclusions, naive};
use crate::rulebook::Seen;

async fn all_rows(
    log: &Arc<dyn StatementLog>,
    records: &Arc<dyn Records>,
    version: u32,
) -> Vec<LedgerRow> {
    let ledger = Ledger::new(log.clone(), records.clone());
    let record = record(records, version).await;
    let snapshot = ledger.snapshot(record, None).await.unwrap();
    ledger.history(&snapshot, 2, "").await.unwrap()
}

/// Returns the version that is read: the newest that stands at the head of the log.
async fn current_version(world: &World) -> u32 {
    world.runner.catch_up().await.unwrap();
    let ledger = Ledger::new(world.log.clone(), world.records.clone());
    let current = ledger.current("seen", None).await.unwrap();
    assert_eq!(current.len(), 1);
    current[0].definition.version
}

async fn record(records: &Arc<dyn Records>, version: u32) -> DefinitionRecord {
    let hash = definition(version).hash();
    let all = DefinitionBook::new(records.clone()).all().await.unwrap();
    let record = all.into_iter().find(|r| r.definition.hash() == hash);
    record.unwrap()
}

async fn check(world: World, acts: Vec<Act>, instants: Vec<prop::sample::Index>) {
    world.act(&Act::Install { version: 1 }).await;
    for act in &acts {
        world.act(act).await;
    }
    world.runner.catch_up().await.unwrap();
    assert_eq!(world.runner.lag().await.unwrap().events, 0);
    let events = world.log.follow(Position(0), usize::MAX).await.unwrap();

    // The newest version is the current one; each version's ledger says the same of the past.
    let version = current_version(&world).await;
    let rows = all_rows(&world.log, &world.records, version).await;

    let audit = Audit::new(
        world.log.clone(),
        world.records.clone(),
        world.registers.clone(),
        vec![Arc::new(Seen)],
    );
    let record = record(&world.records, version).await;
    let audited = audit.compare(&record, |_, _| ()).await.unwrap().unwrap();
    assert_eq!(audited.differences, [], "incremental = replay");

    let people = world.people(&events).await;
    for index in instants {
        if events.is_empty() {
            break;
        }
        let known_at = index.get(&events).stored;
        assert_eq!(
            conclusions(&rows, known_at),
            naive(&events, &people, known_at),
            "at {known_at}"
        );
    }
}

fn run(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future);
}

const SHORT: Scale = Scale {
    statements: 60,
    identifiers: 5,
    activities: 3,
    people: 3,
};

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn incremental_replay_and_naive_recomputation_agree(
        acts in prop::collection::vec(act(SHORT), 1..80),
        instants in prop::collection::vec(any::<prop::sample::Index>(), 6),
    ) {
        run(async { check(World::new().await, acts, instants).await });
    }
}

const LONG: Scale = Scale {
    statements: 12_000,
    identifiers: 250,
    activities: 250,
    people: 250,
};
/// How many acts it takes for 10,000 events: some store nothing.
const ACTS: usize = 18_000;

proptest! {
    // `PROPTEST_CASES=5120` runs twenty of each. A long history is not shrunk: the short ones above
    // find the small cases.
    #![proptest_config(ProptestConfig {
        cases: (ProptestConfig::default().cases / 256).max(1),
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn long_histories_agree_on_the_memory_store(
        acts in prop::collection::vec(act(LONG), ACTS),
        instants in prop::collection::vec(any::<prop::sample::Index>(), 4),
    ) {
        run(async {
            let world = World::new().await;
            let log = world.log.clone();
            check(world, acts, instants).await;
            assert!(log.head().await.unwrap().0 >= 10_000, "{:?}", log.head().await);
        });
    }

    #[test]
    fn long_histories_agree_on_the_embedded_store(
        acts in prop::collection::vec(act(LONG), ACTS),
        instants in prop::collection::vec(any::<prop::sample::Index>(), 4),
    ) {
        run(async {
            let folder = tempfile::tempdir().unwrap();
            let clock = Arc::new(TestClock::default());
            let store = EmbeddedStore::open(folder.path(), clock.clone()).unwrap();
            let (log, records) = (Arc::new(store.clone()), Arc::new(store.clone()));
            check(World::on(log, records, clock).await, acts, instants).await;
            assert!(StatementLog::head(&store).await.unwrap().0 >= 10_000);
            store.close().await.unwrap();
        });
    }
}
