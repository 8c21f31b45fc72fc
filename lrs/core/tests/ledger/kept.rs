//! What the store keeps of a ledger is compared with the log, and explained.

use varde_core::definitions::DefinitionBook;
use varde_core::ledger::{Difference, Explainer, Ledger, Wrong};
use varde_core::ports::{Change, Changes, Collection, Expected, KeyRange, Record};

use crate::history::{Act, id, iri};
use crate::world::{World, adapters};

const ENTRIES: Collection = Collection("ledger-entry");
const ENDED: Collection = Collection("ledger-ended");

/// Two people at an activity that two organisers share; the first of them is registered.
pub(crate) async fn seen() -> World {
    let world = World::new().await;
    let (what, from) = (1, None);
    world.act(&Act::Install { version: 1 }).await;
    world.act(&Act::Activity { what, known: true }).await;
    for who in 0..2 {
        let there = true;
        let organiser = Act::Organiser {
            what,
            who,
            there,
            from,
        };
        world.act(&organiser).await;
    }
    let (identifier, person) = (0, Some(2));
    let alias = Act::Alias {
        identifier,
        person,
        from,
    };
    for who in 0..2 {
        let (n, day, test) = (who.into(), -20, false);
        let statement = Act::Statement {
            n,
            who,
            what,
            day,
            test,
        };
        world.act(&statement).await;
    }
    world.act(&alias).await;
    world.runner.catch_up().await.unwrap();
    world
}

pub(crate) async fn differences(world: &World) -> Vec<Difference> {
    crate::differences(world, 1).await
}

/// Returns the records of the rows that hold.
pub(crate) async fn rows(world: &World) -> Vec<Record> {
    let records = records(world, ENTRIES).await.into_iter();
    records.filter(is_row).collect()
}

fn is_row(record: &Record) -> bool {
    record.value.starts_with(b"{")
}

async fn records(world: &World, collection: Collection) -> Vec<Record> {
    let all = KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: 1_000,
    };
    world.records.range(collection, &all).await.unwrap()
}

pub(crate) async fn put(world: &World, key: Vec<u8>, value: Option<Vec<u8>>) {
    put_in(world, ENTRIES, key, value).await;
}

async fn put_in(world: &World, collection: Collection, key: Vec<u8>, value: Option<Vec<u8>>) {
    let expected = Expected::Anything;
    let change = Change {
        collection,
        key,
        value,
        expected,
    };
    let changes = Changes {
        changes: vec![change],
        ..Changes::default()
    };
    world.records.commit(changes).await.unwrap();
}

#[tokio::test]
async fn a_row_that_is_gone_added_or_changed_is_found_whether_it_holds_or_ended() {
    let world = seen().await;
    assert_eq!(differences(&world).await, []);
    for collection in [ENTRIES, ENDED] {
        let all = records(&world, collection).await.into_iter();
        let rows: Vec<_> = all.filter(is_row).collect();
        assert!(!rows.is_empty(), "{collection:?}");
        let put = |key: &[u8], value: Option<&[u8]>| {
            put_in(&world, collection, key.to_vec(), value.map(<[u8]>::to_vec))
        };
        for row in rows {
            put(&row.key, None).await;
            let found = differences(&world).await;
            assert_eq!(found[0].what, Wrong::Missing);
            assert!(found[0].to_string().starts_with("all@1: group `"));

            let text = String::from_utf8(row.value.clone()).unwrap();
            let changed = text.replace("\"sing\"", "\"merse\"").into_bytes();
            assert_ne!(changed, row.value);
            put(&row.key, Some(&changed)).await;
            assert_eq!(differences(&world).await[0].what, Wrong::Changed);

            put(&row.key, Some(&row.value)).await;
            let behind = [row.key.as_slice(), &[0; 9]].concat();
            put(&behind, Some(&row.value)).await;
            let found = differences(&world).await;
            if collection == ENTRIES {
                assert_eq!(found[0].what, Wrong::Surplus);
            } else {
                assert_eq!(found, [], "it is of no entry, so nobody reads it");
            }
            put(&behind, None).await;
        }
    }
    assert_eq!(differences(&world).await, []);
}

/// Where nothing holds any more a record says so, or nobody finds what held.
#[tokio::test]
async fn an_entry_that_ended_without_a_record_of_it_is_found() {
    let world = seen().await;
    let entries = records(&world, ENTRIES).await.into_iter();
    let none: Vec<_> = entries.filter(|record| !is_row(record)).collect();
    assert!(!none.is_empty());
    for record in none {
        put(&world, record.key.clone(), None).await;
        assert_eq!(differences(&world).await[0].what, Wrong::Missing);
        put(&world, record.key, Some(record.value)).await;
    }
    assert_eq!(differences(&world).await, []);
}

#[tokio::test]
async fn an_entry_tells_what_it_rests_on_and_what_it_was_before() {
    let world = seen().await;
    let ledger = Ledger::new(world.log.clone(), world.records.clone());
    let explainer = Explainer::new(
        ledger,
        DefinitionBook::new(world.records.clone()),
        world.registers.clone(),
        adapters(),
    );
    let key = format!("{}|", iri(1));
    let all = explainer.explain(&key, None, None).await.unwrap();
    let now: Vec<_> = all.iter().filter_map(|entry| entry.row.as_ref()).collect();
    assert_eq!(now.len(), 2, "one entry for each person");
    let person = world.registers.person("p-2").await.unwrap().unwrap();
    let registered = all.iter().find(|entry| {
        let row = entry.row.as_ref();
        row.is_some_and(|row| row.group.key.ends_with(person.as_str()))
    });
    let registered = registered.expect("the registered person's entry");
    let row = registered.row.as_ref().unwrap();
    assert_eq!(row.definition, "all@1");
    assert_eq!(row.entry.statements, [id(0)]);
    assert_eq!(registered.read.len(), 1, "since when it is shared");
    // Before the alias, the same statement was an unregistered person's.
    let before = all.iter().filter(|entry| entry.row.is_none());
    let before: Vec<_> = before.collect();
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].history[0].known_to, Some(row.known_from));
    let other = explainer.explain(&key, Some("another"), None).await;
    assert_eq!(other.unwrap(), []);
}
