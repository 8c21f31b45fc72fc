//! Several processes on one database, each with a store, a clock and connections of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use varde_core::Clock;
use varde_core::ports::{
    AppendError, Change, Changes, Collection, CommitError, Expected, Position, Records, Standing,
    StatementLog, StoreError,
};
use varde_mongodb::{MongoStore, Tuning};
use varde_store_suite::tokio;
use varde_test_support::{Draft, TestClock, space};

use crate::server::{Database, TUNING, wait};

const STONES: Collection = Collection("stones");

fn two(database: &Database) -> [(MongoStore, Arc<TestClock>); 2] {
    [0, 1].map(|_| {
        let clock = Arc::new(TestClock::default());
        (database.open(&clock), clock)
    })
}

async fn append(store: &MongoStore, number: u64) -> Position {
    let appended = store.append(vec![Draft::new(number).build()]).await;
    appended.expect("it is appended").last
}

#[tokio::test]
async fn processes_that_write_at_once_leave_no_gap_and_double_nothing() {
    let database = Database::new();
    let [(one, _), (other, _)] = two(&database);
    let (one, other) = (Arc::new(one), Arc::new(other));
    let mut writers = Vec::new();
    for number in 0..60 {
        // Each statement is sent by both, as after an answer that was lost.
        for store in [&one, &other] {
            let store = Arc::clone(store);
            writers.push(tokio::spawn(async move { append(&store, number).await }));
        }
    }
    let mut positions = BTreeSet::new();
    for writer in writers {
        positions.insert(writer.await.expect("no panic").0);
    }
    assert_eq!(positions, (1..=60).collect::<BTreeSet<_>>());
    let events = other.follow(Position(0), 100).await.expect("followed");
    assert_eq!(events.len(), 60);
    assert!(events.windows(2).all(|two| two[0].stored < two[1].stored));
}

#[tokio::test]
async fn what_one_process_wrote_another_reads_at_once() {
    let database = Database::new();
    let [(one, _), (other, _)] = two(&database);
    for number in 0..10 {
        append(&one, number).await;
        let (spaces, id) = ([space("sing")], Draft::id(number));
        let found = StatementLog::get(&other, &spaces, id, Standing::Valid).await;
        assert!(found.expect("it is read").is_some());
    }
}

#[tokio::test]
async fn who_waits_in_one_process_is_woken_by_another() {
    let database = Database::new();
    let [(one, _), (other, _)] = two(&database);
    let waiter = tokio::spawn(async move {
        other.grown(Position(2)).await.expect("it has grown");
        other.head().await.expect("the head is read")
    });
    for number in 0..3 {
        append(&one, number).await;
    }
    assert_eq!(waiter.await.expect("no panic"), Position(3));
}

#[tokio::test]
async fn an_instant_that_one_process_shows_binds_the_others() {
    let database = Database::new();
    let [(one, one_clock), (other, _)] = two(&database);
    // The clock of the one is an hour ahead.
    one_clock.advance(3_600_000_000);
    let shown = one.consistent_through().await.expect("shown");
    assert_eq!(shown, one_clock.now());
    append(&other, 1).await;
    let events = one.follow(Position(0), 1).await.expect("followed");
    assert!(events[0].stored > shown);
    let later = other.consistent_through().await.expect("shown");
    assert!(later >= events[0].stored, "it never goes back");
}

#[tokio::test]
async fn processes_that_race_for_a_record_lose_no_update() {
    let database = Database::new();
    let [(one, _), (other, _)] = two(&database);
    let (one, other) = (Arc::new(one), Arc::new(other));
    let count = |store: Arc<MongoStore>| async move {
        for _ in 0..20 {
            loop {
                let found = Records::get(&*store, STONES, b"count").await.expect("read");
                let (count, expected) = match &found {
                    None => (0, Expected::Absent),
                    Some(record) => (record.value[0], Expected::Version(record.version)),
                };
                let change = Change {
                    collection: STONES,
                    key: b"count".to_vec(),
                    value: Some(vec![count + 1]),
                    expected,
                };
                let changes = Changes {
                    changes: vec![change],
                    ..Changes::default()
                };
                match store.commit(changes).await {
                    Ok(_) => break,
                    Err(CommitError::Conflict { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
    };
    let (first, second) = (
        tokio::spawn(count(Arc::clone(&one))),
        tokio::spawn(count(other)),
    );
    first.await.expect("no panic");
    second.await.expect("no panic");
    let found = Records::get(&*one, STONES, b"count").await.expect("read");
    assert_eq!(found.expect("it is there").value, [40]);
}

#[tokio::test]
async fn an_instant_shown_a_moment_ago_is_shown_again_unless_something_was_stored() {
    let database = Database::new();
    let clock = Arc::new(TestClock::default());
    let (uri, of_store) = (database.uri(), Arc::clone(&clock));
    let tuning = Tuning {
        shown_again: Duration::from_millis(100),
        ..TUNING
    };
    let store = wait(async move { MongoStore::open_tuned(&uri, of_store, tuning).await });
    let store = store.expect("the store is opened");
    let first = store.consistent_through().await.expect("shown");
    clock.advance(99_999);
    assert_eq!(store.consistent_through().await.expect("shown"), first);
    append(&store, 1).await;
    let stored = store.follow(Position(0), 1).await.expect("followed")[0].stored;
    assert_eq!(store.consistent_through().await.expect("shown"), stored);
    clock.advance(1);
    assert_eq!(
        store.consistent_through().await.expect("shown"),
        clock.now()
    );
}

#[tokio::test]
async fn a_process_whose_clock_is_far_off_writes_nothing() {
    let database = Database::new();
    // A clock that stands at some day of the past.
    let clock = Arc::new(TestClock::default());
    let uri = database.uri();
    let store = wait(async move { MongoStore::open(&uri, clock).await });
    let store = store.expect("the store is opened");
    let refused = store.append(vec![Draft::new(1).build()]).await;
    let Err(AppendError::Store(StoreError::Unwritable { reason })) = refused else {
        panic!("expected a refusal, got {refused:?}")
    };
    assert!(reason.contains("the clock of this machine"), "{reason}");
    assert_eq!(store.head().await.expect("read"), Position(0));
    assert!(store.check_clock().is_err());
    store.consistent_through().await.expect("reading goes on");
}

#[tokio::test]
async fn what_was_handed_over_is_written_before_a_store_is_closed() {
    let database = Database::new();
    let [(one, _), (other, _)] = two(&database);
    let one = Arc::new(one);
    let writers: Vec<_> = (0..20)
        .map(|number| {
            let store = Arc::clone(&one);
            tokio::spawn(async move { store.append(vec![Draft::new(number).build()]).await })
        })
        .collect();
    tokio::task::yield_now().await;
    one.close().await;
    let mut written = 0;
    for writer in writers {
        written += u64::from(writer.await.expect("no panic").is_ok());
    }
    assert_eq!(other.head().await.expect("read"), Position(written));
    assert!(one.append(vec![Draft::new(99).build()]).await.is_err());
}
