//! What a killed process leaves of attachments.

use std::sync::Arc;

use mongodb::bson::{Document, doc};
use varde_core::Clock;
use varde_core::attachments::Sweep;
use varde_core::ports::{AttachmentName, Attachments};
use varde_mongodb::MongoStore;
use varde_store_suite::tokio;
use varde_test_support::{TestClock, space};
use varde_xapi::attachment::Digester;

use crate::server::{Database, wait};

/// A day, in microseconds.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

fn named(bytes: &[u8]) -> AttachmentName {
    let mut digester = Digester::of(&"0".repeat(64));
    digester.update(bytes);
    AttachmentName {
        space: space("sing"),
        sha2: digester.finish(),
    }
}

/// Begins to take bytes in, and is killed: nobody removes what was written.
async fn be_killed(store: &MongoStore, bytes: &[u8]) {
    let writer = store.write(named(bytes)).await;
    let mut writer = writer.expect("a writer is given");
    writer.write(bytes).await.expect("the bytes are taken");
    std::mem::forget(writer);
}

fn chunks(database: &Database) -> u64 {
    let plain = database.plain();
    wait(async move {
        let chunks = plain.collection::<Document>("chunks");
        chunks.count_documents(doc! {}).await.expect("counted")
    })
}

#[tokio::test]
async fn what_a_killed_process_did_not_keep_is_removed_after_a_day() {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = Arc::new(database.open(&clock));
    let sweep = Sweep::new(store.clone(), store.clone(), store.clone());
    let (large, kept) = (vec![7; 700_000], vec![9; 300_000]);
    be_killed(&store, &large).await;
    let mut writer = store.write(named(&kept)).await.expect("a writer is given");
    writer.write(&kept).await.expect("the bytes are taken");
    writer.keep().await.expect("they are kept");
    clock.advance(DAY);
    be_killed(&store, &large).await;
    assert_eq!(chunks(&database), 2 + 2 + 2, "whole runs of each");

    let removed = store.remove_unkept(clock.now()).await.expect("removed");
    assert_eq!(removed, 1, "not what a process is perhaps writing");
    assert_eq!(chunks(&database), 2 + 2);
    let found = store.read(&named(&kept)).await.expect("it is looked up");
    let first = found.expect("it is kept").next().await.expect("read");
    assert!(first.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 9)));

    clock.advance(DAY + 1_000);
    let removed = sweep.run(clock.now()).await.expect("swept");
    assert_eq!(removed, 2, "and what no statement names");
    assert_eq!(chunks(&database), 0);
}
