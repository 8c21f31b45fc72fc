//! What a store finds when it is opened, and what it says when it cannot be.

use std::error::Error;
use std::sync::Arc;

use mongodb::IndexModel;
use mongodb::bson::{Document, doc};
use mongodb::options::IndexOptions;
use varde_core::erasures::{ErasureId, ErasureList, ListedErasure};
use varde_core::ports::{Position, Standing, StatementLog, StoreError};
use varde_mongodb::{MongoStore, OpenError};
use varde_store_suite::tokio;
use varde_test_support::{Draft, TestClock, space};
use varde_xapi::Stored;

use crate::server::{Database, TUNING, wait};

fn open(uri: String) -> Result<MongoStore, OpenError> {
    wait(async move {
        let clock = Arc::new(TestClock::default());
        MongoStore::open_tuned(&uri, clock, TUNING).await
    })
}

fn refused(uri: String) -> OpenError {
    match open(uri) {
        Ok(_) => panic!("the database was opened"),
        Err(error) => error,
    }
}

/// Everything that is ever shown of an error.
fn all_of(error: &dyn Error) -> String {
    let mut text = format!("{error} {error:?}");
    let mut next = error.source();
    while let Some(source) = next {
        text.extend([source.to_string(), format!("{source:?}")]);
        next = source.source();
    }
    text
}

#[tokio::test]
async fn a_store_is_opened_again_where_it_stood() {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = database.open(&clock);
    let batch = vec![Draft::new(1).build(), Draft::new(2).build()];
    store.append(batch).await.expect("it is appended");
    let shown = store.consistent_through().await.expect("shown");
    let events = store.follow(Position(0), 9).await.expect("followed");
    store.close().await;
    clock.advance(-5_000_000);
    let again = database.open(&clock);
    assert_eq!(
        again.follow(Position(0), 9).await.expect("followed"),
        events
    );
    again
        .append(vec![Draft::new(3).build()])
        .await
        .expect("it is appended");
    let third = again.follow(Position(2), 9).await.expect("followed");
    assert!(third[0].stored > shown, "whatever the clock says");
}

#[tokio::test]
async fn an_index_of_another_definition_is_told_with_what_to_do() {
    let database = Database::new();
    let plain = database.plain();
    wait(async move {
        let options = IndexOptions::builder().name("keys".to_owned()).build();
        let index = IndexModel::builder()
            .keys(doc! { "keys": 1 })
            .options(options)
            .build();
        let log = plain.collection::<Document>("log");
        log.create_index(index).await.expect("it is made");
    });
    let said = refused(database.uri()).to_string();
    for part in [
        "index `keys` of the collection `log`",
        r#"{ "keys": 1 }"#,
        r#"{ "keys": 1, "position": 1 }"#,
        r#"db.log.dropIndex("keys")"#,
    ] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
}

#[tokio::test]
async fn a_database_of_a_later_format_is_left_alone() {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    database.open(&clock).close().await;
    let plain = database.plain();
    wait(async move {
        let head = plain.collection::<Document>("head");
        let update = doc! { "$set": { "format": 3_i64 } };
        head.update_one(doc! {}, update).await.expect("it is set");
    });
    let error = refused(database.uri());
    assert!(
        matches!(error, OpenError::Newer { found: 3, known: 2 }),
        "{error}"
    );
}

#[tokio::test]
async fn a_row_that_was_altered_is_refused_by_its_id() {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = database.open(&clock);
    let batch = vec![Draft::new(1).build(), Draft::new(2).build()];
    store.append(batch).await.expect("it is appended");
    let plain = database.plain();
    wait(async move {
        let log = plain.collection::<Document>("log");
        let update = doc! { "$set": { "body": "{}" } };
        let altered = log.update_one(doc! { "position": 2_i64 }, update).await;
        assert_eq!(altered.expect("it is altered").modified_count, 1);
    });
    let spaces = [space("sing")];
    let found = StatementLog::get(&store, &spaces, Draft::id(2), Standing::Valid).await;
    assert!(
        matches!(found, Err(StoreError::Damaged { position: Position(2), id: Some(id) })
            if id == Draft::id(2)),
        "{found:?}"
    );
    assert!(store.follow(Position(0), 9).await.is_err());
    let first = StatementLog::get(&store, &spaces, Draft::id(1), Standing::Valid).await;
    assert!(first.expect("it is whole").is_some());
}

#[tokio::test]
async fn the_list_of_erasures_outlives_the_database_of_the_store() {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = database.open(&clock);
    let listed = |at, id| ListedErasure {
        erasure: ErasureId(uuid::Uuid::from_u128(id)),
        at: Stored(at),
        names: vec!["00ff".to_owned()],
        restricted: None,
        lifted: false,
    };
    let list = store.erasures();
    assert_eq!(list.all().await, Ok(vec![]));
    for erasure in [listed(2, 1), listed(1, 2), listed(2, 1)] {
        list.add(&erasure).await.expect("it is listed");
    }
    store.close().await;
    let plain = database.plain();
    wait(async move { plain.drop().await }).expect("it is dropped");
    let again = database.open(&clock);
    let all = again.erasures().all().await;
    assert_eq!(all, Ok(vec![listed(1, 2), listed(2, 1)]));
}

#[tokio::test]
async fn no_error_holds_the_password_of_the_address() {
    let database = Database::new();
    let secret = "geheimnis";
    let known = database.uri();
    let (_, hosts) = known.split_once("://").expect("an address");
    let wrong = format!("mongodb://user:{secret}@{hosts}");
    let unreachable =
        format!("mongodb://user:{secret}@127.0.0.1:1/x?replicaSet=x&serverSelectionTimeoutMS=100");
    for uri in [wrong, unreachable] {
        let said = all_of(&refused(uri));
        assert!(!said.contains(secret), "{said}");
    }
}
