//! Erasing a person writes nothing in a ledger and leaves no identifier, on both stores.

use proptest::prelude::*;
use varde_core::ports::{Happened, Position};

use crate::history::{Act, act, identifier};
use crate::world::World;
use crate::{SHORT, all_rows, on_embedded, run};

/// Nobody finds the identifiers of an erased person in the log.
async fn assert_gone(world: &World, n: u8) {
    for event in world.log.follow(Position(0), usize::MAX).await.unwrap() {
        if let Happened::Statement(statement) = event.what {
            assert!(
                !statement.body.contains(&identifier(n)),
                "{}",
                statement.body
            );
        }
    }
}

async fn check(world: &World, before: &[Act], n: u8, by_identifier: bool) {
    world.act(&Act::Install { version: 1 }).await;
    world.play(before).await;
    // The runner may well be behind.
    let rows = all_rows(&world.log, &world.records, 1).await;
    world.clock.advance(1_000_000);
    if world.erase_person(n, by_identifier).await.is_none() {
        return;
    }
    let untouched = all_rows(&world.log, &world.records, 1).await;
    assert_eq!(untouched, rows, "an erasure writes nothing in a ledger");
    if by_identifier {
        assert_gone(world, n).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn an_erasure_writes_nothing_in_a_ledger(
        before in prop::collection::vec(act(SHORT), 1..60),
        n in 0..SHORT.people,
        by_identifier in any::<bool>(),
    ) {
        run(async { check(&World::new().await, &before, n, by_identifier).await });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    #[test]
    fn an_erasure_writes_nothing_in_a_ledger_of_the_embedded_store(
        before in prop::collection::vec(act(SHORT), 1..60),
        n in 0..SHORT.people,
        by_identifier in any::<bool>(),
    ) {
        run(on_embedded(async |world| check(world, &before, n, by_identifier).await));
    }
}
