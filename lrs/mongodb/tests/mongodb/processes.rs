//! Several processes on one database, each with a store, a clock and connections of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mongodb::bson::{Document, doc};
use mongodb::options::{ClientOptions, DriverInfo};
use mongodb::{Client, ClientSession};
use varde_core::Clock;
use varde_core::ports::{
    AppendError, Change, Changes, Collection, CommitError, Expected, PageQuery, Position, Records,
    Standing, StatementLog, StoreError, TermKey,
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

/// Leaves a transaction open that holds the head, as a process does that is killed in it; the
/// session is returned so that nobody ends it in order.
fn leave_open(database: &Database, name: Option<&str>) -> ClientSession {
    let (uri, database) = (database.uri(), database.plain().name().to_owned());
    let info = name.map(|name| DriverInfo::builder().name(name.to_owned()).build());
    wait(async move {
        let mut options = ClientOptions::parse(uri).await.expect("an address");
        options.driver_info = info;
        let client = Client::with_options(options).expect("a client");
        let mut session = client.start_session().await.expect("a session");
        session.start_transaction().await.expect("it begins");
        let heads = client.database(&database).collection::<Document>("head");
        let update = doc! { "$inc": { "position": 1_i64 } };
        let held = heads.update_one(doc! {}, update).session(&mut session);
        held.await.expect("the head is held");
        session
    })
}

#[tokio::test]
async fn what_a_killed_process_left_open_is_ended_by_whoever_writes() {
    let database = Database::new();
    let [(one, _), _] = two(&database);
    let mut left = leave_open(&database, Some("varde"));
    let begun = Instant::now();
    assert_eq!(append(&one, 1).await, Position(1));
    let taken = begun.elapsed();
    assert!(taken < Duration::from_secs(12), "{taken:?}");
    let late = wait(async move { left.commit_transaction().await });
    assert!(late.is_err(), "nothing of it happened");
    assert_eq!(one.head().await.expect("read"), Position(1));
}

#[tokio::test]
async fn what_a_killed_process_left_open_is_ended_by_whoever_reads() {
    let database = Database::new();
    let [(one, clock), _] = two(&database);
    let _left = leave_open(&database, Some("varde"));
    let shown = one.consistent_through().await.expect("shown");
    assert_eq!(shown, clock.now());
}

#[tokio::test]
async fn a_transaction_of_another_program_is_not_ended() {
    let database = Database::new();
    let [(one, _), _] = two(&database);
    let mut other = leave_open(&database, None);
    let refused = one.append(vec![Draft::new(1).build()]).await;
    assert!(
        matches!(refused, Err(AppendError::Store(StoreError::Busy))),
        "{refused:?}"
    );
    let ended = wait(async move { other.abort_transaction().await });
    ended.expect("it is still open");
    assert_eq!(append(&one, 1).await, Position(1));
}

#[tokio::test]
async fn what_waits_for_index_entries_is_gone_on_with_by_another_process() {
    const HEIRS: u64 = 1_000;
    let database = Database::new();
    let [(one, _), (other, _)] = two(&database);
    let early = (1..=HEIRS).map(|number| Draft::new(number).refers_to(HEIRS + 1).build());
    one.append(early.collect()).await.expect("it is appended");
    let terms: Vec<u64> = (1..=200).collect();
    let arrival = Draft::new(HEIRS + 1).terms(&terms).build();
    one.append(vec![arrival]).await.expect("it is appended");
    // Most of twenty transactions are left when the process ends.
    one.close().await;
    let arrived = other.follow(Position(HEIRS), 1).await.expect("followed")[0].stored;
    while other.consistent_through().await.expect("shown") < arrived {
        tokio::task::yield_now().await;
    }
    let query = PageQuery {
        spaces: vec![space("sing")],
        scope: Vec::new(),
        filters: vec![vec![TermKey(200)]],
        since: None,
        until: None,
        ascending: true,
        limit: 2_000,
        after: None,
        through: None,
        voided: false,
    };
    let page = other.page(&query).await.expect("it is read");
    assert_eq!(page.statements.len() as u64, HEIRS + 1);
}
