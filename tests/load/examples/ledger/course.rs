//! Statements as courses send them, and definitions that look at some of them.

use std::sync::Arc;

use serde_json::{Value, json};
use varde_core::definitions::Definition;
use varde_core::ledger::Adapter;
use varde_core::registers::{Entity, EntityKind, Row};
use varde_test_support::SeededEntropy;

const INDICATORS: &str = include_str!("../../../../schemas/examples/interreg/sing-indicators.yaml");
const RULES: [&str; 4] = [
    include_str!("../../../../schemas/examples/competence/opportunities-assessment.yaml"),
    include_str!("../../../../schemas/examples/competence/planning-quiz.yaml"),
    include_str!("../../../../schemas/examples/competence/reflection-completed.yaml"),
    include_str!("../../../../schemas/examples/competence/workshops-attended.yaml"),
];

/// How many schemes, and how many lessons each has.
const SCHEMES: u64 = 20;
const LESSONS: u64 = 12;
/// How many statements a visit to a lesson gives.
const VISIT: u64 = 10;
const LEARNERS: u64 = 10_000;

/// Returns what compiles the definitions.
pub(crate) fn adapters() -> Vec<Arc<dyn Adapter>> {
    vec![
        Arc::new(varde_competence::EvidenceRule),
        Arc::new(varde_interreg::IndicatorSets),
    ]
}

/// Returns the interreg set and four evidence rules.
pub(crate) fn definitions() -> Vec<Definition> {
    let files = RULES.into_iter().chain([INDICATORS]);
    let read = files.map(|text| varde_schemas::read(text).expect("an example"));
    read.map(|document| Definition {
        kind: document.kind.name().to_owned(),
        id: document.id,
        version: document.version,
        body: document.value.into(),
    })
    .collect()
}

pub(crate) fn scheme(number: u64) -> String {
    format!("https://lms.example.org/course/view.php?id={number}")
}

/// Registers each scheme with organisers from two countries.
pub(crate) fn registers() -> Vec<Row> {
    let rows = (0..SCHEMES).flat_map(|number| {
        let row = |field: &str, value: &str| activity_row(&scheme(number), field, value);
        [
            row("kind", "training-scheme"),
            row("project:sing", "yes"),
            row("organiser:NO-123456785", "yes"),
            row("organiser:SE-2021005489", "yes"),
        ]
    });
    rows.collect()
}

pub(crate) fn activity_row(iri: &str, field: &str, value: &str) -> Row {
    Row {
        entity: Entity::new(EntityKind::Activity, iri),
        field: field.to_owned(),
        value: Some(value.to_owned()),
        valid_from: None,
        valid_to: None,
    }
}

/// Returns the text of a statement: visits to lessons, one behind the other, as a learning
/// platform with a cmi5 player and quizzes tells them.
pub(crate) fn statement(number: u64) -> String {
    let (visit, step) = (number / VISIT, number % VISIT);
    let chance = SeededEntropy::new(visit);
    let learner = chance.below(LEARNERS);
    let (scheme_number, lesson) = (chance.below(SCHEMES), chance.below(LESSONS));
    let scheme = scheme(scheme_number);
    let unit = match scheme_number {
        0 => "https://lms.example.org/cmi5/opportunities/assessment".to_owned(),
        1 => "https://h5p.example.org/h5p/reflection".to_owned(),
        _ => format!("{scheme}&lesson={lesson}"),
    };
    let adl = |verb: &str| format!("http://adlnet.gov/expapi/verbs/{verb}");
    let score = (chance.below(100) as f64) / 100.0;
    let (verb, result) = match step {
        0 => (adl("launched"), None),
        1 => (adl("initialized"), None),
        2..=6 => (adl("answered"), Some(answer(step))),
        7 => (
            adl("passed"),
            Some(json!({"success": true, "score": {"scaled": score}})),
        ),
        8 => (
            adl("completed"),
            Some(json!({"completion": true, "duration": "PT12M"})),
        ),
        _ => (adl("terminated"), Some(json!({"duration": "PT13M"}))),
    };
    let object = match step {
        2..=6 => format!("{unit}/question/{step}"),
        _ => unit.clone(),
    };
    text(number, learner, &verb, &object, &unit, &scheme, result)
}

fn answer(step: u64) -> Value {
    json!({"success": step.is_multiple_of(2), "response": "choice-2", "duration": "PT20S"})
}

fn text(
    number: u64,
    learner: u64,
    verb: &str,
    object: &str,
    unit: &str,
    scheme: &str,
    result: Option<Value>,
) -> String {
    let parent = if object == unit { scheme } else { unit };
    let mut statement = json!({
        "id": id(number),
        "actor": {
            "objectType": "Agent",
            "account": {"homePage": "https://lms.example.org", "name": format!("learner-{learner}")},
        },
        "verb": {"id": verb, "display": {"en": verb.rsplit('/').next()}},
        "object": {
            "id": object,
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/lesson",
                "name": {"en": "A lesson", "nb": "En leksjon"},
            },
        },
        "context": {
            "registration": uuid::Uuid::from_u128(u128::from(number / VISIT)).to_string(),
            "platform": "Learning platform",
            "contextActivities": {
                "parent": [{"id": parent}],
                "grouping": [{"id": scheme}],
                "category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}],
            },
        },
        "timestamp": instant(number),
    });
    if let Some(result) = result {
        statement["result"] = result;
    }
    statement.to_string()
}

/// A start of a lesson in a scheme by a learner.
pub(crate) fn start(number: u64, learner: u64, scheme: &str) -> String {
    let verb = "http://adlnet.gov/expapi/verbs/initialized";
    text(number, learner, verb, scheme, scheme, scheme, None)
}

fn id(number: u64) -> String {
    let random = SeededEntropy::new(!number);
    let id = (u128::from(random.next()) << 64) | u128::from(random.next());
    uuid::Builder::from_random_bytes(id.to_be_bytes())
        .into_uuid()
        .to_string()
}

fn instant(number: u64) -> String {
    let begin: jiff::Timestamp = "2026-01-05T08:00:00Z".parse().expect("an instant");
    let milliseconds = i64::try_from(number * 50).expect("within the year");
    (begin + jiff::SignedDuration::from_millis(milliseconds)).to_string()
}
