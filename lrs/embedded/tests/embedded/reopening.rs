//! What a store still knows when it is opened again, and how it ends.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use rusqlite::Connection;
use tempfile::TempDir;
use tokio::task::JoinSet;
use varde_core::Clock;
use varde_core::ports::{
    AppendError, Appended, Change, Changes, Collection, EventKind, Expected, NewEvent, PageQuery,
    Position, Records, StatementLog, StoreError, TermKey,
};
use varde_embedded::EmbeddedStore;
use varde_test_support::{Draft, TestClock};

use crate::{append, audit, everything, get, open, open_with};

const STONES: Collection = Collection("stones");

fn changes() -> Changes {
    let change = Change {
        collection: STONES,
        key: b"a".to_vec(),
        value: Some(b"1".to_vec()),
        expected: Expected::Anything,
    };
    let event = NewEvent {
        kind: EventKind::Activation,
        body: "{}".to_owned(),
    };
    Changes {
        changes: vec![change],
        events: vec![event],
        import: false,
    }
}

/// Statements, events, records, voidings, references, positions: all as before.
#[tokio::test]
async fn everything_is_kept() {
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    append(
        &store,
        &[
            Draft::new(1).terms(&[1]),
            Draft::new(2).voids(1),
            Draft::new(3).refers_to(4),
        ],
    )
    .await;
    store.commit(changes()).await.expect("committed");
    let log = store.follow(Position(0), 100).await.expect("followed");
    let record = Records::get(&store, STONES, b"a").await.expect("read");
    store.close().await.expect("closed");

    let store = open(folder.path());
    assert_eq!(store.head().await.expect("read"), Position(4));
    assert_eq!(store.follow(Position(0), 100).await.expect("followed"), log);
    assert_eq!(
        Records::get(&store, STONES, b"a").await.expect("read"),
        record
    );
    assert!(
        get(&store, 1).await.expect("read").is_none(),
        "still voided"
    );
    let last = append(&store, &[Draft::new(4).terms(&[1])]).await;
    assert_eq!(last, Position(5));
    let query = PageQuery {
        filters: vec![vec![TermKey(1)]],
        ..everything()
    };
    let page = store.page(&query).await.expect("read");
    let found: Vec<_> = page
        .statements
        .iter()
        .map(|statement| statement.id)
        .collect();
    assert_eq!(
        found,
        [2, 3, 4].map(Draft::id),
        "a target that came after the restart"
    );
    drop(store);
    audit::audit(folder.path());
}

/// A record that is deleted before a restart and made again behind it has a version of its own.
#[tokio::test]
async fn commits_are_numbered_on() {
    let folder = TempDir::new().expect("a folder is made");
    let mut last = 0;
    for _ in 0..3 {
        let store = open(folder.path());
        let put = store.commit(changes()).await.expect("committed");
        assert!(put.number > last, "{} after {last}", put.number);
        let mut delete = changes();
        delete.changes[0].value = None;
        delete.changes[0].expected = Expected::Version(put.number);
        last = store.commit(delete).await.expect("committed").number;
        store.close().await.expect("closed");
    }
}

/// The clock may have been set back in the meantime.
#[tokio::test]
async fn stored_goes_on_behind_the_last_one() {
    let folder = TempDir::new().expect("a folder is made");
    let clock = Arc::new(TestClock::default());
    for round in 0..3 {
        let store = open_with(folder.path(), &clock);
        append(&store, &[Draft::new(round)]).await;
        clock.advance(-3_600_000_000);
    }
    assert_eq!(audit::audit(folder.path()), 3);
}

/// What was shown as complete stays complete, though nothing was written since and the process
/// ended without a word.
#[tokio::test]
async fn an_instant_shown_is_remembered() {
    for orderly in [true, false] {
        let folder = TempDir::new().expect("a folder is made");
        let clock = Arc::new(TestClock::default());
        let store = open_with(folder.path(), &clock);
        append(&store, &[Draft::new(1)]).await;
        clock.advance(60_000_000);
        let shown = store.consistent_through().await.expect("shown");
        assert_eq!(shown, clock.now());
        let copy = TempDir::new().expect("a folder is made");
        if orderly {
            store.close().await.expect("closed");
        }
        // What a crash would leave: the files as they are at this moment.
        for file in ["varde.db", "varde.db-wal"] {
            let from = folder.path().join(file);
            if from.exists() {
                std::fs::copy(from, copy.path().join(file)).expect("copied");
            }
        }
        clock.advance(-3_600_000_000);
        let later = open_with(copy.path(), &clock);
        assert!(later.consistent_through().await.expect("shown") >= shown);
        append(&later, &[Draft::new(2)]).await;
        let stored = get(&later, 2).await.expect("read").expect("there").stored;
        assert!(stored > shown, "{stored} after {shown}");
    }
}

/// An orderly end leaves no trace of the mark being ahead of the clock.
#[tokio::test]
async fn a_restart_does_not_run_ahead_of_the_clock() {
    let folder = TempDir::new().expect("a folder is made");
    let clock = Arc::new(TestClock::default());
    let store = open_with(folder.path(), &clock);
    append(&store, &[Draft::new(1)]).await;
    store.close().await.expect("closed");
    clock.advance(1);
    let store = open_with(folder.path(), &clock);
    append(&store, &[Draft::new(2)]).await;
    let stored = get(&store, 2).await.expect("read").expect("there").stored;
    assert_eq!(stored, clock.now());
}

/// Whoever still asks a closed store is told so.
#[tokio::test]
async fn a_closed_store_takes_no_more() {
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    let waiting = tokio::spawn({
        let store = store.clone();
        async move { store.grown(Position(5)).await }
    });
    append(&store, &[Draft::new(1)]).await;
    store.close().await.expect("closed");
    store.close().await.expect("closed twice is closed");
    let refused = store
        .append(vec![Draft::new(2).build()])
        .await
        .expect_err("refused");
    assert!(matches!(refused, AppendError::Store(StoreError::Failed(_))));
    assert!(store.commit(changes()).await.is_err());
    assert!(store.page(&everything()).await.is_err());
    assert!(
        waiting.await.expect("no panic").is_err(),
        "who waits for growth is let go"
    );
    assert_eq!(audit::audit(folder.path()), 1);
}

/// Hands 100 batches over to the thread that writes, and returns those not yet answered.
fn hand_over(store: &EmbeddedStore) -> Vec<impl Future<Output = Result<Appended, AppendError>>> {
    let hand_over = |number| {
        let mut append = store.append(vec![Draft::new(number).build()]);
        match append
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Pending => Some(append),
            Poll::Ready(answer) => {
                answer.expect("appended");
                None
            }
        }
    };
    (0..100).filter_map(hand_over).collect()
}

/// Closing waits for what was handed over, and whoever waits is told of it.
#[tokio::test]
async fn closing_writes_what_was_handed_over() {
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    let appends = hand_over(&store);
    store.close().await.expect("closed");
    for append in appends {
        append.await.expect("appended");
    }
    assert_eq!(audit::audit(folder.path()), 100);
}

/// A dropped store has written what was handed over, though nobody waits for it any more.
#[tokio::test]
async fn dropping_writes_what_was_handed_over() {
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    drop(hand_over(&store));
    drop(store);
    assert_eq!(audit::audit(folder.path()), 100);
}

/// A queue that is full is said to be busy at once, and what was refused is not written.
#[tokio::test]
async fn a_full_queue_is_busy() {
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    // Another program holds the database, so the writer waits and its queue fills.
    let other = Connection::open(folder.path().join("varde.db")).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("held");
    let mut writers = JoinSet::new();
    for number in 0..3_100 {
        let store = store.clone();
        writers.spawn(async move { store.append(vec![Draft::new(number).build()]).await });
    }
    writers.spawn(async move {
        other.execute_batch("COMMIT").expect("let go");
        Ok(Appended {
            new: 0,
            last: Position(0),
        })
    });
    let (mut new, mut busy) = (0, 0);
    for appended in writers.join_all().await {
        match appended {
            Ok(appended) => new += appended.new,
            Err(AppendError::Store(StoreError::Busy)) => busy += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(busy > 0, "none was refused");
    assert_eq!(new + busy, 3_100);
    drop(store);
    assert_eq!(audit::audit(folder.path()), new);
}
