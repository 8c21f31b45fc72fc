//! Random histories of whole projects: every indicator as an auditor reckons it, on every store.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use varde_core::registers::{Entity, EntityKind, Row};
use varde_embedded::EmbeddedStore;
use varde_interreg::{Amount, CountedKey, IndicatorTable};
use varde_replica_set::Database;
use varde_test_support::{Draft, TestClock};
use varde_xapi::Stored;

use crate::deeds::{
    ACTION, Deed, EVENT, Event, ORGANISATIONS, OTHER_ACTION, PILOT, SCHEME, SOLUTION, STRATEGY,
    THING, Verb, Who,
};
use crate::reckoning::{Keys, Known};
use crate::statements::agent;
use crate::whole_set;
use crate::world::World;

const END: &str = "2025-03-01";
/// The first of January 2025, from which histories run on for some ninety days.
const BEGINNING: i64 = 1_735_689_600;
const DAY: i64 = 86_400;
const UNITS: [&str; 5] = [SCHEME, ACTION, OTHER_ACTION, EVENT, PILOT];
const LEARNERS: u64 = 4;

fn day() -> impl Strategy<Value = Date> {
    (0..100_i32).prop_map(|days| date(2024, 12, 20).saturating_add(Span::new().days(days)))
}

/// Who does what to what.
fn act() -> impl Strategy<Value = (Who, Verb, &'static str)> {
    let person = || (1..=LEARNERS).prop_map(Who::Person);
    let organisation = || select(ORGANISATIONS.to_vec()).prop_map(Who::Organisation);
    let learning = select(vec![
        Verb::Started,
        Verb::Attended,
        Verb::Attended,
        Verb::Completed,
    ]);
    let learned = select(vec![SCHEME, SCHEME, ACTION, OTHER_ACTION, THING]);
    let done = prop_oneof![
        3 => Just((Verb::Received, THING)),
        2 => Just((Verb::Joined, THING)),
        1 => Just((Verb::Signed, THING)),
        2 => Just((Verb::Introduced, THING)),
        2 => Just((Verb::Employed, THING)),
        2 => select(vec![SCHEME, ACTION, EVENT]).prop_map(|object| (Verb::Organised, object)),
        4 => select(vec![SOLUTION, STRATEGY, PILOT]).prop_map(|object| (Verb::Developed, object)),
        2 => select(vec![SOLUTION, STRATEGY]).prop_map(|object| (Verb::Adopted, object)),
        1 => Just((Verb::Completed, PILOT)),
    ];
    prop_oneof![
        2 => (person(), learning, learned),
        3 => (organisation(), done).prop_map(|(who, (verb, object))| (who, verb, object)),
    ]
}

fn kind(verb: Verb) -> BoxedStrategy<&'static str> {
    match verb {
        Verb::Received => select(vec![
            "non-financial",
            "non-financial",
            "grant",
            "financial-instrument",
        ])
        .boxed(),
        Verb::Introduced => {
            select(vec!["product", "process", "marketing", "organisational"]).boxed()
        }
        _ => Just("partner").boxed(),
    }
}

fn deed() -> impl Strategy<Value = Deed> {
    act().prop_flat_map(|(who, verb, object)| {
        let fte = proptest::option::weighted(0.9, (0..20_u32, 0..20_u32));
        let said = (
            kind(verb),
            select(vec![0_u32, 240, 300, 600]),
            any::<[bool; 3]>(),
            fte,
        );
        let until = proptest::option::of(select(vec![date(2025, 2, 1), date(2026, 1, 1)]));
        let place = (
            subsequence(UNITS.to_vec(), 0..2),
            0..90 * DAY,
            select(vec!["sing", "sing", "merse"]),
        );
        (said, until, place).prop_map(
            move |((kind, minutes, flags, fte), until, (parents, second, space))| {
                let [uptake, legal, evidence] = flags;
                Deed {
                    number: 0,
                    space,
                    at: Timestamp::from_second(BEGINNING + second).unwrap(),
                    who,
                    verb,
                    object,
                    parents: if matches!(who, Who::Person(_)) {
                        parents
                    } else {
                        Vec::new()
                    },
                    kind,
                    minutes,
                    uptake: verb == Verb::Developed && uptake,
                    legal: verb == Verb::Developed && legal && !uptake && minutes == 600,
                    evidence: verb == Verb::Adopted && evidence,
                    quarters: fte.filter(|_| verb == Verb::Employed),
                    until: until.filter(|_| verb == Verb::Signed),
                }
            },
        )
    })
}

fn told(kind: EntityKind, id: &str, field: &str, value: Option<&str>, from: Option<Date>) -> Row {
    Row {
        entity: Entity::new(kind, id),
        field: field.to_owned(),
        value: value.map(str::to_owned),
        valid_from: from,
        valid_to: None,
    }
}

fn row() -> impl Strategy<Value = Row> {
    let activity =
        |iri: &str, field: &str, value, from| told(EntityKind::Activity, iri, field, value, from);
    let unit = || select(UNITS.to_vec());
    let fields = select(vec![
        ("kind", Some("joint-action")),
        ("kind", Some("training-scheme")),
        ("project:sing", Some("yes")),
        ("project:sing", None),
        ("project:merse", Some("yes")),
        ("inclusion", Some("yes")),
    ]);
    let of_event = select(vec![
        ("kind", Some("public-event")),
        ("kind", None),
        ("end", Some("2025-02-10")),
        ("end", Some("2025-03-20")),
        ("cancelled", Some("yes")),
        ("cancelled", None),
        ("public", Some("no")),
    ]);
    let of_enterprise = select(vec![
        ("founded-on", Some("2021-01-01")),
        ("founded-on", Some("2021-01-02")),
        ("headcount", Some("300")),
        ("headcount", Some("5")),
    ]);
    let of_project = select(vec![
        ("end", Some("2025-01-31")),
        ("end", Some(END)),
        ("end", None),
        ("start", None),
    ]);
    let organisation = || select(ORGANISATIONS.to_vec());
    prop_oneof![
        4 => (unit(), organisation(), proptest::option::of(day())).prop_map(move |(iri, organisation, from)| {
            activity(iri, &format!("organiser:{organisation}"), Some("yes"), from)
        }),
        3 => (unit(), fields).prop_map(move |(iri, (field, value))| activity(iri, field, value, None)),
        3 => of_event.prop_map(move |(field, value)| activity(EVENT, field, value, None)),
        3 => (organisation(), of_enterprise).prop_map(|(id, (field, value))| {
            told(EntityKind::Organisation, id, field, value, None)
        }),
        1 => of_project.prop_map(|(field, value)| told(EntityKind::Project, "sing", field, value, None)),
        2 => (1..=LEARNERS, select(vec![Some("p-1"), Some("p-2"), None]), proptest::option::of(day())).prop_map(
            |(learner, person, from)| {
                let id = format!("mbox:mailto:learner-{learner}@example.org");
                told(EntityKind::Identifier, &id, "person", person, from)
            }
        ),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        10 => deed().prop_map(Event::Deed),
        1 => (1..60_u64).prop_map(Event::Void),
        3 => vec(row(), 1..4).prop_map(Event::Rows),
    ]
}

/// Numbers deeds by their place, and keeps only the voidings of what stands in their own space.
fn numbered(events: Vec<Event>) -> Vec<Event> {
    let numbered = (1..).zip(events).map(|(number, event)| match event {
        Event::Deed(deed) => Event::Deed(Deed { number, ..deed }),
        other => other,
    });
    let numbered: Vec<Event> = numbered.collect();
    let own: BTreeSet<u64> = numbered
        .iter()
        .filter_map(|event| match event {
            Event::Deed(deed) if deed.space == "sing" => Some(deed.number),
            _ => None,
        })
        .collect();
    let keep = |event: &Event| !matches!(event, Event::Void(target) if !own.contains(target));
    numbered.into_iter().filter(keep).collect()
}

/// What every history begins with.
fn beginning() -> Event {
    let activity = |iri: &str, field: &str, value: &str| {
        told(EntityKind::Activity, iri, field, Some(value), None)
    };
    let project =
        |field: &str, value: &str| told(EntityKind::Project, "sing", field, Some(value), None);
    Event::Rows(vec![
        project("start", "2024-01-01"),
        project("end", END),
        activity(SCHEME, "kind", "training-scheme"),
        activity(SCHEME, "organiser:NO-100000016", "yes"),
        activity(ACTION, "kind", "joint-action"),
        activity(ACTION, "organiser:SE-402000-0008", "yes"),
        activity(OTHER_ACTION, "kind", "joint-action"),
        activity(EVENT, "organiser:SE-402000-0008", "yes"),
        activity(EVENT, "project:sing", "yes"),
        activity(SOLUTION, "kind", "solution"),
        activity(STRATEGY, "kind", "strategy"),
        activity(PILOT, "kind", "pilot-action"),
    ])
}

async fn play(world: &World, events: Vec<Event>) -> Vec<(Stored, Event)> {
    let mut history = Vec::new();
    for (number, event) in (10_000..).zip(events) {
        let stored = match &event {
            Event::Rows(rows) => world.rows(rows.clone()).await,
            Event::Deed(deed) => world.append(deed.statement()).await,
            Event::Void(target) => {
                let body = json!({
                    "actor": agent(99),
                    "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
                    "object": { "objectType": "StatementRef", "id": Draft::id(*target).to_string() },
                });
                let draft = Draft::new(number).voids(*target);
                world
                    .append(draft.with(|s| s.body = body.to_string()).build())
                    .await
            }
        };
        history.push((stored, event));
    }
    history
}

/// The keys as the reckoning names them, which knows learners and not their random ids.
fn keys(
    keys: &[CountedKey],
    learners: &BTreeMap<String, String>,
) -> BTreeMap<String, (Date, Amount)> {
    let keys = keys.iter().map(|key| {
        let person = key
            .person
            .as_ref()
            .map(|person| learners.get(person).unwrap_or(person).as_str());
        let organisation = key.organisation.as_deref().filter(|_| key.unit.is_none());
        let parts = [key.unit.as_deref(), organisation, person];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join("|");
        assert!(
            !key.statements.is_empty() || !key.rows.is_empty(),
            "{name} rests on something"
        );
        (name, (key.day, key.amount))
    });
    keys.collect()
}

fn expected(keys: Keys) -> BTreeMap<String, (Date, Amount)> {
    let exact = |hundredths: u64| {
        Amount::parse(&format!("{}.{:02}", hundredths / 100, hundredths % 100)).unwrap()
    };
    keys.into_iter()
        .map(|(key, (day, hundredths))| (key, (day, exact(hundredths))))
        .collect()
}

fn compare(
    table: &IndicatorTable,
    known: &Known<'_>,
    as_of: Date,
    learners: &BTreeMap<String, String>,
) {
    assert_eq!(table.breaches, [], "as of {as_of}");
    for value in &table.indicators {
        let code = value.code.to_string();
        let found = keys(&value.keys, learners);
        assert_eq!(found.len(), value.keys.len(), "{code} counts each key once");
        let reckoned = expected(known.keys(&code, as_of));
        assert_eq!(found, reckoned, "{code} as of {as_of}");
        let sum: Amount = found.values().map(|(_, amount)| *amount).sum();
        if !code.starts_with("PS0") || code == "PS01" {
            assert_eq!(value.value, sum, "{code} as of {as_of}");
        }
        if code == "PS02" {
            let states = known
                .states(as_of)
                .map(|number| Amount::from(number as u64));
            let cell = |state: &str| {
                value.breakdowns["state"]
                    .get(state)
                    .copied()
                    .unwrap_or_default()
            };
            assert_eq!(
                ["completed", "dropped", "in-progress"].map(cell),
                states,
                "{code} as of {as_of}"
            );
            let [completed, dropped, progress] = states;
            assert_eq!(
                value.value,
                Amount::percent(completed, completed + dropped + progress)
            );
        }
    }
}

async fn check(world: World, events: Vec<Event>, asked: &[(i32, Index)]) {
    let all = std::iter::once(beginning())
        .chain(numbered(events))
        .collect();
    let history = play(&world, all).await;
    let mut learners = BTreeMap::new();
    for learner in 1..=LEARNERS {
        if let Some(id) = world.unresolved(learner).await {
            learners.insert(id, format!("learner {learner}"));
        }
    }
    for (days, place) in asked {
        let as_of = date(2024, 12, 25).saturating_add(Span::new().days(*days));
        let (known_at, _) = history[place.index(history.len())];
        let report = world.report(as_of, Some(known_at)).await;
        compare(
            &report.tables[0],
            &Known::at(&history, known_at),
            as_of,
            &learners,
        );
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

async fn in_memory(events: Vec<Event>, asked: &[(i32, Index)]) {
    check(World::counting_by(&whole_set::file()).await, events, asked).await;
}

/// What is asked is what is counted, not what survives: where files can be in memory, no disk is
/// waited for.
async fn on_embedded(events: Vec<Event>, asked: &[(i32, Index)]) {
    let in_memory = Path::new("/dev/shm");
    let folder = if in_memory.is_dir() {
        tempfile::tempdir_in(in_memory)
    } else {
        tempfile::tempdir()
    };
    let (folder, clock) = (folder.unwrap(), Arc::new(TestClock::default()));
    let store = Arc::new(EmbeddedStore::open(folder.path(), clock.clone()).unwrap());
    let world = World::on(&store, clock, &whole_set::file()).await;
    check(world, events, asked).await;
    store.close().await.unwrap();
}

fn on_mongodb(events: Vec<Event>, asked: &[(i32, Index)]) {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = Arc::new(database.open(&clock));
    runtime().block_on(async {
        let world = World::on(&store, clock, &whole_set::file()).await;
        check(world, events, asked).await;
        store.close().await;
    });
}

fn asked() -> impl Strategy<Value = Vec<(i32, Index)>> {
    vec((0..400_i32, any::<Index>()), 4)
}

/// A property over histories in which nothing counts would hold of any counting.
#[test]
fn histories_hold_something_of_every_indicator() {
    let mut runner = TestRunner::deterministic();
    let mut missing = whole_set::codes();
    assert!(!missing.is_empty());
    for _ in 0..200 {
        if missing.is_empty() {
            return;
        }
        let events = vec(event(), 40..70)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let all = std::iter::once(beginning()).chain(numbered(events));
        let history: Vec<_> = (1..).map(Stored).zip(all).collect();
        let known = Known::at(&history, Stored(i64::MAX));
        missing.retain(|code| {
            let keys = known.keys(code, date(2025, 12, 31));
            keys.values().all(|(_, hundredths)| *hundredths == 0)
        });
    }
    panic!("nothing counts for {missing:?}");
}

proptest! {
    #![proptest_config(Config { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_indicator_is_as_an_auditor_reckons_it_in_memory(events in vec(event(), 1..70), asked in asked()) {
        runtime().block_on(in_memory(events, &asked));
    }
}

proptest! {
    #![proptest_config(Config { cases: 4, max_shrink_iters: 100, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_indicator_is_as_an_auditor_reckons_it_on_the_embedded_store(
        events in vec(event(), 1..70),
        asked in asked(),
    ) {
        runtime().block_on(on_embedded(events, &asked));
    }

    #[test]
    fn every_indicator_is_as_an_auditor_reckons_it_on_mongodb(events in vec(event(), 1..50), asked in asked()) {
        on_mongodb(events, &asked);
    }
}
