//! Databases that earlier versions left, in `tests/fixtures`.

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;
use varde_core::ports::{
    Change, Changes, Collection, Erasure, EventKind, Expected, KeyRange, NewEvent, PageQuery,
    Position, Record, Records, Rewrite, StatementLog, TermKey,
};
use varde_embedded::EmbeddedStore;
use varde_test_support::{Draft, space};

use crate::care::findings;
use crate::{append, audit, everything, get, open};

const SIZE: u64 = 612;

/// Copies the database of a format into a folder of its own.
fn fixture(format: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder is made");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let database = fixtures.join(format).join("varde.db");
    std::fs::copy(database, folder.path().join("varde.db")).expect("copied");
    folder
}

async fn found(store: &EmbeddedStore, query: &PageQuery) -> Vec<u64> {
    let page = store.page(query).await.expect("the page is read");
    let positions = page.statements.iter().map(|found| found.position.0);
    positions.collect()
}

fn filtered(term: u64) -> PageQuery {
    PageQuery {
        filters: vec![vec![TermKey(term)]],
        ..everything()
    }
}

/// What the first format held is found, read and continued.
#[tokio::test]
async fn the_first_format_is_brought_to_this_one() {
    let folder = fixture("format-1");
    let store = open(folder.path());
    let log = store.follow(Position(0), 10_000).await.expect("followed");
    assert_eq!(log.len() as u64, SIZE);
    assert_eq!(found(&store, &filtered(12)).await, [2, 3], "by reference");
    assert_eq!(
        found(&store, &filtered(18)).await,
        [7, 8, 9],
        "a target that came later"
    );
    assert_eq!(
        found(&store, &filtered(7)).await.len(),
        601,
        "two by reference, one is voided"
    );
    let scope = PageQuery {
        scope: vec![vec![TermKey(200)]],
        spaces: vec![space("merse")],
        ..everything()
    };
    assert_eq!(found(&store, &scope).await, [5]);
    assert!(get(&store, 1).await.expect("read").is_none(), "voided");
    let upper = get(&store, 8).await.expect("read").expect("there");
    assert_eq!(upper.id_text, Some(Draft::id(8).to_string().to_uppercase()));
    assert_eq!(upper.body, Draft::new(8).build().body);
    let events = store.events(EventKind::Registers, Position(0), 9).await;
    assert_eq!(events.expect("read").len(), 1);
    let record = Records::get(&store, Collection("stones"), b"a").await;
    assert_eq!(record.expect("read").expect("there").value, b"1");

    let drafts = [Draft::new(700).terms(&[7]), Draft::new(701).refers_to(20)];
    assert_eq!(append(&store, &drafts).await, Position(SIZE + 2));
    assert_eq!(found(&store, &filtered(7)).await.len(), 603);
    drop(store);
    assert_eq!(audit::audit(folder.path()) as u64, SIZE + 2);
}

/// A database that cannot be brought to this format is left as it is.
#[test]
fn a_first_format_that_is_broken_stays_as_it_is() {
    let folder = fixture("format-1");
    let path = folder.path().join("varde.db");
    let database = Connection::open(&path).expect("opened");
    database
        .execute_batch("DROP TABLE posting")
        .expect("broken");
    drop(database);
    let clock = std::sync::Arc::new(varde_test_support::TestClock::default());
    EmbeddedStore::open(folder.path(), clock).expect_err("refused");
    let database = Connection::open(&path).expect("opened");
    let format: i64 = database
        .query_row("SELECT value FROM meta WHERE name = 'format'", [], |row| {
            row.get(0)
        })
        .expect("read");
    assert_eq!(format, 1);
    let origins: i64 = database
        .query_row("SELECT count(*) FROM origin", [], |row| row.get(0))
        .expect("read");
    assert_eq!(origins, 3);
}

const SHELF: Collection = Collection("shelf");

/// Fills a store with every kind of thing that a database holds. `tests/fixtures/format-2` was made by
/// this, when the second format was the present one.
async fn furnish(store: &EmbeddedStore) {
    for first in (1..=120).step_by(40) {
        let drafts: Vec<_> = (first..first + 40)
            .map(|number| {
                let draft = Draft::new(number).terms(&[number, 1_000 + number % 3]);
                match number % 10 {
                    0 => draft.refers_to(number - 7),
                    1 => draft.refers_to(number + 3),
                    2 => draft.voids(number.saturating_sub(3).max(1)),
                    3 => draft.voids(number + 43),
                    4 => draft.in_space("merse"),
                    5 => draft.in_space("sing:test"),
                    6 => draft.scope(&[number, 2_000]),
                    7 => draft.with(|new| new.id_text = Some(new.id.to_string().to_uppercase())),
                    8 => draft.with(|new| new.timestamp = Some(jiff::Timestamp::UNIX_EPOCH)),
                    _ => draft,
                }
            })
            .collect();
        append(store, &drafts).await;
        let put = |key: u64, value: &str| Change {
            collection: SHELF,
            key: key.to_be_bytes().to_vec(),
            value: Some(value.as_bytes().to_vec()),
            expected: Expected::Absent,
        };
        let kinds = [EventKind::Registers, EventKind::Activation];
        let changes = Changes {
            changes: vec![put(first, "one"), put(first + 1, "two")],
            events: kinds
                .map(|kind| NewEvent {
                    kind,
                    body: format!(r#"{{"behind":{first}}}"#),
                })
                .into(),
            import: false,
        };
        store.commit(changes).await.expect("committed");
    }
    let facts = r#"{"counted":"once"}"#.to_owned();
    let rows = [7, 40].map(|row| {
        (
            Position(row),
            Rewrite::Erase {
                facts: facts.clone(),
            },
        )
    });
    let erasure = Erasure {
        rows: rows.into(),
        ..Erasure::default()
    };
    store.erase(erasure).await.expect("erased");
}

async fn records(store: &EmbeddedStore) -> Vec<Record> {
    let all = KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: 100,
    };
    store.range(SHELF, &all).await.expect("read")
}

/// What the second format held is whole, reads as what a store of this version has after the same acts,
/// and is continued.
#[tokio::test]
async fn the_second_format_reads_as_what_this_version_writes() {
    let anew = TempDir::new().expect("a folder");
    let today = open(anew.path());
    furnish(&today).await;
    let folder = fixture("format-2");
    let store = open(folder.path());
    assert_eq!(findings(&store).await, []);
    for at in [0, 60, 100] {
        let log = store.follow(Position(at), 1_000).await;
        let expected = today.follow(Position(at), 1_000).await;
        assert_eq!(log.expect("followed"), expected.expect("followed"));
    }
    let scope = PageQuery {
        scope: vec![vec![TermKey(2_000)]],
        ..everything()
    };
    let voided = PageQuery {
        voided: true,
        ..everything()
    };
    let elsewhere = PageQuery {
        spaces: vec![space("merse"), space("sing:test")],
        ..everything()
    };
    let filters = (1..=120).chain([1_000, 1_001, 1_002]).map(filtered);
    for query in filters.chain([everything(), scope, voided, elsewhere]) {
        let page = store.page(&query).await.expect("read");
        assert_eq!(page, today.page(&query).await.expect("read"), "{query:?}");
    }
    assert!(!found(&store, &filtered(1_000)).await.is_empty());
    assert_eq!(records(&store).await, records(&today).await);

    append(&store, &[Draft::new(700).refers_to(120)]).await;
    store.close().await.expect("closed");
    let store = open(folder.path());
    assert_eq!(findings(&store).await, []);
    let log = store.follow(Position(126), 10).await.expect("followed");
    assert_eq!(log.len(), 1);
}
