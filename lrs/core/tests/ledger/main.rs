//! Incremental = replay = naive recomputation, on random histories of a small made-up rulebook.
//!
//! The rulebook counts who was seen at which activity, and since when the activity is shared by
//! two organisers: it has a shared condition (stage 1), dedup keys that read it (stage 2), aliases,
//! merges and validity by day, so every road through the runner is walked. Statements come late,
//! again, as references and voidings in any order; persons are merged, un-merged and erased,
//! organisers added late, organisations leave, definitions are replaced by such as count otherwise
//! (after an erasure too), ledgers built again. The three are asked as of random days and as known at
//! random instants, on both stores.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod carried;
mod erased;
mod examples;
mod generations;
mod history;
mod interrupted;
mod kept;
mod met;
mod naive;
mod remembered;
mod retained;
mod rulebook;
mod stream;
mod world;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use varde_core::definitions::{DefinitionBook, DefinitionRecord};
use varde_core::ledger::{Difference, Ledger, LedgerCheck, LedgerRow};
use varde_core::memory::MemoryStore;
use varde_core::people::IdentityId;
use varde_core::ports::{
    Change, Changes, Collection, EventKind, Expected, Happened, LogEvent, Position, Records,
    StatementLog, StoredStatement,
};
use varde_embedded::EmbeddedStore;
use varde_replica_set::Database;
use varde_test_support::TestClock;

use crate::history::{Act, ErasedLast, Few, History, Scale, definition, erased_last, history};
use crate::naive::{Conclusions, Naive, read};
use crate::world::{World, adapters, runner};

/// Returns a place where ledgers can be built again.
fn scratch() -> Arc<dyn Records> {
    Arc::new(MemoryStore::new(Arc::new(TestClock::default())))
}

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

/// Builds a ledger again from the log, the registers and the definition as they stand.
async fn replayed(world: &World, version: u32) -> Vec<LedgerRow> {
    const DEFINITION: Collection = Collection("definition");
    let again: Arc<dyn Records> = Arc::new(MemoryStore::new(world.clock.clone()));
    let key = definition(version).hash().0.to_vec();
    let record = world.records.get(DEFINITION, &key).await.unwrap().unwrap();
    let change = Change {
        collection: DEFINITION,
        key,
        value: Some(record.value),
        expected: Expected::Absent,
    };
    let changes = Changes {
        changes: vec![change],
        ..Changes::default()
    };
    again.commit(changes).await.unwrap();
    let replay = runner(&world.log, again.clone(), &world.registers);
    replay.catch_up().await.unwrap();
    assert_eq!(replay.lag().await.unwrap().events, 0);
    all_rows(&world.log, &again, version).await
}

/// Takes the breakdown away that an erasure may make unknown: all else must stay as it was.
fn without_gender(mut told: Conclusions, erased: &BTreeSet<IdentityId>) -> Conclusions {
    for (key, conclusion) in &mut told {
        if erased.iter().any(|id| key.ends_with(&format!("|{id}"))) {
            conclusion.gender = None;
        }
    }
    told
}

/// Plays a history and puts the same questions to the ledger that followed it, to one that is built
/// again, and to a recomputation that remembers nothing.
async fn check(world: &World, history: &History) {
    world.act(&Act::Install { version: 1 }).await;
    let gone = world.play(&history.acts).await;
    world.runner.catch_up().await.unwrap();
    assert_eq!(world.runner.lag().await.unwrap().events, 0);
    let events = world.log.follow(Position(0), usize::MAX).await.unwrap();

    // The newest version is the current one; its ledger says the same of the past.
    let version = current_version(world).await;
    let rows = all_rows(&world.log, &world.records, version).await;
    let again = replayed(world, version).await;
    let people = world.people(&events).await;
    let naive = Naive::of(&events, (&people, &gone), version);
    for asked in history.asked(&events) {
        let told = |told| without_gender(told, &gone.persons);
        let incremental = told(read(&rows, asked));
        assert_eq!(incremental, told(read(&again, asked)), "replay, {asked:?}");
        let expected = told(naive.conclusions(asked));
        assert_eq!(incremental, expected, "naive, {asked:?}");
    }
    if gone.persons.is_empty() {
        assert_eq!(differences(world, version).await, [], "row by row");
    }
}

async fn differences(world: &World, version: u32) -> Vec<Difference> {
    let (log, records) = (world.log.clone(), world.records.clone());
    let check = LedgerCheck::new(log, records, world.registers.clone(), adapters(), scratch());
    let record = record(&world.records, version).await;
    let compared = check.compare(&record, |_, _| ()).await.unwrap().unwrap();
    assert_eq!(compared.found, compared.differences.len());
    compared.differences
}

/// Opens an embedded store in a folder that is gone afterwards. What is asked is what is concluded,
/// not what survives: where files can be in memory, no disk is waited for.
async fn on_embedded(check: impl AsyncFnOnce(&World)) {
    let in_memory = Path::new("/dev/shm");
    let folder = if in_memory.is_dir() {
        tempfile::tempdir_in(in_memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    };
    let clock = Arc::new(TestClock::default());
    let store = Arc::new(EmbeddedStore::open(folder.path(), clock.clone()).unwrap());
    let world = World::on(&store, clock).await;
    check(&world).await;
    store.close().await.unwrap();
}

/// Opens a store on a database that is gone afterwards.
fn on_mongodb(check: impl AsyncFnOnce(&World)) {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = Arc::new(database.open(&clock));
    run(async {
        check(&World::on(&store, clock).await).await;
        store.close().await;
    });
}

/// Everything that a history is to hold was in it.
async fn assert_complete(world: &World) {
    let events = world.log.follow(Position(0), usize::MAX).await.unwrap();
    assert!(events.len() >= 10_000, "{} events", events.len());
    let count = |is: &dyn Fn(&LogEvent) -> bool| events.iter().filter(|e| is(e)).count();
    let of =
        |of: EventKind| move |e: &LogEvent| matches!(&e.what, Happened::Event(k, _) if *k == of);
    let statement = |is: fn(&StoredStatement) -> bool| move |e: &LogEvent| matches!(&e.what, Happened::Statement(s) if is(s));
    let erased = |e: &LogEvent| matches!(e.what, Happened::Erased(_));
    let late = |s: &StoredStatement| s.happened() < s.stored.instant();
    for (what, found, least) in [
        ("voidings", count(&statement(|s| s.voids.is_some())), 100),
        (
            "references",
            count(&statement(|s| s.refers_to.is_some())),
            100,
        ),
        ("of the past", count(&statement(late)), 100),
        ("erased statements", count(&erased), 30),
        (
            "mentions of nobody",
            count(&statement(|s| s.body.contains("erased.invalid"))),
            1,
        ),
        ("erasures of persons", count(&of(EventKind::Erasure)), 1),
        ("register rows", count(&of(EventKind::Registers)), 1_000),
        (
            "definitions made current",
            count(&of(EventKind::Activation)),
            2,
        ),
        ("ledgers built again", rebuilt(world).await, 1),
        (
            "rows that rest on what is carried over",
            carried(world).await,
            10,
        ),
    ] {
        assert!(found >= least, "{found} {what}");
    }
}

async fn rebuilt(world: &World) -> usize {
    let all = DefinitionBook::new(world.records.clone()).all().await;
    let again = all.unwrap().into_iter().filter(|r| r.generation > 0);
    again.count()
}

async fn carried(world: &World) -> usize {
    let version = current_version(world).await;
    let rows = all_rows(&world.log, &world.records, version).await;
    rows.iter().filter(|row| !row.carried.is_empty()).count()
}

fn run(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future);
}

const SHORT_FEW: Few = Few {
    erasures: 0..3,
    retentions: 0..2,
    rebuilds: 0..3,
    leavings: 0..8,
};
const SHORT: Scale = Scale {
    statements: 60,
    identifiers: 5,
    activities: 3,
    people: 3,
};

/// Puts a check to some drawn histories with somebody erased at their end, on the memory store.
fn on_memory_when_erased(cases: u32, check: &impl AsyncFn(&World, &ErasedLast)) {
    when_erased(cases, |drawn| {
        run(async { check(&World::new().await, drawn).await });
    });
}

/// Does the same on the embedded store.
fn on_embedded_when_erased(cases: u32, check: &impl AsyncFn(&World, &ErasedLast)) {
    when_erased(cases, |drawn| {
        run(on_embedded(async |world| check(world, drawn).await));
    });
}

fn when_erased(cases: u32, check: impl Fn(&ErasedLast)) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let drawn = TestRunner::new(config).run(&erased_last(SHORT), |drawn| {
        check(&drawn);
        Ok(())
    });
    if let Err(failed) = drawn {
        panic!("{failed}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn incremental_replay_and_naive_recomputation_agree(history in history(SHORT, 1..80, SHORT_FEW)) {
        run(async { check(&World::new().await, &history).await });
    }
}

proptest! {
    // Each opens a store of its own.
    #![proptest_config(ProptestConfig { cases: 20, ..ProptestConfig::default() })]

    #[test]
    fn they_agree_on_the_embedded_store_too(history in history(SHORT, 1..80, SHORT_FEW)) {
        run(on_embedded(async |world| check(world, &history).await));
    }
}

proptest! {
    // Each commit is journaled on a majority of three processes.
    #![proptest_config(ProptestConfig {
        cases: 3,
        max_shrink_iters: 30,
        ..ProptestConfig::default()
    })]

    #[test]
    fn one_history_is_the_same_on_every_store(history in history(SHORT, 20..60, SHORT_FEW)) {
        run(async { check(&World::new().await, &history).await });
        run(on_embedded(async |world| check(world, &history).await));
        on_mongodb(async |world| check(world, &history).await);
    }
}

const LONG_FEW: Few = Few {
    // About half of them find nobody, or more than one; that all of so many do is out of the question.
    erasures: 10..13,
    // One would leave nothing of all that was before it.
    retentions: 0..1,
    rebuilds: 1..2,
    leavings: 1..3,
};
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
        history in history(LONG, ACTS..ACTS + 1, LONG_FEW),
    ) {
        run(async {
            let world = World::new().await;
            check(&world, &history).await;
            assert_complete(&world).await;
        });
    }

    #[test]
    fn long_histories_agree_on_the_embedded_store(
        history in history(LONG, ACTS..ACTS + 1, LONG_FEW),
    ) {
        run(on_embedded(async |world| {
            check(world, &history).await;
            assert_complete(world).await;
        }));
    }
}
