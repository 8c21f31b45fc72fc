//! Erasing a person writes nothing in a ledger and leaves no identifier, on both stores.

use varde_core::ports::{Happened, Position};

use crate::history::{Act, ErasedLast, identifier};
use crate::world::World;
use crate::{all_rows, on_embedded_when_erased, on_memory_when_erased};

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

async fn check(world: &World, drawn: &ErasedLast) {
    let (n, by_identifier) = (drawn.whom, drawn.by_identifier);
    world.act(&Act::Install { version: 1 }).await;
    world.play(&drawn.before).await;
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

#[test]
fn an_erasure_writes_nothing_in_a_ledger() {
    on_memory_when_erased(60, &check);
}

#[test]
fn an_erasure_writes_nothing_in_a_ledger_of_the_embedded_store() {
    on_embedded_when_erased(10, &check);
}
