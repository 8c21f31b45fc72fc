//! Erasing a person moves no number, whenever it happens and whatever comes after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;
use varde_core::Scope;
use varde_core::definitions::DefinitionBook;
use varde_core::erasures::{ErasureError, Erasures, Manner, Receipt, Whom};
use varde_core::keys::NewKey;
use varde_core::ledger::{Adapter, LedgerRow};
use varde_core::memory::MemoryStore;
use varde_core::people::IdentityId;
use varde_core::ports::{Happened, Position, Records};
use varde_test_support::{TestClock, erasures};
use varde_xapi::{Ifi, Stored};

use crate::history::{Act, World, act, definition, identifier, runner, space};
use crate::naive::{Conclusion, conclusions};
use crate::rulebook::Seen;
use crate::{SHORT, all_rows, current_version};

fn adapters() -> Vec<Arc<dyn Adapter>> {
    vec![Arc::new(Seen)]
}

async fn erasures_of(world: &World, store: &Arc<MemoryStore>) -> Erasures {
    let erasures = erasures(store, &world.clock, &world.registers, adapters());
    // The spaces of keys are all there are.
    let key = NewKey {
        name: "front-end".into(),
        secret: "a secret".into(),
        home_page: "https://example.org".into(),
        space: space(false),
        also_reads: vec![space(true)],
        scopes: vec![Scope::All],
        tolerances: Vec::new(),
        projects: Vec::new(),
        partner: None,
        role: None,
    };
    erasures.keys.create(key).await.unwrap();
    erasures
}

fn whom(n: u8) -> Whom {
    match n {
        0..5 => Whom::Identifier(Ifi::Mbox(identifier(n))),
        n => Whom::Person(format!("p-{}", n - 5)),
    }
}

/// What is concluded at an instant, of erased persons without the breakdown that may be unknown.
fn told(
    rows: &[LedgerRow],
    known_at: Stored,
    erased: &[IdentityId],
) -> BTreeMap<String, Conclusion> {
    let mut told = conclusions(rows, known_at);
    for (key, (body, _)) in &mut told {
        if erased.iter().any(|id| key.ends_with(&id.to_string())) {
            body["gender"] = Value::Null;
        }
    }
    told
}

async fn replayed(world: &World, version: u32) -> Vec<LedgerRow> {
    let again: Arc<dyn Records> = Arc::new(MemoryStore::new(world.clock.clone()));
    let book = DefinitionBook::new(again.clone());
    book.install(definition(version), &adapters())
        .await
        .unwrap();
    let replay = runner(&world.log, again.clone(), &world.registers);
    while replay.lag().await.unwrap().events > 0 {
        replay.step().await.unwrap();
    }
    all_rows(&world.log, &again, version).await
}

async fn erase(erasures: &Erasures, n: u8) -> Option<Receipt> {
    match erasures.carry_out(&whom(n), &Manner::Erase).await {
        Ok(receipt) => Some(receipt),
        Err(ErasureError::Unknown | ErasureError::Ambiguous) => None,
        Err(error) => panic!("{error:?}"),
    }
}

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

async fn check(before: Vec<Act>, n: u8, after: Vec<Act>, instants: Vec<prop::sample::Index>) {
    let clock = Arc::new(TestClock::default());
    let store = Arc::new(MemoryStore::new(clock.clone()));
    let world = World::on_memory(&store, clock).await;
    let erasures = erasures_of(&world, &store).await;
    world.act(&Act::Install { version: 1 }).await;
    for act in &before {
        world.act(act).await;
    }
    // The runner may well be behind.
    let rows = all_rows(&world.log, &world.records, 1).await;
    world.clock.advance(1_000_000);
    let Some(receipt) = erase(&erasures, n).await else {
        return;
    };
    let untouched = all_rows(&world.log, &world.records, 1).await;
    assert_eq!(untouched, rows, "an erasure writes nothing in a ledger");
    if n < 5 {
        assert_gone(&world, n).await;
    }
    for act in &after {
        world.act(act).await;
    }
    world.runner.catch_up().await.unwrap();
    let version = current_version(&world).await;
    let rows = all_rows(&world.log, &world.records, version).await;
    let again = replayed(&world, version).await;
    let events = world.log.follow(Position(0), usize::MAX).await.unwrap();
    for index in instants {
        let known_at = index.get(&events).stored;
        assert_eq!(
            told(&rows, known_at, &receipt.persons),
            told(&again, known_at, &receipt.persons),
            "at {known_at}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn an_erasure_moves_no_number(
        before in prop::collection::vec(act(SHORT), 1..60),
        n in 0..8_u8,
        after in prop::collection::vec(act(SHORT), 0..20),
        instants in prop::collection::vec(any::<prop::sample::Index>(), 6),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(check(before, n, after, instants));
    }
}
