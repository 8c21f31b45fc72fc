//! `measure: count`: how many distinct units match, inside a window.

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;
use tokio::runtime::Builder;
use varde_competence::{Finding, Verdict};

use crate::findings::findings;
use crate::world::{Sent, World, id, is_person, is_unit_of};

/// Two workshops within ten days show level 1, three show level 2.
const WORKSHOPS: &str = "\
rule: sing/workshops
version: 1
competence: https://example.org/fw/entrecomp/1/working-with-others
basis: observed
match:
  class: [attended]
measure: count
count: {min: 2, distinct: object}
window: P10D
levels: [{min: 2, level: 1}, {min: 3, level: 2}]
";

/// A learner's attendance at a workshop on a day of February.
fn attended(number: u128, learner: u32, workshop: u32, day: u32) -> Sent {
    Sent::new(
        number,
        learner,
        "http://adlnet.gov/expapi/verbs/attended",
        &format!("https://lms.example.org/workshop/{workshop}"),
        &format!("2026-02-{day:02}T10:00:00Z"),
    )
}

fn level(finding: &Finding) -> Option<u32> {
    match finding.verdict {
        Verdict::Evidence { level, .. } => Some(level),
        Verdict::NearMiss => None,
    }
}

fn told(rule: &str, sent: &[Sent]) -> Vec<(Option<u32>, String)> {
    let found = findings(rule, sent);
    let told = found.iter().map(|f| (level(f), f.comparison.to_string()));
    told.collect()
}

fn near_miss(words: &str) -> (Option<u32>, String) {
    (None, words.to_owned())
}

fn shows(level: u32, words: &str) -> (Option<u32>, String) {
    (Some(level), words.to_owned())
}

#[test]
fn a_unit_counts_once_and_leaves_when_the_window_has_passed() {
    let sent = [(1, 1), (1, 2), (2, 3), (3, 11), (4, 12), (5, 28)];
    let sent: Vec<_> = (1..)
        .zip(sent)
        .map(|(number, (workshop, day))| attended(number, 1, workshop, day))
        .collect();
    assert_eq!(
        told(WORKSHOPS, &sent),
        [
            near_miss("the count 1 is below 2"),
            near_miss("the count 1 is below 2"),
            shows(1, "the count 2 is at least 2"),
            shows(2, "the count 3 is at least 3"),
            // Workshop 1, last attended on the 2nd, is ten days back and out of the window.
            shows(2, "the count 3 is at least 3"),
            near_miss("the count 1 is below 2"),
        ]
    );
}

#[test]
fn statements_or_registrations_may_be_counted() {
    let twice = [attended(1, 1, 1, 1), attended(2, 1, 1, 2)];
    let statements = WORKSHOPS.replace("distinct: object", "distinct: statement");
    assert_eq!(
        told(&statements, &twice).last(),
        Some(&shows(1, "the count 2 is at least 2"))
    );
    let default = WORKSHOPS.replace(", distinct: object", "");
    assert_eq!(told(&default, &twice), told(&statements, &twice));

    let registrations = WORKSHOPS.replace("distinct: object", "distinct: registration");
    let in_registration = |sent: Sent, last: u8| {
        let registration = format!("5a4d0000-0000-4000-8000-0000000000{last:02}");
        sent.with("context", json!({"registration": registration}))
    };
    let sent = [
        in_registration(attended(1, 1, 1, 1), 1),
        in_registration(attended(2, 1, 2, 2), 1),
        attended(3, 1, 3, 3),
        in_registration(attended(4, 1, 1, 4), 2),
    ];
    assert_eq!(
        told(&registrations, &sent),
        [
            near_miss("the count 1 is below 2"),
            near_miss("the count 1 is below 2"),
            near_miss("the statement has no registration that could be counted"),
            shows(1, "the count 2 is at least 2"),
        ]
    );
}

#[tokio::test]
async fn the_deciding_statement_comes_first_and_voiding_one_takes_the_level_away() {
    let world = World::with(&[WORKSHOPS]).await;
    world.import(vec![is_person(1, "p-001")]).await;
    // The later one arrives first: the order of happening counts.
    world.send(&attended(2, 1, 2, 5)).await;
    world.send(&attended(1, 1, 1, 4)).await;
    let outcomes = world.as_of(date(2026, 2, 28)).await;
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].statements, [id(2), id(1)]);
    assert_eq!(outcomes[0].day, date(2026, 2, 5));
    assert!(world.as_of(date(2026, 2, 4)).await.is_empty());
    world.send(&Sent::voiding(3, 1)).await;
    assert!(world.as_of(date(2026, 2, 28)).await.is_empty());
}

/// Workshop and day of February of each attendance.
type Visits = Vec<(u32, u32)>;

/// The level by the end of February, counted anew for each visit: how many workshops were visited
/// in the ten days that end with it.
fn naive(visits: &Visits) -> Option<u32> {
    let on = |day: u32| {
        let inside = visits.iter().filter(|(_, d)| *d <= day && day < d + 10);
        let mut workshops: Vec<_> = inside.map(|(workshop, _)| *workshop).collect();
        workshops.sort_unstable();
        workshops.dedup();
        workshops.len()
    };
    match visits.iter().map(|(_, day)| on(*day)).max()? {
        0 | 1 => None,
        2 => Some(1),
        _ => Some(2),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_level_is_that_of_a_naive_count(
        visits in prop::collection::vec((1..=4_u32, 1..=28_u32), 1..12),
    ) {
        let runtime = Builder::new_current_thread().build().expect("a runtime");
        let found = runtime.block_on(async {
            let world = World::with(&[WORKSHOPS]).await;
            for (number, (workshop, day)) in (1..).zip(&visits) {
                world.send(&attended(number, 1, *workshop, *day)).await;
            }
            let outcomes = world.as_of(date(2026, 2, 28)).await;
            outcomes.first().map(|outcome| outcome.level)
        });
        prop_assert_eq!(found, naive(&visits));
    }
}

#[tokio::test]
async fn a_count_does_not_add_what_two_projects_did() {
    let mut world = World::with(&[WORKSHOPS]).await;
    let workshop = "https://lms.example.org/workshop/1";
    world.import(is_unit_of(workshop, "merse")).await;
    for (number, workshop) in [(1, 1), (2, 2), (3, 3)] {
        world.send(&attended(number, 1, workshop, 5)).await;
    }
    let outcomes = world.as_of(date(2026, 6, 30)).await;
    let statements: Vec<_> = outcomes.iter().map(|o| o.statements.clone()).collect();
    assert_eq!(statements, [vec![id(3), id(2)]]);
    world.caller.projects = ["merse".parse().unwrap()].into();
    assert_eq!(world.as_of(date(2026, 6, 30)).await, []);
}
