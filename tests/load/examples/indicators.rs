//! Measures indicators: what a set of all of them costs the runner a statement, how long a full report
//! with all breakdowns takes to read, and the back-fill of a set of which one indicator changed.
//!
//! `cargo run --release -p varde-load --example indicators -- [FOLDER] [STATEMENTS] [LEARNERS]`
//!
//! 1,000,000 statements of 20,000 learners where nothing is given: each in some of twenty schemes and
//! twenty joint actions, for one of 2,000 enterprises; every hundredth statement is one of an organisation.
//! Compare lines of one run only.

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
use serde_json::{Value, json};
use tempfile::TempDir;
use varde_core::Scope;
use varde_core::definitions::{Definition, DefinitionBook};
use varde_core::ledger::{Adapter, Ledger, Runner};
use varde_core::ports::{Records, StatementLog};
use varde_core::registers::{Entity, EntityKind, RegisterBook, Row};
use varde_embedded::EmbeddedStore;
use varde_interreg::{IndicatorQuery, IndicatorSets, Indicators};
use varde_test_support::{SeededEntropy, caller, registers};

use self::filling::{Ticking, carry, fill, print};

/// A set of every indicator; the one that is read from outcomes is left out.
const SET: &str = include_str!("../../../schemas/examples/interreg/every-indicator.yaml");
const UNITS: u64 = 20;
const ENTERPRISES: u64 = 2_000;
/// How many schemes or actions each learner is in.
const OF_LEARNER: u64 = 3;
const ROWS_AT_A_TIME: usize = 10_000;
const TIMES: u32 = 5;
/// From the first statement to the last.
const YEAR_MILLISECONDS: u64 = 359 * 24 * 60 * 60 * 1_000;
const AS_OF: Date = date(2026, 12, 31);
const IR: &str = "https://w3id.org/xapi/interreg/v1";

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let mut words = env::args().skip(1);
    let folder = words.next().map_or_else(env::temp_dir, PathBuf::from);
    let number = |word: String| word.parse().expect("a number");
    let statements = words.next().map_or(1_000_000, number);
    let learners = words.next().map_or(20_000, number);
    let indicators = SET.matches("- code:").count();
    println!("{statements} statements, {learners} learners, {indicators} indicators");
    let folder = TempDir::new_in(folder).expect("the folder takes files");
    let store = EmbeddedStore::open(&folder.path().join("store"), Arc::new(Ticking::default()));
    let store = store.expect("the store is opened");
    let book = registers(Arc::new(store.clone()), Arc::new(store.clone())).await;
    // An import has a bound.
    for rows in rows(learners).chunks(ROWS_AT_A_TIME) {
        let imported = book.import(rows.to_vec()).await;
        imported.expect("the rows are taken in");
    }
    let apart = YEAR_MILLISECONDS / statements.max(1);
    let drawn = |number| statement(number, learners, number * apart);
    fill(&store, statements, drawn).await;
    follow(&store, &book, 1, statements).await;
    ask(&store, &book).await;
    follow(&store, &book, 2, statements).await;
    store.close().await.expect("the store is closed");
}

fn adapters() -> Vec<Arc<dyn Adapter>> {
    vec![Arc::new(IndicatorSets)]
}

/// The set's file: the second version counts support from nine hours on.
fn set(version: u32) -> String {
    if version == 1 {
        return SET.to_owned();
    }
    let next = SET.replace("version: 1", &format!("version: {version}"));
    next.replace("support_min: PT8H", "support_min: PT9H")
}

fn scheme(number: u64) -> String {
    format!(
        "https://lms.example.org/course/view.php?id={}",
        number % UNITS
    )
}

fn action(number: u64) -> String {
    format!("https://events.example.org/{}", number % UNITS)
}

/// Numbers of organisations: Norwegian ones, whose last digit checks the others.
fn enterprise(number: u64) -> String {
    let digits = |number: u64| {
        (0..8)
            .rev()
            .map(move |place| number / 10_u64.pow(place) % 10)
    };
    let checked = (0..).filter_map(|more: u64| {
        let first = 90_000_000 + number * 20 + more;
        let weights = [3, 2, 7, 6, 5, 4, 3, 2];
        let sum: u64 = digits(first)
            .zip(weights)
            .map(|(digit, weight)| digit * weight)
            .sum();
        let check = (11 - sum % 11) % 11;
        (check < 10).then(|| format!("{first}{check}"))
    });
    let mut checked = checked;
    checked.next().expect("one of twenty has a check digit")
}

fn rows(learners: u64) -> Vec<Row> {
    let row = |kind, id: &str, field: &str, value: &str| Row {
        entity: Entity::new(kind, id),
        field: field.to_owned(),
        value: Some(value.to_owned()),
        valid_from: None,
        valid_to: None,
    };
    let mut rows = vec![
        row(EntityKind::Project, "sing", "start", "2024-01-01"),
        row(EntityKind::Project, "sing", "end", "2026-12-31"),
    ];
    let mut activity = |iri: &str, kind: &str| {
        let fields = [
            ("kind", kind),
            ("project:sing", "yes"),
            ("organiser:NO-123456785", "yes"),
            ("organiser:SE-402000-0008", "yes"),
        ];
        rows.extend(fields.map(|(field, value)| row(EntityKind::Activity, iri, field, value)));
    };
    for number in 0..UNITS {
        activity(&scheme(number), "training-scheme");
        activity(&action(number), "joint-action");
    }
    for number in 0..ENTERPRISES {
        let id = format!("NO-{}", enterprise(number));
        let fields = [
            ("nuts3", "NO060"),
            ("nace", "31.09"),
            ("headcount", "6"),
            ("turnover-meur", "0.7"),
            ("founded-on", "2022-01-15"),
        ];
        rows.extend(fields.map(|(field, value)| row(EntityKind::Organisation, &id, field, value)));
    }
    for number in 0..learners {
        let identifier = format!("account:https://lms.example.org learner-{number}");
        let person = format!("p-{number}");
        rows.push(row(EntityKind::Identifier, &identifier, "person", &person));
        let gender = if number % 2 == 0 { "female" } else { "male" };
        let nuts3 = ["NO060", "SE321", "SE322"][(number % 3) as usize];
        let belongs = format!("organisation:NO-{}", enterprise(number % ENTERPRISES));
        let fields = [
            ("gender", gender),
            ("nuts3", nuts3),
            ("birth-year-band", "1980-1989"),
            (belongs.as_str(), "yes"),
        ];
        rows.extend(fields.map(|(field, value)| row(EntityKind::Person, &person, field, value)));
    }
    rows
}

fn statement(number: u64, learners: u64, after: u64) -> String {
    let chance = SeededEntropy::new(number);
    let begin: jiff::Timestamp = "2026-01-05T08:00:00Z".parse().expect("an instant");
    let milliseconds = i64::try_from(after).expect("within the year");
    let id = (u128::from(chance.next()) << 64) | u128::from(chance.next());
    let mut statement = if number.is_multiple_of(100) {
        deed(&chance)
    } else {
        learning(&chance, learners)
    };
    statement["id"] = uuid::Builder::from_random_bytes(id.to_be_bytes())
        .into_uuid()
        .to_string()
        .into();
    statement["timestamp"] = (begin + jiff::SignedDuration::from_millis(milliseconds))
        .to_string()
        .into();
    statement.to_string()
}

fn learning(chance: &SeededEntropy, learners: u64) -> Value {
    let learner = chance.below(learners);
    let unit = learner * 7 + chance.below(OF_LEARNER);
    let (verb, object) = match chance.below(20) {
        0 => ("attended", action(unit)),
        1 => ("completed", scheme(unit)),
        _ => (
            "initialized",
            format!("{}&lesson={}", scheme(unit), chance.below(12)),
        ),
    };
    json!({
        "actor": {"account": {"homePage": "https://lms.example.org", "name": format!("learner-{learner}")}},
        "verb": {"id": format!("http://adlnet.gov/expapi/verbs/{verb}")},
        "object": {"id": object},
        "context": {"contextActivities": {"parent": [{"id": if verb == "attended" { action(unit) } else { scheme(unit) }}]}},
    })
}

fn deed(chance: &SeededEntropy) -> Value {
    let organisation = enterprise(chance.below(ENTERPRISES));
    let object = chance.below(50);
    let (verb, object, context, result) = match chance.below(6) {
        0..=2 => (
            "received-support",
            "support".to_owned(),
            json!({format!("{IR}/ext/support-kind"): "non-financial"}),
            json!({"duration": "PT3H"}),
        ),
        3 => (
            "introduced",
            "innovation".to_owned(),
            json!({format!("{IR}/ext/innovation-kind"): "product"}),
            json!({}),
        ),
        4 => {
            let figures = json!({format!("{IR}/ext/fte-before"): "2.5", format!("{IR}/ext/fte-after"): "4.25"});
            (
                "reported-employment",
                "employment".to_owned(),
                json!({}),
                json!({"extensions": figures}),
            )
        }
        _ => (
            "developed",
            format!("solution-{object}"),
            json!({format!("{IR}/ext/uptake-actions"): "train advisers"}),
            json!({}),
        ),
    };
    json!({
        "actor": {"objectType": "Group", "account": {"homePage": "https://data.brreg.no/enhetsregisteret", "name": organisation}},
        "verb": {"id": format!("{IR}/verbs/{verb}")},
        "object": {
            "id": format!("https://project.example.org/{object}"),
            "definition": {"type": format!("{IR}/activity-types/{}", if verb == "developed" { "solution" } else { "support-service" })},
        },
        "context": {"extensions": context},
        "result": result,
    })
}

async fn follow(
    store: &EmbeddedStore,
    registers: &Arc<RegisterBook>,
    version: u32,
    statements: u64,
) {
    let records: Arc<dyn Records> = Arc::new(store.clone());
    let book = DefinitionBook::new(Arc::clone(&records));
    let document = varde_schemas::read(&set(version)).expect("a set");
    let definition = Definition {
        kind: document.kind.name().to_owned(),
        id: document.id,
        version: document.version,
        body: document.value.into(),
    };
    let installed = book.install(definition, &adapters()).await;
    installed.expect("the set is installed");
    let log: Arc<dyn StatementLog> = Arc::new(store.clone());
    let runner = Runner::new(log, records, Arc::clone(registers), adapters());
    let what = if version == 1 {
        "the runner"
    } else {
        "one indicator changed, back-fill"
    };
    carry(what, &runner, statements).await;
}

async fn ask(store: &EmbeddedStore, registers: &Arc<RegisterBook>) {
    let (log, records) = (Arc::new(store.clone()), Arc::new(store.clone()));
    let indicators = Indicators::new(Ledger::new(log, records), Arc::clone(registers));
    let caller = caller("sing", &[Scope::All]);
    for code in [None, Some("RCO85"), Some("RCO01")] {
        let query = IndicatorQuery {
            project: None,
            code: code.map(|code| code.parse().expect("a code")),
            as_of: AS_OF,
            known_at: None,
        };
        let (mut took, mut keys) = (Vec::new(), 0);
        for _ in 0..TIMES {
            let began = Instant::now();
            let report = indicators.query(&caller, &query).await.expect("an answer");
            took.push(began.elapsed());
            keys = report.tables[0]
                .indicators
                .iter()
                .map(|one| one.keys.len())
                .sum();
        }
        print(
            &format!("{} with {keys} keys", code.unwrap_or("a full report")),
            took,
        );
    }
}
