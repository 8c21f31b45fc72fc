//! A runner that is cut short at any commit goes on where it stood and comes to the same end.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use varde_core::ledger::Step;
use varde_core::ports::{CHANGES_MAX, Collection, KeyRange, Position};
use varde_test_support::Cut;

use crate::all_rows;
use crate::history::{Act, date, identifier, statement_text};
use crate::naive::{Asked, Naive, read};
use crate::world::{Gone, World, runner};

/// Many people at one activity that the register learns of last: one row touches them all, so
/// its event takes many commits.
pub(crate) async fn crowd() -> World {
    let world = World::new().await;
    world.act(&Act::Install { version: 1 }).await;
    for n in 0..=250_u8 {
        let (who, day) = (n, -10);
        world
            .act(&Act::Statement {
                n: n.into(),
                who,
                what: 1,
                day,
                test: false,
            })
            .await;
    }
    for who in 0..2 {
        world
            .act(&Act::Organiser {
                what: 1,
                who,
                there: true,
                from: Some(0),
            })
            .await;
    }
    world
        .act(&Act::Alias {
            identifier: 3,
            person: Some(1),
            from: None,
        })
        .await;
    world
        .act(&Act::Activity {
            what: 1,
            known: true,
        })
        .await;
    world
        .act(&Act::Merge {
            from: 1,
            into: Some(2),
        })
        .await;
    world
}

/// Checks that each natural key that stands with a group leads to it by the index.
async fn assert_indexed(world: &World) {
    const LEDGER_BYTES: usize = 16;
    let all = KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: usize::MAX,
    };
    let groups = world.records.range(Collection("ledger-group"), &all).await;
    for group in groups.unwrap() {
        let (ledger, rest) = group.key.split_at(LEDGER_BYTES);
        for asked in group.value.chunks_exact(16) {
            let key = [ledger, asked, rest].concat();
            let found = world.records.get(Collection("ledger-asked"), &key).await;
            assert!(found.unwrap().is_some(), "{asked:?} of {rest:?}");
        }
    }
}

/// Runs until the given number of commits was made, and then to the end with a fresh runner.
/// Returns whether the first runner was cut short.
async fn cut_after(world: &World, commits: usize) -> bool {
    let records = Cut::behind(commits).records(world.records.clone());
    let cut = runner(&world.log, records, &world.registers)
        .catch_up()
        .await
        .is_err();
    assert_indexed(world).await;
    world.runner.catch_up().await.unwrap();
    cut
}

#[tokio::test]
async fn a_runner_cut_short_at_any_commit_comes_to_the_same_end() {
    let mut cuts = 0;
    for commits in 0.. {
        let world = crowd().await;
        let cut = cut_after(&world, commits).await;
        let events = world.log.follow(Position(0), usize::MAX).await.unwrap();
        let rows = all_rows(&world.log, &world.records, 1).await;
        let people = world.people(&events).await;
        let naive = Naive::of(&events, (&people, &Gone::default()), 1);
        for event in &events {
            let asked = Asked {
                as_of: date(20),
                known_at: event.stored,
            };
            assert_eq!(read(&rows, asked), naive.conclusions(asked));
        }
        if !cut {
            break;
        }
        cuts += 1;
    }
    // Fewer would mean that no event was ever taken in parts.
    assert!(cuts > 5, "the history was cut only {cuts} times");
}

/// Groups of fewer and of more facts and rows than are read ahead, each met by a runner that
/// remembers nothing.
#[tokio::test]
async fn a_group_is_settled_from_all_its_facts_however_many_they_are() {
    for facts in [0, 1, 150, 250] {
        let world = World::new().await;
        world.act(&Act::Install { version: 1 }).await;
        let (who, what, test) = (0, 1, false);
        world.act(&Act::Activity { what, known: true }).await;
        let seen = |n: u16| Act::Statement {
            n,
            who,
            what,
            day: -i8::try_from(n % 90).unwrap(),
            test,
        };
        for n in 0..facts {
            world.act(&seen(n)).await;
        }
        world.runner.catch_up().await.unwrap();
        for n in facts..facts + 3 {
            world.act(&seen(n)).await;
            let fresh = runner(&world.log, world.records.clone(), &world.registers);
            fresh.catch_up().await.unwrap();
        }
        let events = world.log.follow(Position(0), usize::MAX).await.unwrap();
        let people = world.people(&events).await;
        let rows = all_rows(&world.log, &world.records, 1).await;
        let naive = Naive::of(&events, (&people, &Gone::default()), 1);
        for event in events.iter().rev().take(5) {
            let asked = Asked {
                as_of: date(20),
                known_at: event.stored,
            };
            let expected = naive.conclusions(asked);
            assert_eq!(read(&rows, asked), expected, "{facts} facts");
        }
    }
}

/// Tells whether the runner finds that there is something to do.
async fn is_wanted(world: &World) -> bool {
    let mut rest = pin!(world.runner.rest());
    poll_fn(|context| Poll::Ready(rest.as_mut().poll(context).is_ready())).await
}

#[tokio::test]
async fn a_runner_does_not_rest_before_a_new_definition_is_current() {
    let world = World::new().await;
    world
        .act(&Act::Activity {
            what: 1,
            known: true,
        })
        .await;
    world.act(&Act::Install { version: 1 }).await;
    assert!(is_wanted(&world).await, "an event is to be taken");
    assert_eq!(world.runner.step().await.unwrap(), Step::Reached);
    assert!(
        is_wanted(&world).await,
        "the definition is to become current"
    );
    assert_eq!(world.runner.step().await.unwrap(), Step::Worked);
    // Its activation is an event too.
    while world.runner.step().await.unwrap() != Step::Idle {}
    assert!(!is_wanted(&world).await, "there is nothing to do");
    world
        .act(&Act::Activity {
            what: 2,
            known: true,
        })
        .await;
    assert!(is_wanted(&world).await, "an event is to be taken");
}

#[tokio::test]
async fn more_people_are_met_in_a_step_than_fit_a_commit() {
    let world = World::new().await;
    let (what, known) = (1, true);
    world.act(&Act::Install { version: 1 }).await;
    world.act(&Act::Activity { what, known }).await;
    world.runner.catch_up().await.unwrap();
    let people = CHANGES_MAX;
    for n in 0..people {
        let body = statement_text(u16::try_from(n).unwrap(), 0, what, -10);
        let met = body.replace(
            &identifier(0),
            &format!("mailto:one-of-many-{n}@example.org"),
        );
        world.append(&met, false).await;
    }
    world.runner.catch_up().await.unwrap();
    let rows = all_rows(&world.log, &world.records, 1).await;
    assert_eq!(rows.len(), people, "each was seen once");
}
