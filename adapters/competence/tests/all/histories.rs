//! Random histories with fifty rules: what is carried along statement by statement, what is filled
//! from the whole log afterwards, and what is worked out naively say the same, on every store, as of
//! any day and as known at any instant.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, date};
use jiff::{Span, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};
use varde_competence::OutcomeQuery;
use varde_embedded::EmbeddedStore;
use varde_test_support::TestClock;
use varde_xapi::Stored;

use crate::naive::{Deed, Meaning, Told, activity, competence, fifty, outcomes};
use crate::world::{Sent, World, is_person};

/// One thing that becomes known.
#[derive(Debug, Clone)]
enum Act {
    Tells(Told),
    /// Voids the statement of this number, sent or not.
    Voids(u128),
    /// The register says that a learner is this person.
    Names(u32, u32),
}

const LEARNERS: u32 = 3;
const PERSONS: u32 = 2;

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0..=100_u32).prop_map(Deed::Scored),
        1 => Just(Deed::Passed),
        1 => Just(Deed::Failed),
        2 => Just(Deed::Completed),
        1 => Just(Deed::Uncompleted),
        4 => (1..200_u32).prop_map(Deed::Attended),
        2 => (0..6_u32).prop_map(Deed::Asserted),
        1 => prop_oneof![Just(Deed::Revoked), Just(Deed::Forfeited), Just(Deed::Expired)],
    ]
}

/// A statement of some day of 2025; several of one day happen in the order of their minutes.
fn told() -> impl Strategy<Value = Told> {
    let when = (0..300_i64, 0..5_i64);
    (
        1..=LEARNERS,
        deed(),
        0..7_u32,
        when,
        prop::option::weighted(0.2, 1..90_i32),
    )
        .prop_map(|(learner, deed, object, (day, minute), holds)| {
            let begin: Timestamp = "2025-01-01T10:00:00Z".parse().expect("an instant");
            let after = Span::new().hours(24 * day).minutes(minute);
            let closes = matches!(deed, Deed::Revoked | Deed::Forfeited | Deed::Expired);
            Told {
                number: 0,
                learner,
                deed,
                object: if closes { object } else { object % 4 },
                at: begin.checked_add(after).expect("an instant"),
                holds,
            }
        })
}

fn acts(number: usize) -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        12 => told().prop_map(Act::Tells),
        2 => (1..=number as u128).prop_map(Act::Voids),
        1 => (1..=LEARNERS, 1..=PERSONS).prop_map(|(learner, person)| Act::Names(learner, person)),
    ];
    prop::collection::vec(act, 1..number).prop_map(|acts| {
        let number = |(act, number): (Act, u128)| match act {
            Act::Tells(told) => Act::Tells(Told { number, ..told }),
            act => act,
        };
        acts.into_iter().zip(1..).map(number).collect()
    })
}

fn sent(told: &Told) -> Sent {
    let tla = |verb: &str| format!("https://w3id.org/xapi/tla/verbs/{verb}");
    let adl = |verb: &str| format!("http://adlnet.gov/expapi/verbs/{verb}");
    let score = |key: &str, value: serde_json::Value| json!({"score": { key: value }});
    let (verb, result) = match told.deed {
        Deed::Scored(hundredths) => {
            let scaled = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let scaled = serde_json::from_str(&scaled).expect("a number");
            (adl("scored"), score("scaled", scaled))
        }
        Deed::Passed => (adl("passed"), json!({})),
        Deed::Failed => (adl("failed"), json!({})),
        Deed::Completed => (adl("completed"), json!({})),
        Deed::Uncompleted => (
            "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted".to_owned(),
            json!({}),
        ),
        Deed::Attended(minutes) => (
            adl("attended"),
            json!({"duration": format!("PT{}H{}M", minutes / 60, minutes % 60)}),
        ),
        Deed::Asserted(level) => (tla("asserted"), score("raw", json!(level))),
        Deed::Revoked => (tla("revoked"), json!({})),
        Deed::Forfeited => (tla("forfeited"), json!({})),
        Deed::Expired => (tla("expired"), json!({})),
    };
    let closes = matches!(told.deed, Deed::Revoked | Deed::Forfeited | Deed::Expired);
    let object = if closes {
        competence(told.object)
    } else {
        activity(told.object)
    };
    let at = told.at.to_string();
    let mut sent = Sent::new(told.number, told.learner, &verb, &object, &at).with("result", result);
    if let Some(days) = told.holds {
        let end = told.at.checked_add(Span::new().hours(24 * i64::from(days)));
        let end = end.expect("an instant").to_string();
        let expires = "https://w3id.org/xapi/comp/contextextensions/expires";
        sent = sent.with("context", json!({"extensions": { expires: end }}));
    }
    sent
}

/// Plays a history and returns when each act became known.
async fn play(world: &World, acts: &[Act], steps: bool) -> Vec<Stored> {
    let mut known = Vec::new();
    for (turn, act) in acts.iter().enumerate() {
        known.push(match act {
            Act::Tells(told) => world.send(&sent(told)).await,
            Act::Voids(target) => {
                world
                    .send(&Sent::voiding(10_000 + turn as u128, *target))
                    .await
            }
            Act::Names(learner, person) => {
                world
                    .import_any(vec![is_person(*learner, &format!("p-{person}"))])
                    .await
            }
        });
        if steps && turn % 3 == 0 {
            world.step().await;
        }
    }
    known
}

/// Level and status by person and competence.
type Answers = BTreeMap<(String, String), (u32, &'static str)>;

/// The answers by the acts that were known, worked out naively.
fn expected(rules: &[Meaning], acts: &[Act], day: Date) -> Answers {
    let mut persons = BTreeMap::new();
    let mut voided = Vec::new();
    for act in acts {
        match act {
            Act::Names(learner, person) => {
                persons.insert(*learner, *person);
            }
            Act::Voids(target) => voided.push(*target),
            Act::Tells(_) => {}
        }
    }
    let mut by_person: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    for act in acts {
        let Act::Tells(told) = act else { continue };
        if voided.contains(&told.number) {
            continue;
        }
        let person = match persons.get(&told.learner) {
            Some(person) => format!("p-{person}"),
            None => format!("learner-{}", told.learner),
        };
        by_person.entry(person).or_default().push(told.clone());
    }
    let mut answers = Answers::new();
    for (person, mut statements) in by_person {
        statements.sort_by_key(|told| (told.at, told.number));
        for (competence, outcome) in outcomes(rules, &statements, day) {
            answers.insert((person.clone(), competence), outcome);
        }
    }
    answers
}

/// The answers of a store. Who is in no register is told by a random id, which is told apart by the
/// answers only, so all of those are taken together.
async fn answers(world: &World, day: Date, known_at: Stored) -> Vec<(String, String, u32, String)> {
    let query = OutcomeQuery {
        known_at: Some(known_at),
        ..OutcomeQuery::as_of(day)
    };
    let table = world.table(query).await;
    let outcomes = table.outcomes.into_iter();
    let told = outcomes.map(|o| {
        let person = if o.person.starts_with("p-") {
            o.person
        } else {
            String::new()
        };
        (person, o.competence, o.level, o.status.name().to_owned())
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

async fn check(
    (along, afterwards): (World, World),
    acts: &[Act],
    asked: &[(i32, prop::sample::Index)],
) {
    let rules = fifty();
    let files: Vec<String> = rules.iter().map(Meaning::file).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    along.install(&files).await;
    let known = play(&along, acts, true).await;
    let known_afterwards = play(&afterwards, acts, false).await;
    afterwards.install(&files).await;
    for (day, index) in asked {
        let day = date(2025, 1, 1)
            .checked_add(Span::new().days(*day))
            .expect("a day");
        let number = index.index(acts.len());
        let expected = expected(&rules, &acts[..=number], day);
        let mut naive: Vec<_> = expected
            .into_iter()
            .map(|((person, competence), (level, status))| {
                let person = if person.starts_with("p-") {
                    person
                } else {
                    String::new()
                };
                (person, competence, level, status.to_owned())
            })
            .collect();
        naive.sort();
        let found = answers(&along, day, known[number]).await;
        assert_eq!(
            found, naive,
            "carried along, {day}, known after act {number}"
        );
        let found = answers(&afterwards, day, known_afterwards[number]).await;
        assert_eq!(
            found, naive,
            "filled afterwards, {day}, known after act {number}"
        );
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn asked() -> impl Strategy<Value = Vec<(i32, prop::sample::Index)>> {
    prop::collection::vec((0..420_i32, any::<prop::sample::Index>()), 6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn fifty_rules_say_what_they_mean_in_memory(acts in acts(60), asked in asked()) {
        runtime().block_on(async {
            let worlds = (World::with(&[]).await, World::with(&[]).await);
            check(worlds, &acts, &asked).await;
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn fifty_rules_say_what_they_mean_on_the_embedded_store(acts in acts(60), asked in asked()) {
        runtime().block_on(async {
            let folders = [tempfile::tempdir(), tempfile::tempdir()];
            let mut worlds = Vec::new();
            let mut stores = Vec::new();
            for folder in &folders {
                let folder = folder.as_ref().expect("a folder");
                let clock = Arc::new(TestClock::default());
                let store = EmbeddedStore::open(folder.path(), clock.clone()).expect("a store");
                let ports = (Arc::new(store.clone()) as _, Arc::new(store.clone()) as _);
                worlds.push(World::on(ports, clock, &[]).await);
                stores.push(store);
            }
            let [along, afterwards] = <[World; 2]>::try_from(worlds).expect("two worlds");
            check((along, afterwards), &acts, &asked).await;
            for store in stores {
                store.close().await.expect("the store closes");
            }
        });
    }
}
