//! A ledger that is built again takes the place of the one before it, whole or not at all.

use std::collections::BTreeSet;
use std::sync::Arc;

use varde_core::StoreError;
use varde_core::definitions::DefinitionBook;
use varde_core::ledger::{Ledger, LedgerRow, Step};
use varde_core::ports::{Collection, KeyRange, Record};
use varde_test_support::Cut;

use crate::history::{Act, definition};
use crate::interrupted::crowd;
use crate::kept::{differences, put, rows};
use crate::world::{World, runner};
use crate::{all_rows, record};

const OF_LEDGER: [&str; 8] = [
    "ledger-entry",
    "ledger-ended",
    "ledger-fact",
    "ledger-asked",
    "ledger-group",
    "ledger-dirty",
    "ledger-voided",
    "ledger-progress",
];

/// Takes a row out of the ledger and has another one say something else.
async fn damage(world: &World) {
    let all = rows(world).await;
    put(world, all[0].key.clone(), None).await;
    let Record { key, value, .. } = all[all.len() - 1].clone();
    let changed = String::from_utf8(value)
        .unwrap()
        .replace("\"sing\"", "\"merse\"");
    put(world, key, Some(changed.into_bytes())).await;
}

pub(crate) async fn rebuild(world: &World, version: u32) {
    let book = DefinitionBook::new(world.records.clone());
    assert!(book.rebuild(definition(version).hash()).await.unwrap());
}

async fn told(world: &World, version: u32) -> Vec<LedgerRow> {
    all_rows(&world.log, &world.records, version).await
}

/// Returns the ids of the ledgers of which anything is in the store.
async fn ledgers(world: &World) -> BTreeSet<Vec<u8>> {
    let mut ids = BTreeSet::new();
    for collection in OF_LEDGER {
        let everything = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: usize::MAX,
        };
        let records = world.records.range(Collection(collection), &everything);
        let records = records.await.unwrap();
        ids.extend(records.into_iter().map(|record| record.key[..16].to_vec()));
    }
    ids
}

#[tokio::test]
async fn a_rebuild_cut_short_at_any_commit_leaves_the_old_ledger_or_the_new_and_goes_on() {
    let mut cuts = 0;
    let mut seen = BTreeSet::new();
    for commits in 0.. {
        let world = crowd().await;
        world.runner.catch_up().await.unwrap();
        let whole = told(&world, 1).await;
        damage(&world).await;
        let damaged = told(&world, 1).await;
        assert_ne!(damaged, whole);
        rebuild(&world, 1).await;

        let records = Cut::behind(commits).records(world.records.clone());
        let cut = runner(&world.log, records, &world.registers);
        let cut = cut.catch_up().await.is_err();
        let left = told(&world, 1).await;
        assert!(left == damaged || left == whole, "neither of the two");
        seen.insert((left == whole, ledgers(&world).await.len()));

        world.runner.catch_up().await.unwrap();
        assert_eq!(told(&world, 1).await, whole);
        assert_eq!(
            ledgers(&world).await.len(),
            1,
            "nothing is left of the old one"
        );
        assert_eq!(differences(&world).await, []);
        if !cut {
            break;
        }
        cuts += 1;
    }
    // Fewer would mean that nothing was ever done in parts.
    assert!(cuts > 10, "the rebuild was cut only {cuts} times");
    // Before it began; with both, the one read and the other; with the new one alone.
    let expected = [(false, 1), (false, 2), (true, 1), (true, 2)];
    assert_eq!(seen, expected.into());
}

#[tokio::test]
async fn what_is_written_meanwhile_is_in_both() {
    let world = crowd().await;
    world.runner.catch_up().await.unwrap();
    rebuild(&world, 1).await;
    assert_eq!(world.runner.step().await.unwrap(), Step::Worked);
    let statement = Act::Statement {
        n: 1_000,
        who: 7,
        what: 1,
        day: -5,
        test: false,
    };
    world.act(&statement).await;
    world.runner.catch_up().await.unwrap();
    assert_eq!(ledgers(&world).await.len(), 1);
    assert_eq!(differences(&world).await, []);
}

#[tokio::test]
async fn a_superseded_ledger_is_built_again_as_far_as_it_came() {
    let world = crowd().await;
    world.runner.catch_up().await.unwrap();
    world.act(&Act::Install { version: 3 }).await;
    world.runner.catch_up().await.unwrap();
    let (old, new) = (told(&world, 1).await, told(&world, 3).await);
    for n in 0..3 {
        let who = Act::Alias {
            identifier: n,
            person: Some(2),
            from: None,
        };
        world.act(&who).await;
    }
    world.runner.catch_up().await.unwrap();
    assert_ne!(told(&world, 3).await, new);
    rebuild(&world, 1).await;
    world.runner.catch_up().await.unwrap();
    assert_eq!(told(&world, 1).await, old);
    assert_eq!(ledgers(&world).await.len(), 2);
}

#[tokio::test]
async fn whoever_still_reads_the_old_one_is_asked_to_ask_again() {
    let world = crowd().await;
    world.runner.catch_up().await.unwrap();
    let ledger = Ledger::new(Arc::clone(&world.log), Arc::clone(&world.records));
    let before = record(&world.records, 1).await;
    let snapshot = ledger.snapshot(before, None).await.unwrap();
    let whole = ledger.history(&snapshot, 2, "").await.unwrap();
    rebuild(&world, 1).await;
    assert_eq!(ledger.history(&snapshot, 2, "").await.unwrap(), whole);
    world.runner.catch_up().await.unwrap();
    let refused = ledger.history(&snapshot, 2, "").await;
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    let again = record(&world.records, 1).await;
    let snapshot = ledger.snapshot(again, None).await.unwrap();
    assert_eq!(ledger.history(&snapshot, 2, "").await.unwrap(), whole);
}

#[tokio::test]
async fn nothing_is_built_again_for_a_definition_that_is_not_there() {
    let world = World::new().await;
    let book = DefinitionBook::new(world.records.clone());
    assert!(!book.rebuild(definition(1).hash()).await.unwrap());
}
