//! Damaged files: what is damaged is refused by name, the rest is served, and nothing panics.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;
use varde_core::ports::{
    AppendError, Collection, EventKind, KeyRange, PageQuery, Position, Records, StatementLog,
    StoreError, TermKey,
};
use varde_embedded::EmbeddedStore;
use varde_test_support::{Draft, SeededEntropy, TestClock};

use crate::{append, everything, get, open};

/// Makes a store with statements 1 to 5, of which 3 refers to 2.
async fn make(folder: &Path) {
    let store = open(folder);
    let statement = |number| Draft::new(number).terms(&[number]);
    append(
        &store,
        &[statement(1), statement(2), statement(3).refers_to(2)],
    )
    .await;
    append(&store, &[statement(4), statement(5)]).await;
    store.close().await.expect("the store is closed");
}

/// Changes a file's bytes.
fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("the file is read");
    change(&mut bytes);
    fs::write(path, bytes).expect("the file is written");
}

fn is_damage(error: &StoreError, number: u64) -> bool {
    matches!(error, StoreError::Damaged { position, id }
        if *position == Position(number) && id.is_none_or(|id| id == Draft::id(number)))
}

/// One bit of one row: that statement is refused by its id, wherever it is met; others are not.
#[tokio::test]
async fn a_flipped_bit_is_refused_by_id() {
    let folder = TempDir::new().expect("a folder is made");
    make(folder.path()).await;
    change(&folder.path().join("varde.db"), |bytes| {
        let row = Draft::new(2).build().equality;
        let at = bytes
            .windows(row.len())
            .position(|window| window == row)
            .expect("a row");
        bytes[at + 8] ^= 1;
    });
    let store = open(folder.path());
    let error = get(&store, 2).await.expect_err("a damaged row is refused");
    assert!(is_damage(&error, 2), "{error:?}");
    assert!(
        error.to_string().contains(&Draft::id(2).to_string()),
        "{error}"
    );
    assert!(is_damage(
        &store.page(&everything()).await.expect_err("refused"),
        2
    ));
    assert!(is_damage(
        &store.follow(Position(0), 10).await.expect_err("refused"),
        2
    ));

    for number in [1, 3, 4, 5] {
        assert!(
            get(&store, number)
                .await
                .expect("others are read")
                .is_some()
        );
    }
    let behind = PageQuery {
        after: Some(Position(2)),
        ..everything()
    };
    assert_eq!(
        store
            .page(&behind)
            .await
            .expect("others are read")
            .statements
            .len(),
        3
    );
    assert_eq!(
        store
            .follow(Position(2), 10)
            .await
            .expect("others are read")
            .len(),
        3
    );
}

/// A re-send or reference that needs the damaged row is refused; who writes beside it is not.
#[tokio::test]
async fn a_damaged_row_harms_no_other_writer() {
    let folder = TempDir::new().expect("a folder is made");
    make(folder.path()).await;
    let database = Connection::open(folder.path().join("varde.db")).expect("opened");
    database
        .execute("UPDATE log SET stored = stored + 1 WHERE position = 2", [])
        .expect("changed");
    drop(database);

    let store = open(folder.path());
    let writers = (10..50).map(|number| {
        let store = store.clone();
        let batch = match number % 4 {
            0 => vec![Draft::new(number).build(), Draft::new(2).build()],
            1 => vec![
                Draft::new(number).build(),
                Draft::new(number + 100).refers_to(2).build(),
            ],
            _ => vec![Draft::new(number).build()],
        };
        tokio::spawn(async move { (number, store.append(batch).await) })
    });
    for writer in writers.collect::<Vec<_>>() {
        let (number, appended) = writer.await.expect("no panic");
        match appended {
            Ok(_) => assert!(number % 4 > 1, "writer {number} needs the damaged row"),
            Err(AppendError::Store(error)) => {
                assert!(
                    number % 4 < 2 && is_damage(&error, 2),
                    "{number}: {error:?}"
                );
            }
            Err(other) => panic!("{other:?}"),
        }
        let stored = get(&store, number).await.expect("read").is_some();
        assert_eq!(stored, number % 4 > 1, "statement {number}");
    }
}

/// Each column of a row, and what its origin stands for, is under the checksum.
#[tokio::test]
async fn a_change_to_any_column_is_noticed() {
    let changes = [
        "UPDATE log SET stored = stored + 1 WHERE position = 3",
        "UPDATE log SET kind = 1 WHERE position = 3",
        "UPDATE log SET id = zeroblob(16) WHERE position = 3",
        "UPDATE log SET id_text = 'A' WHERE position = 3",
        "UPDATE log SET version = '1.0.2' WHERE position = 3",
        "UPDATE log SET timestamp = 5 WHERE position = 3",
        "UPDATE log SET equality = zeroblob(32) WHERE position = 3",
        "UPDATE log SET refers_to = NULL WHERE position = 3",
        "UPDATE log SET voids = refers_to WHERE position = 3",
        "UPDATE log SET terms = x'' WHERE position = 3",
        "UPDATE log SET scope = terms WHERE position = 3",
        "UPDATE log SET dict = 0 WHERE position = 3",
        "UPDATE log SET body = CAST(body AS TEXT) WHERE position = 3",
        "UPDATE log SET checksum = checksum + 1 WHERE position = 3",
        "UPDATE origin SET authority = '{}'",
        "UPDATE origin SET space = 'sing:test'",
        "UPDATE origin SET key = zeroblob(16)",
        "UPDATE origin SET scope = x''",
        "UPDATE dictionary SET bytes = CAST('another' AS BLOB)",
        "DELETE FROM dictionary",
        "UPDATE origin SET space = 'no space'",
        "DELETE FROM origin",
        "DELETE FROM log WHERE position = 3",
    ];
    for sql in changes {
        let folder = TempDir::new().expect("a folder is made");
        make(folder.path()).await;
        let database = Connection::open(folder.path().join("varde.db")).expect("opened");
        database.execute_batch(sql).expect("changed");
        drop(database);
        let store = open(folder.path());
        let error = get(&store, 3).await.expect_err(sql);
        assert!(
            matches!(
                error,
                StoreError::Damaged {
                    position: Position(3),
                    ..
                }
            ),
            "{sql}: {error:?}"
        );
    }
}

/// Random bytes anywhere in the file: the store opens or says why not, every call answers, and
/// the thread that writes lives on.
#[tokio::test]
async fn random_damage_never_panics() {
    let chance = SeededEntropy::new(7);
    for _ in 0..60 {
        let folder = TempDir::new().expect("a folder is made");
        make(folder.path()).await;
        change(&folder.path().join("varde.db"), |bytes| {
            for _ in 0..=chance.below(40) {
                // The first bytes, which make the file a database, have tests of their own.
                let at = 100 + chance.below(bytes.len() as u64 - 100);
                bytes[usize::try_from(at).expect("small")] = chance.next().to_le_bytes()[0];
            }
        });
        let clock = Arc::new(TestClock::default());
        if let Ok(store) = EmbeddedStore::open(folder.path(), clock) {
            use_everything(&store).await;
        }
    }
}

async fn use_everything(store: &EmbeddedStore) {
    for number in 1..=6 {
        drop(get(store, number).await);
        let draft = Draft::new(number)
            .terms(&[1])
            .voids(number % 3)
            .refers_to(number % 4);
        let appended = store.append(vec![draft.build()]).await;
        if let Err(error) = appended {
            assert!(
                !error.to_string().contains("closed"),
                "the thread that writes has gone"
            );
        }
    }
    for list in 1..=5 {
        let filters = vec![vec![TermKey(list)], vec![TermKey(1), TermKey(2)]];
        drop(
            store
                .page(&PageQuery {
                    filters,
                    ..everything()
                })
                .await,
        );
    }
    drop(store.page(&everything()).await);
    drop(store.follow(Position(0), 100).await);
    drop(store.events(EventKind::Registers, Position(0), 100).await);
    let range = KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: 10,
    };
    drop(store.range(Collection("stones"), &range).await);
    let after = store.append(vec![]).await;
    assert!(
        !after.is_err_and(|error| error.to_string().contains("closed")),
        "the writer has gone"
    );
}
