//! Erasing what no duty keeps any longer writes nothing in a ledger, on both stores. That replay agrees is
//! a matter of the histories, in which it happens as well.

use varde_core::ports::{Happened, Position};

use crate::history::{Act, ErasedLast};
use crate::world::World;
use crate::{all_rows, on_embedded_when_erased, on_memory_when_erased};

/// Returns how many statements stand in the log, but for those of test spaces.
async fn statements(world: &World) -> usize {
    let events = world.log.follow(Position(0), usize::MAX).await.unwrap();
    let is_live = |what: &Happened| match what {
        Happened::Statement(statement) => !statement.space.is_test(),
        _ => false,
    };
    events.iter().filter(|event| is_live(&event.what)).count()
}

async fn check(world: &World, drawn: &ErasedLast) {
    world.act(&Act::Install { version: 1 }).await;
    world.play(&drawn.before).await;
    // The runner may well be behind.
    let rows = all_rows(&world.log, &world.records, 1).await;
    let found = statements(world).await;
    let receipt = world.retain().await;
    let went: usize = receipt.records.iter().map(|kept| kept.statements).sum();
    assert_eq!(
        (went, statements(world).await),
        (found, 0),
        "all is released"
    );
    let untouched = all_rows(&world.log, &world.records, 1).await;
    assert_eq!(untouched, rows, "a retention writes nothing in a ledger");
}

#[test]
fn releasing_writes_nothing_in_a_ledger() {
    on_memory_when_erased(40, &check);
}

#[test]
fn releasing_writes_nothing_in_a_ledger_of_the_embedded_store() {
    on_embedded_when_erased(8, &check);
}
