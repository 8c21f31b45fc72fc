//! A process that is killed while it writes loses nothing that it acknowledged.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::task::JoinSet;
use varde_core::ports::{
    Change, Changes, Collection, EventKind, Expected, NewEvent, NewStatement, Record, Records,
    StatementLog,
};
use varde_embedded::EmbeddedStore;
use varde_test_support::{Draft, SeededEntropy, TestClock, space};

use crate::{audit, open, process};

const ROUNDS: u64 = 12;
const WRITERS: u64 = 6;
/// Every so many counts, a writer commits a record and an event in place of a batch.
const COMMIT_EVERY: u64 = 4;
const COUNTS: Collection = Collection("counts");

/// Kills the writing process at a random moment, round after round on the same folder. Every
/// acknowledged batch is there and whole, those behind it are whole or absent, and the indexes
/// are what the log says.
#[tokio::test]
async fn a_killed_process_loses_nothing_acknowledged() {
    if let Some(folder) = process::part() {
        return write_until_killed(&folder).await;
    }
    let folder = TempDir::new().expect("a folder is made");
    let chance = SeededEntropy::new(20_260_301);
    for round in 0..ROUNDS {
        let acknowledged = run_and_kill(folder.path(), 1 + chance.below(150));
        let store = open(folder.path());
        for (writer, last) in acknowledged {
            check_writer(&store, round * WRITERS + writer, last).await;
        }
        let head = store.head().await.expect("the head is read").0;
        drop(store);
        assert_eq!(audit::audit(folder.path()) as u64, head);
    }
}

/// Runs a writing process until it has told of so many acknowledgements; returns how many
/// batches each writer had acknowledged.
fn run_and_kill(folder: &Path, acknowledgements: u64) -> BTreeMap<u64, u64> {
    let test = "crash::a_killed_process_loses_nothing_acknowledged";
    let mut child = process::play(test, folder, &[]);
    let told = BufReader::new(child.stderr.take().expect("the standard error is piped"));
    let mut acknowledged: BTreeMap<u64, u64> = (0..WRITERS).map(|writer| (writer, 0)).collect();
    let mut lines = 0;
    for line in told.lines() {
        let line = line.expect("a line is told");
        // The kill may have torn the last line; then nobody heard of it.
        let Some((writer, count)) = line.strip_suffix(';').and_then(|line| line.split_once(' '))
        else {
            assert!(
                lines >= acknowledgements,
                "the writing process failed: {line}"
            );
            continue;
        };
        let writer = writer.parse().expect("a writer's number");
        acknowledged.insert(writer, count.parse().expect("a count"));
        lines += 1;
        if lines == acknowledgements {
            child.kill().expect("the process is killed");
        }
    }
    child.wait().expect("the process is gone");
    acknowledged
}

/// The part of the process that is killed: writers that append batch after batch.
async fn write_until_killed(folder: &Path) {
    // Each process sees another time, some earlier than those before it.
    let clock = Arc::new(TestClock::default());
    let store = EmbeddedStore::open(folder, clock.clone()).expect("the store is opened");
    let head = store.head().await.expect("the head is read").0;
    clock.advance(if head % 2 == 0 {
        -3_600_000_000
    } else {
        3_600_000_000
    });
    let first = first_writer(&store).await;
    let mut writers = JoinSet::new();
    for writer in first..first + WRITERS {
        let store = store.clone();
        writers.spawn(async move {
            for count in 1.. {
                write(&store, writer, count).await;
                let told = format!("{} {count};\n", writer - first);
                io::stderr()
                    .write_all(told.as_bytes())
                    .expect("somebody listens");
            }
        });
    }
    writers.join_all().await;
}

/// Returns the first number that no earlier process gave to a writer, and takes `WRITERS`.
async fn first_writer(store: &EmbeddedStore) -> u64 {
    let found = Records::get(store, COUNTS, b"processes")
        .await
        .expect("the record is read");
    let processes = found.map_or(0, |record| number(&record));
    commit(store, "processes", processes + 1, Vec::new()).await;
    processes * WRITERS
}

fn number(record: &Record) -> u64 {
    let text = std::str::from_utf8(&record.value).expect("text");
    text.parse().expect("a number")
}

async fn write(store: &EmbeddedStore, writer: u64, count: u64) {
    if count.is_multiple_of(COMMIT_EVERY) {
        let event = NewEvent {
            kind: EventKind::Registers,
            body: format!("[{writer},{count}]"),
        };
        commit(store, &format!("writer {writer}"), count, vec![event]).await;
    } else {
        store
            .append(batch(writer, count))
            .await
            .expect("the batch is appended");
    }
}

async fn commit(store: &EmbeddedStore, key: &str, count: u64, events: Vec<NewEvent>) {
    let change = Change {
        collection: COUNTS,
        key: key.as_bytes().to_vec(),
        value: Some(count.to_string().into_bytes()),
        expected: Expected::Anything,
    };
    let changes = Changes {
        changes: vec![change],
        events,
        import: false,
    };
    store
        .commit(changes)
        .await
        .expect("the change is committed");
}

/// Returns the batch that a writer appends at a count: 1 to 5 statements, the same whenever it is
/// asked for, some of which refer to or void others that came before or come later.
fn batch(writer: u64, count: u64) -> Vec<NewStatement> {
    let number = |writer: u64, count: u64, index: u64| writer << 32 | count << 8 | index;
    let chance = SeededEntropy::new(number(writer, count, 0));
    let size = 1 + chance.below(5);
    let statement = |index| {
        let draft = Draft::new(number(writer, count, index)).terms(&[
            chance.below(8),
            100 + chance.below(50),
            1_000 + writer,
        ]);
        let near = writer / WRITERS * WRITERS + chance.below(WRITERS);
        let target = number(
            near,
            (count + chance.below(5)).saturating_sub(2),
            chance.below(2),
        );
        match chance.below(10) {
            0..3 => draft.refers_to(target).build(),
            3 => draft.voids(target).build(),
            _ => draft.build(),
        }
    };
    (0..size).map(statement).collect()
}

/// Checks what is left of a writer that had so many batches acknowledged.
async fn check_writer(store: &EmbeddedStore, writer: u64, acknowledged: u64) {
    let key = format!("writer {writer}");
    let found = Records::get(store, COUNTS, key.as_bytes())
        .await
        .expect("the record is read");
    let committed = found.map_or(0, |record| number(&record));
    assert!(
        committed >= acknowledged / COMMIT_EVERY * COMMIT_EVERY,
        "writer {writer}: a commit was lost"
    );
    for count in (1..=acknowledged + 1).filter(|count| !count.is_multiple_of(COMMIT_EVERY)) {
        let batch = batch(writer, count);
        let mut there = 0;
        for new in &batch {
            there += usize::from(is_there(store, new).await);
        }
        let expected: &[usize] = if count <= acknowledged {
            &[batch.len()]
        } else {
            &[0, batch.len()]
        };
        assert!(
            expected.contains(&there),
            "writer {writer}, batch {count}: {there} of it left"
        );
    }
}

async fn is_there(store: &EmbeddedStore, new: &NewStatement) -> bool {
    use varde_core::ports::Standing::{Valid, Voided};
    let spaces = [space("sing")];
    for standing in [Valid, Voided] {
        let found = StatementLog::get(store, &spaces, new.id, standing).await;
        if let Some(stored) = found.expect("the statement is read") {
            assert_eq!((&stored.body, stored.equality), (&new.body, new.equality));
            return true;
        }
    }
    false
}
