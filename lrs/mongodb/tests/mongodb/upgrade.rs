//! A database of an earlier format, brought to this one.

use std::sync::Arc;
use std::time::Duration;

use mongodb::bson::{DateTime, Document, doc};
use varde_core::ports::{AppendError, StatementLog, StoreError};
use varde_mongodb::upgrade::{plan, upgrade};
use varde_mongodb::{MongoStore, OpenError};
use varde_store_suite::tokio;
use varde_test_support::{Draft, TestClock};

use crate::server::{Database, TUNING, wait};

/// Makes the database what it was in the first format, or on its way from there.
fn set_back(database: &Database, format: i64) {
    let plain = database.plain();
    wait(async move {
        let attachments = plain.collection::<Document>("attachments");
        attachments
            .drop_index("content")
            .await
            .expect("it was there");
        let head = plain.collection::<Document>("head");
        let update = doc! { "$set": { "format": format } };
        head.update_one(doc! { "_id": "head" }, update)
            .await
            .expect("it is set");
    });
}

fn indexes(database: &Database) -> Vec<String> {
    let plain = database.plain();
    let names = async move {
        let attachments = plain.collection::<Document>("attachments");
        attachments
            .list_index_names()
            .await
            .expect("they are listed")
    };
    wait(names)
}

fn open(database: &Database) -> Result<MongoStore, OpenError> {
    let uri = database.uri();
    wait(async move { MongoStore::open_tuned(&uri, Arc::new(TestClock::default()), TUNING).await })
}

#[tokio::test]
async fn the_first_format_is_brought_to_this_one_also_from_halfway() {
    for format in [1, -2] {
        let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
        assert_eq!(
            plan(&database.uri()).await.expect("asked"),
            None,
            "nothing is there"
        );
        let store = database.open(&clock);
        store
            .append(vec![Draft::new(1).build()])
            .await
            .expect("appended");
        set_back(&database, format);

        // Whoever has it open writes nothing in the former format.
        let refused = store.append(vec![Draft::new(2).build()]).await;
        let refused = refused.expect_err("refused");
        assert!(
            matches!(refused, AppendError::Store(StoreError::Unwritable { .. })),
            "{refused}"
        );
        store.close().await;
        let Err(refused) = open(&database) else {
            panic!("it was opened")
        };
        assert!(
            matches!(refused, OpenError::Outdated { found, needed: 2 } if found == format),
            "{refused}"
        );
        assert!(!indexes(&database).contains(&"content".to_owned()));
        let to_do = plan(&database.uri())
            .await
            .expect("asked")
            .expect("a store");
        assert_eq!((to_do.found, to_do.needed, to_do.begun), (1, 2, format < 0));
        assert_eq!(to_do.migrations.len(), 1);

        assert_eq!(upgrade(&database.uri()).await.expect("upgraded"), 1);
        assert!(indexes(&database).contains(&"content".to_owned()));
        assert_eq!(upgrade(&database.uri()).await.expect("nothing to do"), 0);
        let store = open(&database).unwrap_or_else(|error| panic!("{error}"));
        store
            .append(vec![Draft::new(2).build()])
            .await
            .expect("appended");
        store.close().await;
    }
}

#[tokio::test]
async fn one_process_upgrades_at_a_time_and_a_killed_one_is_followed() {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    database.open(&clock).close().await;
    set_back(&database, 1);
    let locked_until = |from_now: i64| {
        let plain = database.plain();
        wait(async move {
            let hello = plain.run_command(doc! { "hello": 1 }).await.expect("asked");
            let now = hello.get_datetime("localTime").expect("an instant");
            let until = DateTime::from_millis(now.timestamp_millis() + from_now);
            let lock = doc! { "_id": "upgrade", "by": 1_i64, "until": until };
            let head = plain.collection::<Document>("head");
            head.replace_one(doc! { "_id": "upgrade" }, lock)
                .upsert(true)
                .await
                .expect("it is set");
        });
    };
    let hour = i64::try_from(Duration::from_hours(1).as_millis()).expect("few");
    locked_until(hour);
    let refused = upgrade(&database.uri()).await.expect_err("refused");
    assert!(matches!(refused, OpenError::Upgrading), "{refused}");
    locked_until(-hour);
    assert_eq!(upgrade(&database.uri()).await.expect("upgraded"), 1);
    let plain = database.plain();
    wait(async move {
        let head = plain.collection::<Document>("head");
        let locks = head.count_documents(doc! { "_id": "upgrade" }).await;
        assert_eq!(locks.expect("counted"), 0, "it is given up");
    });
}

#[tokio::test]
async fn an_index_that_somebody_dropped_is_named() {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = database.open(&clock);
    let lacking = store.lacking_indexes().await.expect("asked");
    assert_eq!(lacking, Vec::<String>::new());
    let plain = database.plain();
    wait(async move {
        let log = plain.collection::<Document>("log");
        log.drop_index("keys").await.expect("it was there");
    });
    let lacking = store.lacking_indexes().await.expect("asked");
    assert_eq!(lacking, ["log.keys"]);
    wait(async move { store.close().await });
}
