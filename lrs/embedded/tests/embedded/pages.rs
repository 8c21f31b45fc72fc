//! Malformed pages: those of the index are found and the index is made anew, those of the record are
//! named and nothing of it is guessed at.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use varde_core::ports::{
    Change, Changes, Collection, EventKind, Expected, LogEvent, NewEvent, Position, Records,
    StatementLog,
};
use varde_embedded::EmbeddedStore;
use varde_embedded::care::{Finding, What};
use varde_test_support::{Draft, SeededEntropy};

use crate::care::findings;
use crate::{append, audit, get, open};

const SIZE: u64 = 1_500;
const DERIVED: [&str; 6] = [
    "statement",
    "posting",
    "reference",
    "voided",
    "inherited",
    "event",
];
/// More than it takes to be woken.
const LONG: Duration = Duration::from_mins(1);

/// Makes a closed store in which every table has entries, and most have several pages.
async fn make(folder: &Path) {
    let store = open(folder);
    for first in (1..=SIZE).step_by(100) {
        let drafts: Vec<_> = (first..first + 100)
            .map(|number| {
                let draft = Draft::new(number).terms(&[number, 10_000 + number % 5]);
                match number % 10 {
                    0 => draft.refers_to(number - 7),
                    1 => draft.refers_to(number + 3),
                    2 => draft.voids(number - 1),
                    _ => draft,
                }
            })
            .collect();
        append(&store, &drafts).await;
        let change = |number| Change {
            collection: Collection("shelf"),
            key: format!("{first}-{number}").into_bytes(),
            value: Some(vec![7; 200]),
            expected: Expected::Absent,
        };
        let changes = Changes {
            changes: (0..20).map(change).collect(),
            events: vec![NewEvent {
                kind: EventKind::Registers,
                body: "{}".to_owned(),
            }],
            import: false,
        };
        store.commit(changes).await.expect("committed");
    }
    store.close().await.expect("closed");
}

/// Returns the pages of a table or index, and the bytes of one.
fn pages_of(folder: &Path, name: &str) -> (Vec<usize>, usize) {
    let database = Connection::open(folder.join("varde.db")).expect("opened");
    let size: i64 = database
        .query_row("PRAGMA page_size", [], |row| row.get(0))
        .expect("read");
    let mut select = database
        .prepare("SELECT pageno FROM dbstat WHERE name = ?1 ORDER BY pageno")
        .expect("prepared");
    let pages = select.query_map([name], |row| row.get::<_, i64>(0));
    let pages = pages.expect("read").map(|page| page.expect("read"));
    let number = |number: i64| usize::try_from(number).expect("small");
    (pages.map(number).collect(), number(size))
}

/// Changes the bytes of a page.
fn change(folder: &Path, page: usize, size: usize, change: impl FnOnce(&mut [u8])) {
    let path = folder.join("varde.db");
    let mut bytes = fs::read(&path).expect("read");
    let begin = (page - 1) * size;
    change(&mut bytes[begin..begin + size]);
    fs::write(path, bytes).expect("written");
}

/// Makes a page one of no kind.
fn malform(folder: &Path, page: usize, size: usize) {
    change(folder, page, size, |bytes| bytes[0] = 0xff);
}

fn copy_of(whole: &Path) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    fs::copy(whole.join("varde.db"), folder.path().join("varde.db")).expect("copied");
    folder
}

async fn log(store: &EmbeddedStore) -> Vec<LogEvent> {
    store.follow(Position(0), 10_000).await.expect("followed")
}

/// Makes the index anew, and checks that all is as in the whole store.
async fn mended(folder: &Path, store: EmbeddedStore, whole: &[LogEvent], what: &str) {
    store.make_index_anew().await.expect(what);
    // Takes back the pages that were left behind, here or when the store was opened.
    store.scrub().await.expect(what);
    assert_eq!(findings(&store).await, [], "{what}");
    assert!(
        log(&store).await == whole,
        "{what}: the record is as it was"
    );
    store.close().await.expect("closed");
    assert_eq!(audit::audit(folder), whole.len(), "{what}");
}

fn of_the_index(findings: &[Finding]) -> bool {
    !findings.is_empty() && findings.iter().all(|one| one.what == What::Index)
}

/// Each table of the index, with all its pages malformed: the store opens, the table is named, and made
/// anew from the log.
#[tokio::test]
async fn a_malformed_index_is_found_by_its_table_and_made_anew() {
    let whole = TempDir::new().expect("a folder");
    make(whole.path()).await;
    let store = open(whole.path());
    let log = log(&store).await;
    store.close().await.expect("closed");
    for table in DERIVED {
        for all in [false, true] {
            let folder = copy_of(whole.path());
            let (pages, size) = pages_of(folder.path(), table);
            let malformed = if all {
                &pages[..]
            } else {
                &pages[pages.len() / 2..][..1]
            };
            for page in malformed {
                malform(folder.path(), *page, size);
            }
            let store = open(folder.path());
            let found = findings(&store).await;
            let named = found.iter().any(|one| one.detail.contains(table));
            if table == "event" {
                // What follows the log needs it at once, so opening has made it anew.
                assert_eq!(found, [], "{table}");
                let met = tokio::time::timeout(LONG, store.damage_is_met()).await;
                met.expect("and has told");
            } else {
                assert!(of_the_index(&found) && named, "{table}: {found:?}");
            }
            mended(folder.path(), store, &log, table).await;
        }
    }
}

/// One bit anywhere in the index: it is found unless nothing rests on it, and is mended.
#[tokio::test]
async fn a_bit_that_flips_in_the_index_is_found_and_mended() {
    let whole = TempDir::new().expect("a folder");
    make(whole.path()).await;
    let store = open(whole.path());
    let log = log(&store).await;
    store.close().await.expect("closed");
    let chance = SeededEntropy::new(11);
    let below = |bound: usize| usize::try_from(chance.below(bound as u64)).expect("small");
    let mut mattered = 0;
    for round in 0..60 {
        let folder = copy_of(whole.path());
        let table = DERIVED[round % DERIVED.len()];
        let (pages, size) = pages_of(folder.path(), table);
        let (page, at, bit) = (pages[below(pages.len())], below(size), below(8));
        change(folder.path(), page, size, |bytes| bytes[at] ^= 1 << bit);
        let what = format!("bit {bit} of byte {at} of page {page} of {table}");
        let store = open(folder.path());
        let found = findings(&store).await;
        if found.is_empty() {
            // Making the index of events anew may have left pages behind.
            store.scrub().await.expect(&what);
            store.close().await.expect("closed");
            assert_eq!(audit::audit(folder.path()), log.len(), "{what}");
        } else {
            assert!(of_the_index(&found), "{what}: {found:?}");
            mended(folder.path(), store, &log, &what).await;
            mattered += 1;
        }
    }
    assert!(mattered > 10, "{mattered} flips mattered");
}

/// Whoever reads or writes over a malformed page is refused, wakes the check, and harms no other.
#[tokio::test]
async fn a_malformed_page_of_the_index_wakes_the_check() {
    let folder = TempDir::new().expect("a folder");
    make(folder.path()).await;
    let (pages, size) = pages_of(folder.path(), "statement");
    for page in pages {
        malform(folder.path(), page, size);
    }
    let store = open(folder.path());
    get(&store, 5).await.expect_err("refused");
    let met = tokio::time::timeout(LONG, store.damage_is_met()).await;
    met.expect("the reader has told");
    let appended = store.append(vec![Draft::new(SIZE + 1).build()]).await;
    appended.expect_err("refused");
    let met = tokio::time::timeout(LONG, store.damage_is_met()).await;
    met.expect("the writer has told");
    store.make_index_anew().await.expect("made anew");
    assert!(get(&store, 5).await.expect("read").is_some());
    append(&store, &[Draft::new(SIZE + 1)]).await;
    assert_eq!(findings(&store).await, []);
}

/// A page of the log: its rows are named and refused one by one, the others are served, and an index that
/// is made anew is of those.
#[tokio::test]
async fn a_malformed_page_of_the_log_is_named_and_left_as_it_is() {
    let folder = TempDir::new().expect("a folder");
    make(folder.path()).await;
    let (pages, size) = pages_of(folder.path(), "log");
    malform(folder.path(), pages[pages.len() / 2], size);
    let before = fs::read(folder.path().join("varde.db")).expect("read");
    let store = open(folder.path());
    let found = findings(&store).await;
    let page = found.iter().find(|one| one.what == What::Pages);
    let page = page.unwrap_or_else(|| panic!("{found:?}"));
    assert!(page.detail.starts_with("pages of log: Tree "), "{page}");
    let rows: Vec<_> = found.iter().filter(|one| one.what == What::Row).collect();
    assert!((1..100).contains(&rows.len()), "{found:?}");
    assert_eq!(found.len(), rows.len() + 1, "{found:?}");
    assert_eq!(
        fs::read(folder.path().join("varde.db")).expect("read"),
        before
    );

    assert!(store.make_index_anew().await.expect("made anew"));
    let positions: Vec<_> = rows.iter().map(|row| row.position).collect();
    let again: Vec<_> = findings(&store)
        .await
        .into_iter()
        .filter(|one| one.what == What::Row)
        .collect();
    assert_eq!(
        again.iter().map(|row| row.position).collect::<Vec<_>>(),
        positions
    );
    assert!(get(&store, 5).await.expect("others are read").is_some());
    append(&store, &[Draft::new(SIZE + 1)]).await;
}

#[tokio::test]
async fn a_malformed_page_of_records_is_named() {
    let folder = TempDir::new().expect("a folder");
    make(folder.path()).await;
    let (pages, size) = pages_of(folder.path(), "record");
    malform(folder.path(), pages[pages.len() / 2], size);
    let store = open(folder.path());
    let found = findings(&store).await;
    assert!(
        !found.is_empty() && found.iter().all(|one| one.what == What::Pages),
        "{found:?}"
    );
    assert!(
        found[0].detail.starts_with("pages of record: Tree "),
        "{found:?}"
    );
    assert!(get(&store, 5).await.expect("others are read").is_some());
    store.make_index_anew().await.expect("made anew");
    assert_eq!(findings(&store).await, found, "no record is guessed at");
}

/// The number of the last commit is that of the latest record at least, so that no version comes twice.
#[tokio::test]
async fn a_counter_behind_what_is_there_is_found_and_lifted() {
    let folder = TempDir::new().expect("a folder");
    make(folder.path()).await;
    let database = Connection::open(folder.path().join("varde.db")).expect("opened");
    let changed = database.execute("UPDATE meta SET value = 3 WHERE name = 'commits'", []);
    assert_eq!(changed.expect("changed"), 1);
    drop(database);
    let store = open(folder.path());
    let found = findings(&store).await;
    assert!(
        !found.is_empty() && found.iter().all(|one| one.what == What::Counter),
        "{found:?}"
    );
    store.make_index_anew().await.expect("made anew");
    assert_eq!(findings(&store).await, []);
    let commit = store.commit(Changes {
        events: vec![NewEvent {
            kind: EventKind::Registers,
            body: "{}".to_owned(),
        }],
        ..Changes::default()
    });
    assert_eq!(commit.await.expect("committed").number, SIZE / 100 + 1);
}
