//! Databases that earlier versions left, in `tests/fixtures`.

use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;
use varde_core::ports::{
    Collection, EventKind, PageQuery, Position, Records, StatementLog, TermKey,
};
use varde_embedded::EmbeddedStore;
use varde_test_support::{Draft, space};

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
