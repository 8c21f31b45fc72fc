//! Incremental = replay = naive recomputation, on random histories of a small made-up rulebook.
//!
//! The rulebook counts who was seen at which activity, and since when the activity is shared by
//! two organisers: it has a shared condition (stage 1), dedup keys that read it (stage 2), aliases,
//! merges and validity by day, so every road through the runner is walked.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod erased;
mod history;
mod interrupted;
mod naive;
mod rulebook;

use std::sync::Arc;

use proptest::prelude::*;
use varde_core::definitions::DefinitionBook;
use varde_core::ledger::{Adapter, Ledger, LedgerRow};
use varde_core::memory::MemoryStore;
use varde_core::ports::{Position, StatementLog};

use crate::history::{Act, World, act, definition, runner};
use crate::naive::{conclusions, naive};
use crate::rulebook::Seen;

async fn all_rows(world: &World, records: &Arc<MemoryStore>, version: u32) -> Vec<LedgerRow> {
    let ledger = Ledger::new(world.store.clone(), records.clone());
    let hash = definition(version).hash();
    let all = DefinitionBook::new(records.clone()).all().await.unwrap();
    let record = all.into_iter().find(|r| r.definition.hash() == hash);
    let snapshot = ledger.snapshot(record.unwrap(), None).await.unwrap();
    ledger.history(&snapshot, 2, "").await.unwrap()
}

/// Returns the version that is read: the newest that stands at the head of the log.
async fn current_version(world: &World) -> u32 {
    world.runner.catch_up().await.unwrap();
    let ledger = Ledger::new(world.store.clone(), world.store.clone());
    let current = ledger.current("seen", None).await.unwrap();
    assert_eq!(current.len(), 1);
    current[0].definition.version
}

async fn check(acts: Vec<Act>, instants: Vec<prop::sample::Index>) {
    let world = World::new().await;
    world.act(&Act::Install { version: 1 }).await;
    for act in &acts {
        world.act(act).await;
    }
    world.runner.catch_up().await.unwrap();
    assert_eq!(world.runner.lag().await.unwrap().events, 0);
    let events = world.store.follow(Position(0), usize::MAX).await.unwrap();

    // The newest version is the current one; each version's ledger says the same of the past.
    let version = current_version(&world).await;
    let rows = all_rows(&world, &world.store, version).await;

    let again = Arc::new(MemoryStore::new(world.clock.clone()));
    let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(Seen)];
    DefinitionBook::new(again.clone())
        .install(definition(version), &adapters)
        .await
        .unwrap();
    let replay = runner(&world.store, again.clone(), &world.registers);
    while replay.lag().await.unwrap().events > 0 {
        replay.step().await.unwrap();
    }
    assert_eq!(
        rows,
        all_rows(&world, &again, version).await,
        "incremental = replay"
    );

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn incremental_replay_and_naive_recomputation_agree(
        acts in prop::collection::vec(act(), 1..80),
        instants in prop::collection::vec(any::<prop::sample::Index>(), 6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check(acts, instants));
    }
}
