//! What is derived from statements and registers names nobody: every record of a populated store is
//! searched, in memory and on disk.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use varde_competence::EvidenceRule;
use varde_core::Scope;
use varde_core::definitions::{Definition, DefinitionBook};
use varde_core::ledger::{Adapter, Runner};
use varde_core::memory::MemoryStore;
use varde_core::ports::{
    Change, Changes, Collection, EventKind, Expected, Happened, KeyRange, Position, Records,
    StatementLog,
};
use varde_core::registers::files::{self, RegisterFile};
use varde_core::statements::Statements;
use varde_embedded::EmbeddedStore;
use varde_interreg::IndicatorSets;
use varde_test_support::{SeededEntropy, TestClock, caller, registers};
use varde_xapi::Family;

use crate::binary::demo_file;

/// What names or describes the learner 1003 of the demonstration, who is p-003, and the sole trader.
const NAMES: [&str; 9] = [
    "1003",
    "moodle.example.org 1003",
    "Learner Three",
    "p-003",
    "female",
    "1975-1984",
    "unregistered@example.org",
    "4001010000",
    "Keramik",
];

fn bytes(file: &str) -> RegisterFile {
    RegisterFile {
        name: file.to_owned(),
        bytes: std::fs::read(demo_file(file)).expect("a file of the demonstration"),
    }
}

fn definition(file: &str) -> Definition {
    let text = std::fs::read_to_string(demo_file(file)).expect("a file of the demonstration");
    let document = varde_schemas::read(&text).expect("a definition");
    Definition {
        kind: document.kind.name().to_owned(),
        id: document.id,
        version: document.version,
        body: document.value.into(),
    }
}

fn completed(actor: &Value) -> Value {
    json!({
        "actor": actor,
        "verb": { "id": "http://adlnet.gov/expapi/verbs/passed" },
        "object": { "id": "https://moodle.example.org/mod/quiz/view.php?id=71" },
        "result": { "score": { "scaled": 0.9 } },
        "context": {
            "contextActivities": { "grouping": [{
                "id": "https://moodle.example.org/course/view.php?id=7",
            }] },
            "team": {
                "objectType": "Group",
                "account": {
                    "homePage": "https://bolagsverket.se/organisationsnummer",
                    "name": "400101-0000",
                },
            },
        },
        "timestamp": "2025-02-10T10:00:00Z",
    })
}

/// Fills a store with registers, definitions, statements and what follows from them.
async fn populate(log: Arc<dyn StatementLog>, records: Arc<dyn Records>) {
    let trader = RegisterFile {
        name: "traders.csv".to_owned(),
        bytes: b"country,orgnr,name\nSE,400101-0000,Keramik\n".to_vec(),
    };
    let office = [
        "registers/project.yaml",
        "registers/organisations.csv",
        "registers/people.csv",
        "registers/identities.csv",
        "registers/activities.csv",
        "registers/organisers.csv",
    ];
    let mut office: Vec<_> = office.map(bytes).into();
    office.push(trader);
    let registers = registers(Arc::clone(&log), Arc::clone(&records)).await;
    let rows = files::read(&office).expect("right").rows;
    registers.import(rows).await.expect("taken in");
    let adapters: Vec<Arc<dyn Adapter>> = vec![Arc::new(EvidenceRule), Arc::new(IndicatorSets)];
    let book = DefinitionBook::new(Arc::clone(&records));
    for file in [
        "rules/planning.yaml",
        "rules/teamwork.yaml",
        "rules/indicators.yaml",
    ] {
        let installed = book.install(definition(file), &adapters).await;
        installed.expect("installed");
    }
    let entropy = Arc::new(SeededEntropy::new(5));
    let statements = Statements::new(Arc::clone(&log), Arc::clone(&records), entropy, 100);
    let actors = [
        json!({
            "account": { "homePage": "https://moodle.example.org", "name": "1003" },
            "name": "Learner Three",
        }),
        json!({ "mbox": "mailto:unregistered@example.org" }),
    ];
    for actor in actors {
        let text = completed(&actor).to_string();
        let received = varde_xapi::receive(text.as_bytes(), Family::V1).expect("valid");
        let writer = caller("demo", &[Scope::All]);
        let stored = statements.store(&writer, Family::V1, received.statements);
        stored.await.expect("stored");
    }
    let runner = Runner::new(log, records, registers, adapters);
    runner.catch_up().await.expect("carried");
}

/// Returns where in a store's records and register events a text stands.
async fn places(
    log: &dyn StatementLog,
    records: &dyn Records,
    collections: &BTreeSet<Collection>,
    text: &str,
) -> Vec<String> {
    let holds = |bytes: &[u8]| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    let mut found = Vec::new();
    for collection in collections {
        let range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: 100_000,
        };
        for record in records.range(*collection, &range).await.expect("records") {
            if holds(&record.key) || holds(&record.value) {
                found.push(collection.to_string());
            }
        }
    }
    let events = log.events(EventKind::Registers, Position(0), 1_000);
    for event in events.await.expect("events") {
        if let Happened::Event(_, body) = event.what
            && holds(body.as_bytes())
        {
            found.push("the log".to_owned());
        }
    }
    found
}

/// Puts a text where nobody looks for one.
async fn plant(records: &dyn Records, collection: Collection, text: &str) {
    let change = Change {
        collection,
        key: b"planted".to_vec(),
        value: Some(format!("...{text}...").into_bytes()),
        expected: Expected::Anything,
    };
    let changes = Changes {
        changes: vec![change],
        ..Changes::default()
    };
    records.commit(changes).await.expect("planted");
}

async fn search(
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    collections: &BTreeSet<Collection>,
) {
    for name in NAMES {
        let found = places(&*log, &*records, collections, name).await;
        assert_eq!(found, Vec::<String>::new(), "{name}");
    }
    // The search would find them.
    for (collection, name) in collections.iter().zip(NAMES.iter().cycle()) {
        plant(&*records, *collection, name).await;
        let found = places(&*log, &*records, collections, name).await;
        assert!(
            found.contains(&collection.to_string()),
            "{name} in {collection}"
        );
    }
}

#[tokio::test]
async fn no_record_names_a_person() {
    let clock = Arc::new(TestClock::default());
    let memory = Arc::new(MemoryStore::new(clock.clone()));
    populate(memory.clone(), memory.clone()).await;
    // The same happens in both stores, so both have the same collections.
    let collections = memory.collections();
    let names: Vec<_> = collections.iter().map(ToString::to_string).collect();
    for needed in ["identity", "person-key", "ledger-entry"] {
        assert!(names.iter().any(|name| name == needed), "{names:?}");
    }
    search(memory.clone(), memory, &collections).await;

    let folder = tempfile::tempdir().expect("a folder");
    let embedded = Arc::new(EmbeddedStore::open(folder.path(), clock).expect("a store"));
    populate(embedded.clone(), embedded.clone()).await;
    search(embedded.clone(), embedded, &collections).await;
}
