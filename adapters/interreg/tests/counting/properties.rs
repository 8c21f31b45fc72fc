//! Random histories: the ledger agrees with the naive reckoning, and order does not matter.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::Config;
use serde_json::json;
use varde_core::Scope;
use varde_core::registers::{Entity, EntityKind, Row};
use varde_interreg::{Amount, IndicatorQuery, IndicatorValue};
use varde_test_support::Draft;
use varde_xapi::Stored;

use crate::naive::{Event, Happening, Keys, Known, unresolved};
use crate::statements::{A, Act, B, MODULE, agent, told};
use crate::world::{World, caller};

const NOBODYS: &str = "https://example.org/nobodys";
const ACTIVITIES: [&str; 4] = [A, B, MODULE, NOBODYS];
const END: Date = date(2025, 3, 1);
/// The first of January 2025, from which histories run on for some ninety days.
const BEGINNING: i64 = 1_735_689_600;
const DAY: i64 = 86_400;

fn act() -> impl Strategy<Value = Act> {
    select(vec![
        Act::Enrolled,
        Act::Started,
        Act::Attended,
        Act::Completed,
        Act::Completed,
        Act::Unsuccessful,
        Act::Partly,
        Act::Satisfied,
        Act::Uncompleted,
    ])
}

fn some_activities() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(ACTIVITIES.to_vec(), 0..3)
}

fn happening() -> impl Strategy<Value = Happening> {
    let what = (
        1..6_u64,
        act(),
        select(ACTIVITIES.to_vec()),
        some_activities(),
        some_activities(),
    );
    let when = 0..90 * DAY;
    (what, when, select(vec!["sing", "merse"])).prop_map(
        |((learner, act, object, parents, groupings), second, space)| Happening {
            number: 0,
            learner,
            act,
            object,
            parents,
            groupings,
            at: Timestamp::from_second(BEGINNING + second).unwrap(),
            space,
        },
    )
}

fn day() -> impl Strategy<Value = Date> {
    (0..100_i32).prop_map(|days| {
        let day = date(2024, 12, 28);
        day.saturating_add(jiff::Span::new().days(days))
    })
}

fn row() -> impl Strategy<Value = Row> {
    let one = |kind, id: String, field: &str, value: Option<&str>, from, to| Row {
        entity: Entity::new(kind, id),
        field: field.to_owned(),
        value: value.map(str::to_owned),
        valid_from: from,
        valid_to: to,
    };
    let iri = || select(ACTIVITIES.to_vec());
    let from = || proptest::option::of(day());
    let organisations = select(vec!["NO-123456785", "NO-100000016", "SE-402000-0008"]);
    let kinds = select(vec![
        Some("training-scheme"),
        Some("training-scheme"),
        Some("joint-action"),
        None,
    ]);
    let projects = select(vec![
        ("project:sing", Some("yes")),
        ("project:sing", None),
        ("project:merse", Some("yes")),
    ]);
    prop_oneof![
        3 => (iri(), organisations, from()).prop_map(move |(iri, organisation, from)| {
            one(EntityKind::Activity, iri.to_owned(), &format!("organiser:{organisation}"), Some("yes"), from, None)
        }),
        2 => (iri(), kinds).prop_map(move |(iri, kind)| {
            one(EntityKind::Activity, iri.to_owned(), "kind", kind, None, None)
        }),
        2 => (iri(), projects).prop_map(move |(iri, (field, value))| {
            one(EntityKind::Activity, iri.to_owned(), field, value, None, None)
        }),
        2 => (1..6_u64, select(vec![Some("p-1"), Some("p-2"), None]), from(), from()).prop_map(
            move |(learner, person, from, to)| {
                let id = format!("mbox:mailto:learner-{learner}@example.org");
                one(EntityKind::Identifier, id, "person", person, from, to)
            }
        ),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => happening().prop_map(Event::Statement),
        1 => (1..40_u64).prop_map(Event::Void),
        2 => vec(row(), 1..4).prop_map(Event::Rows),
    ]
}

/// Numbers statements by their place, so that an id does not tell when one arrived.
fn numbered(events: Vec<Event>) -> Vec<Event> {
    let number = |(n, event)| match event {
        Event::Statement(told) => Event::Statement(Happening { number: n, ..told }),
        other => other,
    };
    (1..).zip(events).map(number).collect()
}

fn scheme_rows() -> Event {
    let row = |iri: &str, field: &str, value: &str| Row {
        entity: Entity::new(EntityKind::Activity, iri),
        field: field.to_owned(),
        value: Some(value.to_owned()),
        valid_from: None,
        valid_to: None,
    };
    Event::Rows(vec![
        row(A, "kind", "training-scheme"),
        row(A, "project:sing", "yes"),
        row(A, "organiser:NO-123456785", "yes"),
        row(B, "kind", "training-scheme"),
        row(B, "organiser:SE-402000-0008", "yes"),
        Row {
            entity: Entity::new(EntityKind::Project, "sing"),
            field: "end".to_owned(),
            value: Some(END.to_string()),
            valid_from: None,
            valid_to: None,
        },
    ])
}

async fn play(world: &World, event: &Event, void_number: u64) -> Stored {
    match event {
        Event::Rows(rows) => world.rows(rows.clone()).await,
        Event::Statement(happening) => {
            let Happening {
                number,
                learner,
                act,
                object,
                at,
                space,
                ..
            } = happening;
            let told = told(*number, *learner, *act, object, &at.to_string())
                .below("parent", &happening.parents)
                .below("grouping", &happening.groupings)
                .in_space(space);
            world.append(told.build()).await
        }
        Event::Void(target) => {
            let body = json!({
                "actor": agent(99),
                "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
                "object": { "objectType": "StatementRef", "id": Draft::id(*target).to_string() },
            });
            let draft = Draft::new(void_number).voids(*target);
            world
                .append(draft.with(|s| s.body = body.to_string()).build())
                .await
        }
    }
}

async fn history(world: &World, events: Vec<Event>) -> Vec<(Stored, Event)> {
    let mut history = Vec::new();
    for (n, event) in (1_000..).zip(events) {
        let stored = play(world, &event, n).await;
        history.push((stored, event));
    }
    history
}

/// Returns the keys, with the persons whom no register row explains by number: their ids are random.
async fn keys(world: &World, value: &IndicatorValue) -> Keys {
    let mut unresolved_ids = BTreeMap::new();
    for learner in 1..6 {
        if let Some(id) = world.unresolved(learner).await {
            unresolved_ids.insert(id, unresolved(learner));
        }
    }
    let number =
        |id: varde_xapi::StatementId| (1..2_000).find(|number| Draft::id(*number) == id).unwrap();
    let keys = value.keys.iter();
    keys.map(|key| {
        let person = key.person.as_ref().unwrap();
        let person = unresolved_ids.get(person).unwrap_or(person);
        let case = (key.unit.clone().unwrap(), person.clone());
        (case, (key.day, number(key.statements[0])))
    })
    .collect()
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

/// Voids only what stands in the voiding statement's own space: the others name no target.
fn without_foreign_voids(events: &[Event]) -> Vec<Event> {
    let own = |number: u64, events: &[Event]| {
        let mut statements = events.iter().filter_map(|event| match event {
            Event::Statement(told) => Some(told),
            _ => None,
        });
        statements.any(|told| told.number == number && told.space == "sing")
    };
    let keep = |event: &Event| !matches!(event, Event::Void(target) if !own(*target, events));
    events.iter().filter(|event| keep(event)).cloned().collect()
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_ledger_agrees_with_the_naive_reckoning_at_any_day_and_known_at(
        events in vec(event(), 1..40),
        asked in vec((day(), 0..41_usize), 6),
    ) {
        run(async {
            let mut all = vec![scheme_rows()];
            all.extend(without_foreign_voids(&numbered(events)));
            let world = World::new().await;
            let history = history(&world, all).await;
            for (as_of, place) in asked {
                let (known_at, _) = history[place.min(history.len() - 1)];
                let known = Known::at(&history, known_at);
                let report = world.report(as_of, Some(known_at)).await;
                let [rco85, rcr81] = &report.tables[0].indicators[..] else { panic!("two") };
                prop_assert_eq!(keys(&world, rco85).await, known.participations(as_of, END), "RCO85 {}", as_of);
                prop_assert_eq!(keys(&world, rcr81).await, known.completions(as_of, END), "RCR81 {}", as_of);
                prop_assert!(rcr81.value <= rco85.value);
                for cells in rco85.breakdowns.values() {
                    prop_assert_eq!(cells.values().copied().sum::<Amount>(), rco85.value);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_is_remembered_is_what_would_be_worked_out_anew(
        events in vec(event(), 1..20),
        days in vec(day(), 2),
        known in any::<bool>(),
    ) {
        run(async {
            let mut all = vec![scheme_rows()];
            all.extend(without_foreign_voids(&numbered(events)));
            let world = World::new().await;
            for (n, event) in (1_000..).zip(all) {
                let stored = play(&world, &event, n).await;
                for as_of in &days {
                    let query = IndicatorQuery {
                        project: None,
                        code: None,
                        as_of: *as_of,
                        known_at: known.then_some(stored),
                    };
                    let reader = caller(&[Scope::AllRead]);
                    let remembered = world.use_case().query(&reader, &query).await.unwrap();
                    let anew = world.fresh_use_case().query(&reader, &query).await.unwrap();
                    for (one, other) in remembered.tables.iter().zip(&anew.tables) {
                        prop_assert_eq!(&one.indicators, &other.indicators, "{:?}", &query);
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_series_says_what_each_of_its_days_is_answered_with(
        events in vec(event(), 1..30),
        as_of in day(),
    ) {
        run(async {
            let mut all = vec![scheme_rows()];
            all.extend(without_foreign_voids(&numbered(events)));
            let world = World::new().await;
            history(&world, all).await;
            let report = world.report(as_of, None).await;
            for value in &report.tables[0].indicators {
                let last = value.series.last().map_or(Amount::ZERO, |point| point.value);
                prop_assert_eq!(last, value.value);
                for point in &value.series {
                    let then = world.value(&value.code.to_string(), point.day).await;
                    prop_assert_eq!(then.value, point.value, "{} as of {}", &value.code, point.day);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn values_do_not_depend_on_the_order_of_arrival(
        (sent, shuffled) in vec(happening(), 1..25).prop_flat_map(|told| {
            let told = numbered(told.into_iter().map(Event::Statement).collect());
            (Just(told.clone()), Just(told).prop_shuffle())
        }),
        rows in vec(row(), 0..8),
        first in any::<bool>(),
    ) {
        run(async {
            let registers = [scheme_rows(), Event::Rows(rows)];
            let one = World::new().await;
            history(&one, registers.iter().cloned().chain(sent).collect()).await;
            let other = World::new().await;
            let after = if first { vec![] } else { registers.to_vec() };
            let before = if first { registers.to_vec() } else { vec![] };
            history(&other, before.into_iter().chain(shuffled).chain(after).collect()).await;
            for code in ["RCO85", "RCR81"] {
                let end = date(2025, 12, 31);
                let (first, second) = (one.value(code, end).await, other.value(code, end).await);
                prop_assert_eq!(keys(&one, &first).await, keys(&other, &second).await);
                prop_assert_eq!(first.breakdowns, second.breakdowns);
                prop_assert_eq!(first.excluded, second.excluded);
            }
            Ok(())
        })?;
    }
}
