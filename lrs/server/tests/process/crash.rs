//! A server killed again and again while front ends post to it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::http::{Method, StatusCode};
use jiff::civil::date;
use serde_json::{Value, json};
use uuid::Uuid;
use varde_competence::{EvidenceRule, OutcomeQuery, Outcomes};
use varde_core::definitions::DefinitionBook;
use varde_core::ledger::{Adapter, Ledger, Runner};
use varde_core::memory::MemoryStore;
use varde_core::ports::{Records, StatementLog};
use varde_core::registers::RegisterBook;
use varde_core::{Caller, Clock, Scope};
use varde_embedded::EmbeddedStore;
use varde_interreg::{IndicatorQuery, IndicatorSets, Indicators};
use varde_test_support::{TestKey, identities};
use varde_xapi::Stored;

use crate::binary::{Server, furnish};

/// After how many acknowledged posts the server is killed, round by round. Where the other posts
/// are at that moment is up to the machine.
const ROUNDS: [usize; 4] = [3, 17, 40, 61];
/// How many front ends post at the same time.
const FRONT_ENDS: usize = 4;
const COURSE: &str = "https://moodle.example.org/course/view.php?id=7";
const QUIZ: &str = "https://moodle.example.org/mod/quiz/view.php?id=45";
const AS_OF: &str = "2025-06-30";

/// The number-th statement: somebody begins, hands in or finishes.
fn statement(number: u32) -> Value {
    let learner = number % 37 + 1;
    let attempt = json!({
        "id": format!("https://moodle.example.org/mod/quiz/attempt.php?attempt={number}"),
        "definition": { "type": "http://adlnet.gov/expapi/activities/attempt" },
    });
    let (verb, object) = match number % 3 {
        0 => ("http://activitystrea.ms/schema/1.0/start", attempt),
        1 => ("http://adlnet.gov/expapi/verbs/completed", attempt),
        _ => (
            "http://adlnet.gov/expapi/verbs/completed",
            json!({ "id": COURSE }),
        ),
    };
    let mut statement = json!({
        "id": Uuid::from_u128(0x9000_0000 + u128::from(number)),
        "actor": {
            "account": {
                "homePage": "https://moodle.example.org",
                "name": format!("1{learner:03}"),
            },
        },
        "verb": { "id": verb },
        "object": object,
        "context": { "contextActivities": { "parent": [{ "id": QUIZ }, { "id": COURSE }] } },
        "timestamp": format!("2025-03-{:02}T10:00:00Z", number % 28 + 1),
    });
    if number % 3 == 1 {
        statement["result"] = json!({ "score": { "scaled": f64::from(number % 11) / 10.0 } });
    } else if number % 3 == 2 {
        // A course completion stands alone.
        statement["context"] = json!({});
    }
    statement
}

/// Posts statement after statement until the server is gone or enough are acknowledged, and
/// returns the ids that were.
async fn post(
    server: &Server,
    next: &AtomicU32,
    acknowledged: &AtomicU32,
    until: usize,
) -> Vec<Value> {
    let mut ids = Vec::new();
    while acknowledged.load(Ordering::Relaxed) < u32::try_from(until).expect("few") {
        let statement = statement(next.fetch_add(1, Ordering::Relaxed));
        match server
            .try_send(Method::POST, "/xapi/statements", &statement)
            .await
        {
            Some((StatusCode::OK, _)) => {
                ids.push(statement["id"].clone());
                acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Some(other) => panic!("{other:?}"),
            None => break,
        }
    }
    ids
}

/// Posts from several front ends at once and kills the server while they are at it.
async fn one_round(data: &Path, next: &Arc<AtomicU32>, until: usize) -> Vec<Value> {
    let server = Arc::new(Server::start(data));
    let acknowledged = Arc::new(AtomicU32::new(0));
    let posters: Vec<_> = (0..FRONT_ENDS)
        .map(|front_end| {
            let (server, next) = (Arc::clone(&server), Arc::clone(next));
            let acknowledged = Arc::clone(&acknowledged);
            // One of them ends the round; the others would go on.
            let until = if front_end == 0 {
                until
            } else {
                usize::MAX >> 33
            };
            tokio::spawn(async move { post(&server, &next, &acknowledged, until).await })
        })
        .collect();
    let mut posters = posters.into_iter();
    let mut ids = posters.next().expect("one").await.expect("posted");
    server.kill();
    for poster in posters {
        ids.extend(poster.await.expect("posted"));
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_statement_survives_and_the_ledger_equals_a_replay() {
    let data = tempfile::tempdir().expect("a folder");
    furnish(data.path());
    let next = Arc::new(AtomicU32::new(0));
    let mut acknowledged = Vec::new();
    for until in ROUNDS {
        acknowledged.extend(one_round(data.path(), &next, until).await);
    }
    assert!(acknowledged.len() >= ROUNDS.iter().sum());

    let server = Server::start(data.path());
    for id in &acknowledged {
        let path = format!(
            "/xapi/statements?statementId={}",
            id.as_str().expect("an id")
        );
        let (status, _) = server.send(Method::GET, &path, &Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{id} was acknowledged");
    }
    let answered = answered(&server).await;
    let (ended, log) = server.terminate();
    assert!(ended.success(), "{log:?}");
    let replayed = replayed(data.path()).await;
    assert!(
        !replayed.0.as_array().expect("a list").is_empty(),
        "something was attained"
    );
    assert_eq!(answered, replayed);
}

/// Returns outcomes and indicators as the server answers them, once it has taken all in.
async fn answered(server: &Server) -> (Value, Value) {
    let last = statement(1_000_000);
    server.send(Method::POST, "/xapi/statements", &last).await;
    let path = format!(
        "/xapi/statements?statementId={}",
        last["id"].as_str().expect("an id")
    );
    let (_, last) = server.send(Method::GET, &path, &Value::Null).await;
    let stored = last["stored"].as_str().expect("an instant").to_owned();
    loop {
        let get = async |what: &str| {
            let path = format!("/api/v1/{what}?as_of={AS_OF}");
            server.send(Method::GET, &path, &Value::Null).await.1
        };
        let (outcomes, indicators) = (get("outcomes").await, get("indicators").await);
        let indicators = &indicators["tables"][0];
        let taken_in = |table: &Value| {
            table["complete_through"]
                .as_str()
                .is_some_and(|through| through >= stored.as_str())
        };
        if taken_in(&outcomes) && taken_in(indicators) {
            return (
                outcomes["outcomes"].clone(),
                indicators["indicators"].clone(),
            );
        }
    }
}

/// Time stands still: nothing is stored by a replay.
#[derive(Debug)]
struct NoTime;

impl Clock for NoTime {
    fn now(&self) -> Stored {
        Stored(0)
    }
}

/// Carries the same log into empty ledgers and returns outcomes and indicators from there.
async fn replayed(data: &Path) -> (Value, Value) {
    let store = Arc::new(EmbeddedStore::open(data, Arc::new(NoTime)).expect("a store"));
    let log: Arc<dyn StatementLog> = Arc::clone(&store) as Arc<dyn StatementLog>;
    let fresh: Arc<dyn Records> = Arc::new(MemoryStore::new(Arc::new(NoTime)));
    let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(EvidenceRule), Arc::new(IndicatorSets)];
    let kept = DefinitionBook::new(Arc::clone(&store) as Arc<dyn Records>);
    for record in kept.all().await.expect("definitions") {
        let book = DefinitionBook::new(Arc::clone(&fresh));
        book.install(record.definition, &adapters)
            .await
            .expect("installed");
    }
    let key = std::fs::read_to_string(data.join("secrets/kek")).expect("a key");
    let records: Arc<dyn Records> = store;
    let identities = identities(Arc::clone(&records), TestKey(key)).await;
    let registers = RegisterBook::new(Arc::clone(&log), records, identities);
    let registers = Arc::new(registers);
    let ledgers = Arc::clone(&fresh);
    let runner = Runner::new(Arc::clone(&log), ledgers, Arc::clone(&registers), adapters);
    runner.catch_up().await.expect("replayed");

    let ledger = Ledger::new(log, fresh);
    let as_of = date(2025, 6, 30);
    let caller = auditor();
    let outcomes = Outcomes::new(ledger.clone(), Arc::clone(&registers));
    let query = OutcomeQuery::as_of(as_of);
    let outcomes = outcomes
        .query(&caller, query)
        .await
        .expect("outcomes")
        .outcomes;
    let query = IndicatorQuery {
        project: None,
        code: None,
        as_of,
        known_at: None,
    };
    let report = Indicators::new(ledger, registers)
        .query(&caller, &query)
        .await
        .expect("a report");
    let indicators = &report.tables.first().expect("a table").indicators;
    let json = |value| serde_json::to_value(value).expect("JSON");
    (
        json(&outcomes),
        serde_json::to_value(indicators).expect("JSON"),
    )
}

fn auditor() -> Caller {
    varde_test_support::caller("demo", &[Scope::AllRead])
}
