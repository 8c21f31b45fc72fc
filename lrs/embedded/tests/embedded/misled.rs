//! An index that leads elsewhere than the rows say: nobody gets another statement by it, whoever
//! meets it is told so and wakes the check, and made anew it leads where it should.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;
use varde_core::ports::{
    AppendError, Erasure, PageQuery, Position, Rewrite, Standing, StatementLog, StoreError, TermKey,
};
use varde_embedded::EmbeddedStore;
use varde_embedded::care::What;
use varde_test_support::{Draft, space};

use crate::care::findings;
use crate::{append, everything, get, open};

/// More than it takes to be woken.
const LONG: Duration = Duration::from_mins(1);

/// Makes a store of statements 1 to 4, where 2 refers to 1, and changes what the closed database says.
async fn make(folder: &Path, sql: &str) -> EmbeddedStore {
    let store = open(folder);
    let statement = |number| Draft::new(number).terms(&[number, 7]).scope(&[number, 9]);
    let drafts = [1, 2, 3, 4].map(statement);
    let [first, second, third, fourth] = drafts;
    append(&store, &[first, second.refers_to(1), third, fourth]).await;
    store.close().await.expect("closed");
    let database = Connection::open(folder.join("varde.db")).expect("opened");
    let changed = database.execute_batch(sql);
    changed.unwrap_or_else(|error| panic!("{sql}: {error}"));
    drop(database);
    open(folder)
}

async fn is_met(store: &EmbeddedStore) {
    let met = tokio::time::timeout(LONG, store.damage_is_met()).await;
    met.expect("whoever met it has told");
}

fn query(filters: &[&[u64]], scope: &[u64]) -> PageQuery {
    let terms = |terms: &&[u64]| terms.iter().copied().map(TermKey).collect();
    PageQuery {
        filters: filters.iter().map(terms).collect(),
        scope: scope.iter().map(|term| vec![TermKey(*term)]).collect(),
        ..everything()
    }
}

const EXCHANGED: &str = "UPDATE statement SET position = 5 - position WHERE position IN (2, 3)";
const BEHIND_THE_LOG: &str = "UPDATE statement SET position = 99 WHERE position = 2";

#[tokio::test]
async fn an_id_that_leads_to_another_row_gives_no_statement() {
    for damage in [EXCHANGED, BEHIND_THE_LOG] {
        let folder = TempDir::new().expect("a folder");
        let store = make(folder.path(), damage).await;
        for standing in [Standing::Valid, Standing::Voided] {
            let found = StatementLog::get(&store, &[space("sing")], Draft::id(2), standing).await;
            let refused = found.expect_err("refused");
            assert!(matches!(refused, StoreError::Index { .. }), "{refused:?}");
        }
        is_met(&store).await;
        let refused = store.position(&space("sing"), Draft::id(2)).await;
        assert!(
            matches!(refused, Err(StoreError::Index { .. })),
            "{refused:?}"
        );
        assert!(get(&store, 4).await.expect("others are read").is_some());

        store.make_index_anew().await.expect("made anew");
        let found = get(&store, 2).await.expect("read").expect("there");
        assert_eq!((found.id, found.position), (Draft::id(2), Position(2)));
        assert_eq!(findings(&store).await, []);
    }
}

#[tokio::test]
async fn who_writes_by_an_id_that_leads_to_another_row_is_refused_and_no_other_is() {
    let folder = TempDir::new().expect("a folder");
    let store = make(folder.path(), EXCHANGED).await;
    let resent = Draft::new(2).terms(&[2, 7]).scope(&[2, 9]).refers_to(1);
    for needing in [resent, Draft::new(5).refers_to(2), Draft::new(5).voids(3)] {
        let refused = store.append(vec![needing.build()]).await;
        let is_told = matches!(refused, Err(AppendError::Store(StoreError::Index { .. })));
        assert!(is_told, "{refused:?}");
        is_met(&store).await;
    }
    assert_eq!(append(&store, &[Draft::new(5)]).await, Position(5));
}

/// Each way in which a list leads to a row that does not belong there, and who would be shown it.
#[tokio::test]
async fn a_list_that_leads_to_a_row_without_its_term_gives_no_page() {
    let by_term: (&str, PageQuery) = (
        "UPDATE posting SET term = 20 WHERE term = 2 AND scope = 0",
        query(&[&[20]], &[]),
    );
    let among_several = (by_term.0, query(&[&[20], &[7]], &[]));
    let by_scope = (
        "UPDATE posting SET term = 20 WHERE term = 3 AND scope = 1",
        query(&[&[7]], &[20]),
    );
    let inherited = ("INSERT INTO inherited VALUES (20, 3)", query(&[&[20]], &[]));
    for (damage, query) in [by_term, among_several, by_scope, inherited] {
        let folder = TempDir::new().expect("a folder");
        let store = make(folder.path(), damage).await;
        let refused = store.page(&query).await.expect_err(damage);
        assert!(matches!(refused, StoreError::Index { .. }), "{refused:?}");
        is_met(&store).await;
        store.make_index_anew().await.expect("made anew");
        let page = store.page(&query).await.expect("read");
        assert_eq!(page.statements, [], "{damage}");
    }
}

/// An id that the index lost may be stored again. The check finds the row that its id does not lead
/// to, and from then on the id leads to the first; the second is named by its place.
#[tokio::test]
async fn an_id_that_was_lost_leads_to_the_first_row_again() {
    let folder = TempDir::new().expect("a folder");
    let lost = "DELETE FROM statement WHERE position = 3";
    let store = make(folder.path(), lost).await;
    let again = Draft::new(3).terms(&[3, 7]).scope(&[3, 9]);
    assert_eq!(
        append(&store, std::slice::from_ref(&again)).await,
        Position(5)
    );
    let found: Vec<_> = findings(&store).await;
    let found: Vec<_> = found.iter().map(|one| (one.what, one.position)).collect();
    assert_eq!(found, [(What::Index, Some(Position(3)))]);

    store.make_index_anew().await.expect("made anew");
    for reopened in [false, true] {
        let store = if reopened {
            open(folder.path())
        } else {
            store.clone()
        };
        let first = get(&store, 3).await.expect("read").expect("there");
        assert_eq!(first.position, Position(3));
        let twice: Vec<_> = findings(&store).await;
        let [twice] = twice.as_slice() else {
            panic!("{twice:?}");
        };
        let place = (twice.what, twice.position, twice.statement);
        assert_eq!(place, (What::Twice, Some(Position(5)), Some(Draft::id(3))));
        assert_eq!(
            append(&store, std::slice::from_ref(&again)).await,
            Position(3)
        );
        store.close().await.expect("closed");
    }
}

/// Found before it is met, a lost id costs nothing.
#[tokio::test]
async fn an_id_that_was_lost_and_found_is_not_stored_again() {
    let folder = TempDir::new().expect("a folder");
    let lost = "DELETE FROM statement WHERE position = 3";
    let store = make(folder.path(), lost).await;
    assert_eq!(findings(&store).await.len(), 1);
    store.make_index_anew().await.expect("made anew");
    let again = Draft::new(3).terms(&[3, 7]).scope(&[3, 9]);
    assert_eq!(append(&store, &[again]).await, Position(3));
    assert_eq!(findings(&store).await, []);
}

#[tokio::test]
async fn what_voids_an_erased_statement_is_no_finding() {
    let folder = TempDir::new().expect("a folder");
    let store = make(folder.path(), "").await;
    let facts = "{}".to_owned();
    let rows = [(Position(3), Rewrite::Erase { facts })].into();
    let erasure = Erasure {
        rows,
        ..Erasure::default()
    };
    store.erase(erasure).await.expect("erased");
    append(&store, &[Draft::new(5).voids(3)]).await;
    assert_eq!(findings(&store).await, []);
    store.make_index_anew().await.expect("made anew");
    assert_eq!(findings(&store).await, []);
}
