//! Random histories with fifty rules: what is carried along statement by statement, what is carried
//! again from the whole log into a store that has none of it, and what is worked out naively say the
//! same, on every store, as of any day and as known at any instant.
//!
//! Statements come late, again and under other ids, within the schemes of two projects, before and
//! after the learning; they are voided and erased, persons are named, merged, un-merged and erased,
//! and rules are replaced.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use jiff::Span;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};
use varde_competence::{Basis, CohortQuery, Dimension, OutcomeQuery, OutcomeTable, Post};
use varde_embedded::EmbeddedStore;
use varde_replica_set::Database;
use varde_test_support::TestClock;
use varde_xapi::Stored;

use crate::cohorts::each_by_itself;
use crate::history::{Act, Scale, acts, play};
use crate::meaning::{Meaning, Told, competence, fifty, scheme};
use crate::naive::{Gains, outcomes};
use crate::world::World;

/// Person, competence, level, status, gains. Who is in no register is told by a random id, which is
/// told apart by the answers only, so all of those are taken together as nobody.
type Answer = (String, String, u32, String, Gains);

/// Who is who, by the acts that were known.
#[derive(Default)]
struct People {
    names: HashMap<u32, u32>,
    merged: HashMap<u32, u32>,
    /// Persons whom the register names.
    known: HashSet<u32>,
    /// How often a learner was erased.
    erasures: HashMap<u32, usize>,
}

impl People {
    fn of(acts: &[Act]) -> Self {
        let mut people = Self::default();
        for act in acts {
            match act {
                Act::Names(learner, person) => {
                    people.names.insert(*learner, *person);
                    people.known.insert(*person);
                }
                // Only between persons of the register.
                Act::Merges(one, into) if [one, into].iter().all(|p| people.known.contains(p)) => {
                    people.merged.insert(*one, *into);
                }
                Act::Unmerges(one) => {
                    people.merged.remove(one);
                }
                Act::Erases(learner) => {
                    people.names.remove(learner);
                    people.known.remove(learner);
                    *people.erasures.entry(*learner).or_default() += 1;
                }
                _ => {}
            }
        }
        people
    }

    /// Returns the person behind a learner: by a number among persons, or among learners.
    fn person(&self, learner: u32) -> (bool, u32) {
        let Some(mut person) = self.names.get(&learner).copied() else {
            return (false, learner);
        };
        while let Some(into) = self.merged.get(&person) {
            person = *into;
        }
        (true, person)
    }
}

/// The answers by the acts that were known among all, worked out naively.
fn expected(rules: &[Meaning], acts: &[Act], number: usize, day: Date) -> Vec<Answer> {
    let known = &acts[..=number];
    let people = People::of(known);
    let voided: HashSet<u128> = known
        .iter()
        .filter_map(|act| match act {
            Act::Voids(target) => Some(*target),
            _ => None,
        })
        .collect();
    let mut by_person: BTreeMap<(String, bool, u32, usize), Vec<Told>> = BTreeMap::new();
    let mut erasures: HashMap<u32, usize> = HashMap::new();
    // Whoever is erased is nobody from then on, also in what was known before.
    let will: HashSet<u32> = acts[number + 1..]
        .iter()
        .filter_map(|act| match act {
            Act::Erases(learner) => Some(*learner),
            _ => None,
        })
        .collect();
    for act in known {
        match act {
            Act::Erases(learner) => *erasures.entry(*learner).or_default() += 1,
            Act::Tells(told) if !voided.contains(&told.number) => {
                let learner = told.learner;
                let before = erasures.get(&learner).copied().unwrap_or_default();
                let erased = before < people.erasures.get(&learner).copied().unwrap_or_default();
                let (is_named, person) = if erased {
                    (false, learner)
                } else {
                    people.person(learner)
                };
                let shown = if is_named && !will.contains(&learner) {
                    format!("p-{person}")
                } else {
                    String::new()
                };
                let key = (shown, is_named, person, before);
                by_person.entry(key).or_default().push(told.clone());
            }
            _ => {}
        }
    }
    let mut answers = Vec::new();
    for ((person, ..), mut statements) in by_person {
        statements.sort_by_key(|told| (told.at, told.number));
        for (competence, (level, status, gains)) in outcomes(rules, &statements, day) {
            answers.push((person.clone(), competence, level, status.to_owned(), gains));
        }
    }
    answers.sort();
    answers
}

fn told(table: OutcomeTable) -> Vec<Answer> {
    let schemes = [scheme(0), scheme(1)];
    let number = |name: &String| {
        let place = schemes.iter().position(|scheme| scheme == name);
        u32::try_from(place.expect("one of the schemes")).expect("a small number")
    };
    let outcomes = table.outcomes.into_iter();
    let told = outcomes.map(|outcome| {
        let is_named = outcome.person.starts_with("p-");
        let gains = outcome.gains.iter().map(|gain| {
            let [pre, post] = [&gain.pre, &gain.post].map(|at| at.as_ref().map(|at| at.level));
            let less = pre
                .zip(post)
                .map(|(pre, post)| i64::from(post) - i64::from(pre));
            assert_eq!(gain.gain, less);
            (gain.scheme.as_ref().map(number), pre, post)
        });
        let gains = gains.collect();
        let person = if is_named {
            outcome.person
        } else {
            String::new()
        };
        let status = outcome.status.name().to_owned();
        (person, outcome.competence, outcome.level, status, gains)
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

fn query(day: Date, known_at: Stored) -> OutcomeQuery {
    OutcomeQuery {
        known_at: Some(known_at),
        ..OutcomeQuery::as_of(day)
    }
}

async fn check(
    mut world: World,
    acts: &[Act],
    asked: &[(i32, prop::sample::Index)],
    step_each: usize,
) {
    if acts.is_empty() {
        return;
    }
    let rules = fifty();
    let files: Vec<String> = rules.iter().map(Meaning::file).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    world.install(&files).await;
    world.has_two_projects().await;
    let (known, rules) = play(&world, rules, acts, step_each, async |_| {}).await;
    if acts.len() >= 10_000 {
        let head = world.log.head().await.expect("the store answers");
        assert!(head.0 >= 10_000, "{} events", head.0);
    }
    let again = world.again(&rules).await;
    for (day, index) in asked {
        let day = the_day(*day);
        let number = index.index(acts.len());
        let naive = expected(&rules, acts, number, day);
        let found = told(world.table(query(day, known[number])).await);
        assert_eq!(found, naive, "along, {day}, known after act {number}");
        let found = again.query(&world.caller, query(day, known[number])).await;
        let found = told(found.expect("the caller may read"));
        assert_eq!(found, naive, "again, {day}, known after act {number}");
    }
    // Whoever is in a cohort is found there without a look at everybody.
    let (day, index) = &asked[0];
    let known_at = known[index.index(acts.len())];
    each_by_itself(&world, &cohorts(the_day(*day), Some(known_at))).await;
}

fn the_day(number: i32) -> Date {
    let day = date(2025, 1, 1).checked_add(Span::new().days(number));
    day.expect("a day")
}

fn cohorts(as_of: Date, known_at: Option<Stored>) -> CohortQuery {
    CohortQuery {
        project: "sing".parse().expect("a code"),
        competence: competence(1),
        basis: Basis::Assessed,
        by: Dimension::Scheme,
        as_of,
        known_at,
        post: Post::Best,
        target: Some(2),
        against: None,
        cohort: None,
    }
}

/// Asks after every act, as known then, after the first act and at another instant before, and compares with a use case that remembers nothing.
async fn ask_again_and_again(acts: &[Act], (day, before): (i32, prop::sample::Index)) {
    let mut world = World::with(&[]).await;
    let rules: Vec<_> = fifty().into_iter().step_by(5).collect();
    let files: Vec<String> = rules.iter().map(Meaning::file).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    world.install(&files).await;
    world.has_two_projects().await;
    let day = the_day(day);
    let look = async |known: &[Stored]| {
        let before = known[before.index(known.len())];
        for known_at in [None, known.first().copied(), Some(before)] {
            let asked = OutcomeQuery {
                known_at,
                ..OutcomeQuery::as_of(day)
            };
            let anew = world.anew().query(&world.caller, asked.clone()).await;
            let remembered = world.outcomes.query(&world.caller, asked).await;
            assert_eq!(remembered.expect("it may"), anew.expect("it may"));
            let asked = cohorts(day, known_at);
            let anew = world.anew().cohorts(&world.caller, &asked).await;
            let remembered = world.outcomes.cohorts(&world.caller, &asked).await;
            assert_eq!(remembered.expect("it may"), anew.expect("it may"));
        }
    };
    play(&world, rules, acts, 3, look).await;
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Opens an embedded store in a folder that is gone afterwards. What is asked is what is concluded,
/// not what survives: where files can be in memory, no disk is waited for.
async fn on_embedded(acts: &[Act], asked: &[(i32, prop::sample::Index)], step_each: usize) {
    let in_memory = Path::new("/dev/shm");
    let folder = if in_memory.is_dir() {
        tempfile::tempdir_in(in_memory)
    } else {
        tempfile::tempdir()
    };
    let folder = folder.expect("a folder");
    let clock = Arc::new(TestClock::default());
    let store = EmbeddedStore::open(folder.path(), clock.clone()).expect("a store");
    let store = Arc::new(store);
    let world = World::on(&store, clock, &[]).await;
    check(world, acts, asked, step_each).await;
    store.close().await.expect("the store closes");
}

fn on_mongodb(acts: &[Act], asked: &[(i32, prop::sample::Index)], step_each: usize) {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = Arc::new(database.open(&clock));
    runtime().block_on(async {
        let world = World::on(&store, clock, &[]).await;
        check(world, acts, asked, step_each).await;
        store.close().await;
    });
}

fn asked(times: usize) -> impl Strategy<Value = Vec<(i32, prop::sample::Index)>> {
    prop::collection::vec((0..420_i32, any::<prop::sample::Index>()), times)
}

const SHORT: Scale = Scale {
    learners: 3,
    erasable: 2,
    names: 4,
    merged: 8,
    replaced: 2,
    erased: 3,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn fifty_rules_say_what_they_mean_in_memory(
        acts in acts(SHORT, 1..90, 50),
        asked in asked(6),
    ) {
        runtime().block_on(async {
            check(World::with(&[]).await, &acts, &asked, 3).await;
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_is_remembered_is_what_would_be_read_anew(
        acts in acts(SHORT, 1..50, 10),
        asked in (0..420_i32, any::<prop::sample::Index>()),
    ) {
        runtime().block_on(ask_again_and_again(&acts, asked));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn fifty_rules_say_what_they_mean_on_the_embedded_store(
        acts in acts(SHORT, 1..90, 50),
        asked in asked(6),
    ) {
        runtime().block_on(on_embedded(&acts, &asked, 3));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    #[test]
    fn fifty_rules_say_what_they_mean_on_mongodb(
        acts in acts(SHORT, 1..60, 50),
        asked in asked(4),
    ) {
        on_mongodb(&acts, &asked, 3);
    }
}

/// How many acts it takes for 10,000 events: some store nothing.
const LONG_ACTS: usize = 11_500;

const LONG: Scale = Scale {
    learners: 300,
    erasable: 100,
    names: 1,
    merged: 40,
    replaced: 4,
    erased: 12,
};

proptest! {
    // `PROPTEST_CASES=5120` runs twenty of each. A long history is not shrunk: the short ones above
    // find the small cases.
    #![proptest_config(ProptestConfig {
        cases: (ProptestConfig::default().cases / 256).max(1),
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn long_histories_in_memory(
        acts in acts(LONG, LONG_ACTS..LONG_ACTS + 1, 50),
        asked in asked(3),
    ) {
        runtime().block_on(async {
            check(World::with(&[]).await, &acts, &asked, 700).await;
        });
    }

    #[test]
    fn long_histories_on_the_embedded_store(
        acts in acts(LONG, LONG_ACTS..LONG_ACTS + 1, 50),
        asked in asked(3),
    ) {
        runtime().block_on(on_embedded(&acts, &asked, 700));
    }
}
