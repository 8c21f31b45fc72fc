//! What an erased statement counted as goes over to the versions of a definition that come after it.

use varde_core::definitions::DefinitionBook;
use varde_core::ledger::{ErasedFacts, Explainer, Ledger};
use varde_core::ports::{Happened, Position};
use varde_xapi::StatementId;

use crate::history::{Act, ErasedLast, id};
use crate::world::{World, adapters};
use crate::{all_rows, on_embedded_when_erased, on_memory_when_erased};

/// What is concluded now, but for the breakdown that an erasure may make unknown.
async fn now(world: &World, version: u32) -> Vec<(String, serde_json::Value, Vec<StatementId>)> {
    let rows = all_rows(&world.log, &world.records, version).await;
    let rows = rows.into_iter().filter(|row| row.known_to.is_none());
    let without_gender = |mut body: serde_json::Value| {
        body["gender"] = serde_json::Value::Null;
        body
    };
    rows.map(|row| {
        (
            row.group.key,
            without_gender(row.entry.body),
            row.entry.statements,
        )
    })
    .collect()
}

/// The first and the third version mean the same.
async fn check(world: &World, drawn: &ErasedLast) {
    let (n, by_identifier) = (drawn.whom, drawn.by_identifier);
    world.act(&Act::Install { version: 1 }).await;
    let before = drawn
        .before
        .iter()
        .filter(|act| !matches!(act, Act::Install { .. } | Act::Erase { .. }));
    let before: Vec<_> = before.cloned().collect();
    world.play(&before).await;
    world.runner.catch_up().await.unwrap();
    world.clock.advance(1_000_000);
    if world.erase_person(n, by_identifier).await.is_none() {
        return;
    }
    world.runner.catch_up().await.unwrap();
    let counted = now(world, 1).await;
    world.act(&Act::Install { version: 3 }).await;
    world.runner.catch_up().await.unwrap();
    let erased = {
        let events = world.log.follow(Position(0), usize::MAX).await.unwrap();
        let ids = events.into_iter().filter_map(|event| match event.what {
            // One of a test space may have the same id.
            Happened::Erased(left) if !left.space.is_test() => Some(left.id),
            _ => None,
        });
        ids.collect::<Vec<_>>()
    };
    assert_eq!(now(world, 3).await, counted, "no number falls or rises");
    for row in all_rows(&world.log, &world.records, 3).await {
        let rests_on = row.entry.statements.iter();
        let rests_on: Vec<_> = rests_on.filter(|id| erased.contains(id)).copied().collect();
        assert_eq!(row.carried, rests_on, "what is carried over is marked");
    }
    for row in all_rows(&world.log, &world.records, 1).await {
        assert_eq!(
            row.carried,
            [],
            "the version that counted it itself carries nothing"
        );
    }
}

#[test]
fn a_later_version_of_the_same_meaning_counts_what_was_erased() {
    on_memory_when_erased(80, &check);
}

#[test]
fn and_on_the_embedded_store_too() {
    on_embedded_when_erased(10, &check);
}

async fn one_seen() -> World {
    let world = World::new().await;
    world.act(&Act::Install { version: 1 }).await;
    world
        .act(&Act::Activity {
            what: 1,
            known: true,
        })
        .await;
    for (n, who) in [(0, 0), (1, 1)] {
        let (what, day, test) = (1, -10, false);
        let seen = Act::Statement {
            n,
            who,
            what,
            day,
            test,
        };
        world.act(&seen).await;
    }
    world
}

#[tokio::test]
async fn an_entry_that_rests_on_what_was_carried_over_says_so() {
    let world = one_seen().await;
    world
        .erase_person(0, true)
        .await
        .expect("somebody to erase");
    world.act(&Act::Install { version: 3 }).await;
    world.runner.catch_up().await.unwrap();
    let rows = all_rows(&world.log, &world.records, 3).await;
    let carried: Vec<_> = rows.iter().map(|row| row.carried.clone()).collect();
    assert_eq!(rows.len(), 2);
    assert!(
        carried.contains(&vec![id(0)]) && carried.contains(&Vec::new()),
        "{carried:?}"
    );

    let explainer = Explainer::new(
        Ledger::new(world.log.clone(), world.records.clone()),
        DefinitionBook::new(world.records.clone()),
        world.registers.clone(),
        adapters(),
    );
    let entries = explainer.explain("", None, None).await.unwrap();
    let marked = entries.iter().filter_map(|entry| entry.row.as_ref());
    let marked: Vec<_> = marked.filter(|row| !row.carried.is_empty()).collect();
    assert_eq!(marked.len(), 1);
    assert_eq!(marked[0].definition, "all@3");
    let json = serde_json::to_value(marked[0]).unwrap();
    assert_eq!(json["carried"], serde_json::json!([id(0).to_string()]));
}

#[tokio::test]
async fn what_the_last_version_before_did_not_count_is_not_carried_over_from_an_older_one() {
    let world = one_seen().await;
    // The second version does not count who only refers to a statement; the others do.
    let refer = Act::Refer {
        n: 2,
        who: 0,
        target: 1,
        what: 1,
        day: -9,
    };
    world.act(&refer).await;
    let referring = StatementId(uuid::Uuid::from_u128(200_002));
    world.act(&Act::Install { version: 2 }).await;
    world.runner.catch_up().await.unwrap();
    world
        .erase_person(0, true)
        .await
        .expect("somebody to erase");
    let events = world.log.follow(Position(0), usize::MAX).await.unwrap();
    let left = events.into_iter().find_map(|event| match event.what {
        Happened::Erased(left) if left.id == referring => ErasedFacts::read(&left).unwrap(),
        _ => None,
    });
    assert_eq!(
        left.expect("what it counted as").facts.len(),
        2,
        "also that the second counts none"
    );
    world.act(&Act::Install { version: 3 }).await;
    world.runner.catch_up().await.unwrap();
    let rows = all_rows(&world.log, &world.records, 3).await;
    let statements: Vec<_> = rows
        .iter()
        .map(|row| row.entry.statements.clone())
        .collect();
    assert!(statements.contains(&vec![id(0)]), "{statements:?}");
    assert!(
        !statements.iter().flatten().any(|one| *one == referring),
        "{statements:?}"
    );
}
