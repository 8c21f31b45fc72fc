//! Measures competence outcomes: what fifty rules cost the runner a statement, and how long one
//! learner's outcomes, their explanation and a table of cohorts take to read.
//!
//! `cargo run --release -p varde-load --example outcomes -- [FOLDER] [STATEMENTS] [LEARNERS]`
//!
//! 1,000,000 statements of 20,000 learners where nothing is given. Each learner is in one of
//! twenty schemes. Compare lines of one run only.

#![expect(
    clippy::print_stdout,
    reason = "printing the figures is what it is for"
)]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded anyway")]

#[path = "filling/mod.rs"]
mod filling;

use std::env;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::{Date, date};
use serde_json::json;
use tempfile::TempDir;
use varde_competence::{
    Basis, CohortQuery, Dimension, EvidenceRule, ExplainQuery, OutcomeQuery, Outcomes, Post,
    ShownCohorts,
};
use varde_core::Scope;
use varde_core::definitions::{Definition, DefinitionBook};
use varde_core::ledger::{Adapter, Ledger, Runner};
use varde_core::ports::{Records, StatementLog};
use varde_core::registers::{Entity, EntityKind, RegisterBook, Row};
use varde_embedded::EmbeddedStore;
use varde_test_support::{SeededEntropy, caller, registers};

use self::filling::{Ticking, carry, fill, print};

const RULES: u64 = 50;
const COMPETENCES: u64 = 15;
const SCHEMES: u64 = 20;
/// How many activities there are: most, but not all, are looked at by a rule.
const ACTIVITIES: u64 = 60;
/// How often each question is asked.
const TIMES: u32 = 50;
const ROWS_AT_A_TIME: usize = 10_000;
const AS_OF: Date = date(2026, 12, 31);

#[tokio::main]
async fn main() {
    let mut words = env::args().skip(1);
    let folder = words.next().map_or_else(env::temp_dir, PathBuf::from);
    let number = |word: String| word.parse().expect("a number");
    let statements = words.next().map_or(1_000_000, number);
    let learners = words.next().map_or(20_000, number);
    println!("{statements} statements, {learners} learners, {RULES} rules");
    let folder = TempDir::new_in(folder).expect("the folder takes files");
    let store = EmbeddedStore::open(&folder.path().join("store"), Arc::new(Ticking::default()));
    let store = store.expect("the store is opened");
    let book = registers(Arc::new(store.clone()), Arc::new(store.clone())).await;
    // An import has a bound.
    for rows in rows(learners).chunks(ROWS_AT_A_TIME) {
        let imported = book.import(rows.to_vec()).await;
        imported.expect("the rows are taken in");
    }
    fill(&store, statements, |number| statement(number, learners)).await;
    follow(&store, &book, statements).await;
    ask(&store, &book, learners).await;
    store.close().await.expect("the store is closed");
}

fn adapters() -> Vec<Arc<dyn Adapter>> {
    vec![Arc::new(EvidenceRule)]
}

fn competence(number: u64) -> String {
    format!("https://example.org/competence/{}", number % COMPETENCES)
}

/// A rule about one activity: scores, successes, counts and durations by turns.
fn rule(number: u64) -> String {
    let (measure, levels) = match number % 4 {
        0 => (
            "score",
            "[{min: 0.2, level: 1}, {min: 0.5, level: 2}, {min: 0.8, level: 3}]",
        ),
        1 => ("success", "[{level: 2}]"),
        2 => ("count", "[{min: 1, level: 1}, {min: 3, level: 2}]"),
        _ => (
            "duration",
            "[{min: PT10M, level: 1}, {min: PT1H, level: 2}]",
        ),
    };
    let phase = match number / 4 % 3 {
        0 => "pre",
        1 => "post",
        _ => "any",
    };
    format!(
        "rule: load/rule-{number}\nversion: 1\ncompetence: {}\nbasis: assessed\nphase: {phase}\n\
         match: {{object: [https://lms.example.org/activity/{number}]}}\n\
         measure: {measure}\nlevels: {levels}\nvalid_for: P1Y\n",
        competence(number)
    )
}

fn scheme(number: u64) -> String {
    format!("https://lms.example.org/course/view.php?id={number}")
}

fn rows(learners: u64) -> Vec<Row> {
    let row = |entity: Entity, field: &str, value: &str| Row {
        entity,
        field: field.to_owned(),
        value: Some(value.to_owned()),
        valid_from: None,
        valid_to: None,
    };
    let schemes = (0..SCHEMES).flat_map(|number| {
        let of = |field: &str, value: &str| {
            row(
                Entity::new(EntityKind::Activity, scheme(number)),
                field,
                value,
            )
        };
        [of("kind", "training-scheme"), of("project:sing", "yes")]
    });
    let persons = (0..learners).flat_map(|number| {
        let identifier = format!("account:https://lms.example.org learner-{number}");
        let person = format!("p-{number}");
        let gender = if number % 2 == 0 { "female" } else { "male" };
        let belongs = format!("organisation:NO:{}", number * 7 % SCHEMES);
        let is_person = |field: &str, value: &str| {
            row(
                Entity::new(EntityKind::Person, person.clone()),
                field,
                value,
            )
        };
        [
            row(
                Entity::new(EntityKind::Identifier, identifier),
                "person",
                &person,
            ),
            is_person("gender", gender),
            is_person(&belongs, "yes"),
        ]
    });
    schemes.chain(persons).collect()
}

fn statement(number: u64, learners: u64) -> String {
    let chance = SeededEntropy::new(number);
    let learner = chance.below(learners);
    let activity = chance.below(ACTIVITIES);
    let begin: jiff::Timestamp = "2026-01-05T08:00:00Z".parse().expect("an instant");
    let milliseconds = i64::try_from(number * 20).expect("within the year");
    let score = chance.below(100) as f64 / 100.0;
    let id = (u128::from(chance.next()) << 64) | u128::from(chance.next());
    json!({
        "id": uuid::Builder::from_random_bytes(id.to_be_bytes()).into_uuid().to_string(),
        "actor": {"account": {"homePage": "https://lms.example.org", "name": format!("learner-{learner}")}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"},
        "object": {"id": format!("https://lms.example.org/activity/{activity}")},
        "result": {"success": true, "duration": "PT12M", "score": {"scaled": score}},
        "context": {"contextActivities": {"grouping": [{"id": scheme(learner % SCHEMES)}]}},
        "timestamp": (begin + jiff::SignedDuration::from_millis(milliseconds)).to_string(),
    })
    .to_string()
}

async fn follow(store: &EmbeddedStore, registers: &Arc<RegisterBook>, statements: u64) {
    let records: Arc<dyn Records> = Arc::new(store.clone());
    let book = DefinitionBook::new(Arc::clone(&records));
    for number in 0..RULES {
        let document = varde_schemas::read(&rule(number)).expect("a rule");
        let definition = Definition {
            kind: document.kind.name().to_owned(),
            id: document.id,
            version: document.version,
            body: document.value.into(),
        };
        let installed = book.install(definition, &adapters()).await;
        installed.expect("the rule is installed");
    }
    let log: Arc<dyn StatementLog> = Arc::new(store.clone());
    let runner = Runner::new(log, records, Arc::clone(registers), adapters());
    carry("the runner", &runner, statements).await;
}

async fn ask(store: &EmbeddedStore, registers: &Arc<RegisterBook>, learners: u64) {
    let (log, records) = (Arc::new(store.clone()), Arc::new(store.clone()));
    let outcomes = Outcomes::new(Ledger::new(log, records), Arc::clone(registers));
    let caller = caller("sing", &[Scope::All]);
    let mut took = Vec::new();
    for turn in 0..TIMES {
        let query = OutcomeQuery {
            person: Some(format!("p-{}", u64::from(turn) * 397 % learners)),
            ..OutcomeQuery::as_of(AS_OF)
        };
        let began = Instant::now();
        let table = outcomes.query(&caller, query).await.expect("an answer");
        took.push(began.elapsed());
        assert!(!table.outcomes.is_empty(), "the learner did something");
    }
    print("one learner's outcomes", took);
    let mut took = Vec::new();
    for turn in 0..TIMES {
        let query = ExplainQuery {
            person: format!("p-{}", u64::from(turn) * 397 % learners),
            competence: None,
            basis: None,
            as_of: AS_OF,
            known_at: None,
        };
        let began = Instant::now();
        outcomes.explain(&caller, &query).await.expect("an answer");
        took.push(began.elapsed());
    }
    print("one learner's explanation", took);
    for (by, cohort) in [
        (Dimension::Scheme, Some(scheme(3))),
        (Dimension::Organisation, Some("NO:7".to_owned())),
        (Dimension::Scheme, None),
        (Dimension::Gender, None),
    ] {
        let query = CohortQuery {
            project: "sing".parse().expect("a code"),
            competence: competence(0),
            basis: Basis::Assessed,
            by,
            as_of: AS_OF,
            known_at: None,
            post: Post::Best,
            target: Some(2),
            against: None,
            cohort: cohort.clone(),
        };
        let (mut took, mut persons, mut number) = (Vec::new(), 0, 0);
        for _ in 0..if cohort.is_some() { TIMES } else { 5 } {
            let began = Instant::now();
            let table = outcomes.cohorts(&caller, &query).await.expect("an answer");
            took.push(began.elapsed());
            let ShownCohorts::Cohorts(cohorts) = table.shown else {
                panic!("all rows may be seen");
            };
            number = cohorts.len();
            persons = cohorts.iter().map(|cohort| cohort.persons).sum();
        }
        let by = by.name();
        let what = if number == 1 {
            format!("a cohort of {persons} by {by}")
        } else {
            format!("{number} cohorts of {persons} by {by}")
        };
        print(&what, took);
    }
}
