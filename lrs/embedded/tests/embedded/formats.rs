//! Databases that earlier versions left, in `tests/fixtures`.

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;
use varde_core::ports::{
    Change, Changes, Collection, Erasure, EventKind, Expected, KeyRange, NewEvent, PageQuery,
    Position, Record, Records, Rewrite, StatementLog, TermKey,
};
use varde_embedded::upgrade::{plan, upgrade, upgrade_by};
use varde_embedded::{DataFolder, EmbeddedStore, OpenError};
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

fn refused(folder: &Path) -> OpenError {
    let clock = std::sync::Arc::new(varde_test_support::TestClock::default());
    EmbeddedStore::open(folder, clock).expect_err("refused")
}

/// What the first format held is found, read and continued, wherever its upgrade was killed.
#[tokio::test]
async fn the_first_format_is_brought_to_this_one() {
    let folder = fixture("format-1");
    let found = refused(folder.path());
    assert!(
        matches!(found, OpenError::Outdated { found: 1, .. }),
        "{found}"
    );
    let to_do = plan(folder.path()).expect("read").expect("a store");
    assert_eq!((to_do.found, to_do.needed, to_do.begun), (1, 2, false));
    let rows = to_do.migrations.first().expect("one").rows;

    let killed = TempDir::new().expect("a folder");
    let mut parts = 0;
    let locked = DataFolder::lock(folder.path()).expect("nobody has it");
    let watch = &mut |_| {
        // What a kill leaves in the middle is what the files hold then.
        parts += 1;
        if parts == 3 {
            for name in ["varde.db", "varde.db-wal"] {
                std::fs::copy(folder.path().join(name), killed.path().join(name)).expect("copied");
            }
        }
    };
    assert_eq!(upgrade_by(&locked, 100, watch).expect("upgraded"), 1);
    drop(locked);
    assert!(parts > 4, "{parts}");
    let found = refused(killed.path());
    assert!(
        found.to_string().contains("on its way to format 2"),
        "{found}"
    );
    let left = plan(killed.path()).expect("read").expect("a store");
    assert!(left.begun);
    assert_eq!(
        left.migrations.first().expect("one").rows,
        rows.map(|rows| rows - 300)
    );
    let locked = DataFolder::lock(killed.path()).expect("nobody has it");
    assert_eq!(upgrade(&locked, &mut |_| {}).expect("upgraded"), 1);
    assert_eq!(upgrade(&locked, &mut |_| {}).expect("nothing to do"), 0);
    drop(locked);
    for folder in [folder.path(), killed.path()] {
        let to_do = plan(folder).expect("read").expect("a store");
        assert_eq!(to_do.migrations, []);
        holds_what_the_first_format_held(folder).await;
    }
}

async fn holds_what_the_first_format_held(folder: &Path) {
    let store = open(folder);
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
    assert_eq!(audit::audit(folder) as u64, SIZE + 2);
}

/// A database of a later version is left alone by everything.
#[test]
fn a_later_format_is_not_brought_back() {
    let folder = fixture("format-2");
    let database = Connection::open(folder.path().join("varde.db")).expect("opened");
    for later in [3, -3] {
        let set = "UPDATE meta SET value = ?1 WHERE name = 'format'";
        database.execute(set, [later]).expect("set");
        let locked = DataFolder::lock(folder.path()).expect("nobody has it");
        let errors = [
            plan(folder.path()).expect_err("refused"),
            upgrade(&locked, &mut |_| {}).expect_err("refused"),
        ];
        drop(locked);
        for error in errors.into_iter().chain([refused(folder.path())]) {
            assert!(
                matches!(error, OpenError::Newer { found: 3, .. }),
                "{error}"
            );
        }
    }
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
    let locked = DataFolder::lock(folder.path()).expect("nobody has it");
    upgrade(&locked, &mut |_| {}).expect_err("refused");
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
