//! An erasure or a restriction that is cut short anywhere is brought to its end by doing it again.

use serde_json::json;
use varde_core::activities::Activities;
use varde_core::erasures::{Erasures, Manner, OpenPeriods, Receipt, Whom};
use varde_core::ports::{EventKind, Happened, LogEvent, Position, StatementLog as _};
use varde_test_support::Cut;

use crate::restricted::{contested, definition, document, held, populated};
use crate::world::{KARI, World, kari};

/// How it is done again.
#[derive(Debug, Clone, Copy)]
enum Again {
    /// By the same command.
    Identifier,
    /// By one that names the person otherwise.
    Pseudonym,
    /// By the server, when it starts.
    Start,
}

const EACH: [Again; 3] = [Again::Identifier, Again::Pseudonym, Again::Start];

/// Returns the same on a store that takes so many changes and none after them.
fn cut_short(world: &World, changes: usize) -> Erasures {
    let (cut, whole) = (Cut::behind(changes), &world.erasures);
    let log = cut.log(whole.log.clone());
    let records = cut.records(whole.records.clone());
    Erasures {
        activities: Activities::new(log.clone(), records.clone(), whole.keys.clone()),
        log,
        records,
        ..whole.clone()
    }
}

async fn done_again(world: &World, manner: &Manner, again: Again) -> Receipt {
    let whom = match again {
        Again::Identifier => kari(),
        Again::Pseudonym => Whom::Person("p-kari".to_owned()),
        Again::Start => {
            let mut done = world.erasures.reapply().await.unwrap();
            assert_eq!(done.len(), 1);
            return done.pop().unwrap();
        }
    };
    world.erasures.carry_out(&whom, manner).await.unwrap()
}

async fn events(world: &World) -> Vec<LogEvent> {
    world.store.follow(Position(0), 99).await.unwrap()
}

/// Nobody reads anything of Kari, and what was done was done once.
async fn assert_gone(world: &World, receipt: &Receipt, case: &str) {
    assert_eq!(world.found(KARI).await, [], "{case}");
    assert_eq!(document(world, "place").await, None, "{case}");
    for event in events(world).await {
        if let Happened::Statement(statement) = event.what {
            assert!(!statement.body.contains("kari"), "{case}");
        }
    }
    let registers = world.registers.refresh().await.unwrap();
    let shown = format!("{registers:?}");
    assert!(
        !shown.contains("p-kari") && !shown.contains("NO060"),
        "{case}"
    );
    let listed = world.erasures.list.all().await.unwrap();
    let ids: Vec<_> = listed.iter().map(|listed| listed.erasure).collect();
    assert_eq!(ids, [receipt.erasure], "{case}");
    let kept = world.erasures.receipt(receipt.erasure).await.unwrap();
    assert_eq!(kept.as_ref(), Some(receipt), "{case}");
    assert_eq!(world.erasures.reapply().await.unwrap(), [], "{case}");
}

/// What a receipt says that must not depend on how often it took.
fn told(receipt: &Receipt) -> Receipt {
    Receipt {
        // What is closed is not counted again.
        identifiers: 0,
        ..receipt.clone()
    }
}

#[tokio::test]
async fn a_restriction_cut_short_at_any_change_is_finished_by_doing_it_again() {
    let manner = contested(None);
    let whole = populated().await;
    let defined = definition(&whole).await;
    let expected = done_again(&whole, &manner, Again::Identifier).await;
    let undefined = definition(&whole).await;
    let mut cuts = 0;
    for again in EACH {
        for changes in 0.. {
            let case = format!("{again:?} behind {changes} changes");
            let world = populated().await;
            let before = events(&world).await;
            let person = world.registers.person("p-kari").await.unwrap().unwrap();
            let cut = cut_short(&world, changes);
            if cut.carry_out(&kari(), &manner).await.is_ok() {
                break;
            }
            cuts += 1;
            let receipt = done_again(&world, &manner, again).await;
            assert_gone(&world, &receipt, &case).await;
            let expected = Receipt {
                erasure: receipt.erasure,
                at: receipt.at,
                persons: vec![person.as_str().parse().unwrap()],
                ..told(&expected)
            };
            assert_eq!(told(&receipt), expected, "{case}");
            assert_eq!(definition(&world).await, undefined, "{case}");
            assert_eq!(held(&world).await, 2, "{case}");
            let acts = world.store.events(EventKind::Erasure, Position(0), 9);
            assert_eq!(acts.await.unwrap().len(), 1, "{case}");

            // Nothing of it is lost.
            let lifted = world.erasures.lift(&world.caller, receipt.erasure).await;
            let lifted = lifted.unwrap();
            assert_eq!((lifted.statements, lifted.documents), (2, 1), "{case}");
            assert_eq!(lifted.left, [], "{case}");
            assert_eq!(events(&world).await[..before.len()], before, "{case}");
            assert_eq!(document(&world, "place").await.unwrap(), b"as it was");
            assert_eq!(definition(&world).await, defined, "{case}");
        }
    }
    // Fewer would mean that it is not done in parts.
    assert!(cuts > 15, "it was cut only {cuts} times");
}

#[tokio::test]
async fn an_erasure_cut_short_at_any_change_is_finished_by_doing_it_again() {
    let whole = populated().await;
    whole.erase(&kari()).await;
    let undefined = definition(&whole).await;
    for again in EACH {
        for changes in 0.. {
            let case = format!("{again:?} behind {changes} changes");
            let world = populated().await;
            let cut = cut_short(&world, changes);
            if cut.carry_out(&kari(), &Manner::Erase).await.is_ok() {
                break;
            }
            // Once her names lead nowhere, only the list still knows of her.
            let known = world.registers.person("p-kari").await.unwrap().is_some();
            let again = if known { again } else { Again::Start };
            let receipt = done_again(&world, &Manner::Erase, again).await;
            assert_gone(&world, &receipt, &case).await;
            assert_eq!(
                world.registers.person("p-kari").await.unwrap(),
                None,
                "{case}"
            );
            assert_eq!(held(&world).await, 0, "{case}");
            assert_eq!(definition(&world).await, undefined, "{case}");
        }
    }
}

#[tokio::test]
async fn whoever_asks_for_something_else_gets_it_behind_what_was_begun() {
    let world = populated().await;
    let cut = cut_short(&world, 2);
    let begun = cut.carry_out(&kari(), &Manner::Erase).await;
    assert!(begun.is_err(), "{begun:?}");
    let restricted = world.erasures.carry_out(&kari(), &contested(None)).await;
    let restricted = restricted.unwrap();
    assert_eq!(restricted.statements, [], "she was erased before");
    assert_eq!(world.found(KARI).await, []);
    let listed = world.erasures.list.all().await.unwrap();
    assert_eq!(listed.len(), 2);
    assert!(
        world
            .erasures
            .receipt(listed[0].erasure)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn a_retention_cut_short_at_any_change_is_finished_by_the_next_or_by_the_start() {
    let released = async || {
        let world = populated().await;
        let ended = |class: &str| json!({ "class": class, "years": 0, "after": "2020-12-31", "source": "a rule" });
        world
            .keep(&json!([ended("audit"), ended("learning")]))
            .await;
        world
    };
    let none = OpenPeriods::new();
    let whole = released().await;
    whole.erasures.run_retention(&none).await.unwrap();
    let undefined = definition(&whole).await;
    let mut cuts = 0;
    for is_start in [false, true] {
        for changes in 0.. {
            let case = format!("{is_start} behind {changes} changes");
            let world = released().await;
            let cut = cut_short(&world, changes);
            if cut.run_retention(&none).await.is_ok() {
                break;
            }
            cuts += 1;
            if is_start {
                world.erasures.reapply().await.unwrap();
            }
            let receipt = world.erasures.run_retention(&none).await.unwrap();
            assert_eq!(world.found(KARI).await, [], "{case}");
            assert_eq!(document(&world, "place").await, None, "{case}");
            let registers = format!("{:?}", world.registers.refresh().await.unwrap());
            assert!(
                !registers.contains("p-kari") && !registers.contains("NO060"),
                "{case}"
            );
            assert_eq!(definition(&world).await, undefined, "{case}");
            assert_eq!(world.erasures.reapply().await.unwrap(), [], "{case}");
            assert_eq!(
                world.erasures.last_retention().await.unwrap(),
                Some(receipt.at)
            );
        }
    }
    assert!(cuts > 15, "it was cut only {cuts} times");
}
