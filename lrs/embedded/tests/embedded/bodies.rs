//! Bodies that are compressed, and the dictionaries for it.

use rusqlite::Connection;
use tempfile::TempDir;
use varde_test_support::Draft;

use crate::{append, audit, get, open};

const BATCH: u64 = 100;

fn number(database: &Connection, sql: &str) -> i64 {
    database.query_row(sql, [], |row| row.get(0)).expect("read")
}

fn draft(number: u64) -> Draft {
    Draft::new(number).with(|new| {
        new.body = format!(
            r#"{{"actor":{{"name":"Learner {number}","mbox":"mailto:l{number}@example.org"}},"verb":{{"id":"https://example.org/verbs/{}"}},"object":{{"id":"https://example.org/courses/{}","definition":{{"name":{{"nb":"Kurs nummer {}"}}}}}},"result":{{"response":"secret-{number}"}}}}"#,
            number % 7,
            number % 30,
            number % 30,
        );
    })
}

/// A store trains a dictionary on what it holds, uses it, and reads what it wrote before.
#[tokio::test]
async fn a_dictionary_is_trained_on_what_the_store_holds() {
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    for batch in 0..25 {
        let drafts: Vec<_> = (batch * BATCH..(batch + 1) * BATCH).map(draft).collect();
        append(&store, &drafts).await;
    }
    // Closing waits for the training.
    store.close().await.expect("closed");
    let store = open(folder.path());
    let drafts: Vec<_> = (2_500..2_600).map(draft).collect();
    append(&store, &drafts).await;
    for number in [0, 1_999, 2_500, 2_599] {
        let stored = get(&store, number).await.expect("read").expect("there");
        assert_eq!(stored.body, draft(number).build().body);
    }
    store.close().await.expect("closed");
    assert_eq!(audit::audit(folder.path()), 2_600);

    let database = Connection::open(folder.path().join("varde.db")).expect("opened");
    assert_eq!(number(&database, "SELECT count(*) FROM dictionary"), 2);
    let size = |from, to| {
        let sql =
            format!("SELECT sum(length(body)) FROM log WHERE position BETWEEN {from} AND {to}");
        number(&database, &sql)
    };
    assert!(
        size(2_501, 2_600) < size(1, 100),
        "the new one serves better"
    );
    assert_eq!(number(&database, "SELECT max(dict) FROM log"), 2);
    assert_eq!(number(&database, "SELECT min(dict) FROM log"), 1);
    let trained: Vec<u8> = database
        .query_row(
            "SELECT bytes FROM dictionary WHERE version = 2",
            [],
            |row| row.get(0),
        )
        .expect("read");
    let trained = String::from_utf8_lossy(&trained);
    for shared in ["example.org/courses", "Kurs nummer "] {
        assert!(
            trained.contains(shared),
            "{shared} is what many have in common"
        );
    }
    for hidden in ["secret", "Learner", "mailto:"] {
        assert!(!trained.contains(hidden), "{hidden} in the dictionary");
    }
}

/// What compression does not make smaller is kept as it is.
#[tokio::test]
async fn a_body_without_a_pattern_stays_as_it_is() {
    let folder = TempDir::new().expect("a folder is made");
    let store = open(folder.path());
    append(
        &store,
        &[Draft::new(1).with(|new| new.body = "~".to_owned())],
    )
    .await;
    let stored = get(&store, 1).await.expect("read").expect("there");
    assert_eq!(stored.body, "~");
    store.close().await.expect("closed");
    let database = Connection::open(folder.path().join("varde.db")).expect("opened");
    assert_eq!(number(&database, "SELECT dict FROM log"), 0);
}
