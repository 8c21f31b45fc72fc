//! Cohorts side by side, and what an evaluator is told of them.

use jiff::civil::date;
use serde_json::json;
use varde_competence::{
    Basis, Change, Cohort, CohortQuery, Dimension, DisclosedCohorts, DropOut, OutcomeError, Post,
    ShownCohorts,
};
use varde_core::Role;
use varde_core::registers::{Entity, EntityKind, Row};

use crate::gains::{after, before, world};
use crate::world::{Sent, World, is_person};

const SPRING: &str = "https://example.org/spring";
const AUTUMN: &str = "https://example.org/autumn";

fn query(by: Dimension) -> CohortQuery {
    CohortQuery {
        project: "sing".parse().unwrap(),
        competence: "https://example.org/fw/entrecomp/1/planning-management".to_owned(),
        basis: Basis::Assessed,
        by,
        as_of: date(2026, 2, 28),
        known_at: None,
        post: Post::Best,
        target: None,
        against: None,
        cohort: None,
    }
}

fn of_person(person: u32, field: &str, value: &str) -> Row {
    Row {
        entity: Entity::new(EntityKind::Person, format!("p-{person}")),
        field: field.to_owned(),
        value: Some(value.to_owned()),
        valid_from: None,
        valid_to: None,
    }
}

/// Persons 1 to 6: the first three are women of the spring, two of them paired; the others men of
/// the autumn.
async fn filled() -> World {
    let world = world().await;
    let mut rows = Vec::new();
    for person in 1..=6 {
        rows.push(is_person(person, &format!("p-{person}")));
        let gender = if person <= 3 { "female" } else { "male" };
        rows.push(of_person(person, "gender", gender));
    }
    world.import(rows).await;
    for sent in [
        before(1, 1, "0.25", 1, SPRING),
        after(2, 1, "0.85", 10, SPRING),
        before(3, 2, "0.25", 1, SPRING),
        after(4, 2, "0.45", 10, SPRING),
        before(5, 3, "0.45", 1, SPRING),
        before(6, 4, "0.65", 1, AUTUMN),
        after(7, 4, "0.65", 10, AUTUMN),
        before(8, 5, "0.25", 1, AUTUMN),
        after(9, 5, "0.65", 10, AUTUMN),
        after(10, 6, "0.10", 10, AUTUMN),
    ] {
        world.send(&sent).await;
    }
    world
}

async fn shown(world: &World, query: &CohortQuery) -> Vec<Cohort> {
    match world.cohorts(query).await.unwrap().shown {
        ShownCohorts::Cohorts(cohorts) => cohorts,
        ShownCohorts::Disclosed(tables) => panic!("all rows may be seen: {tables:?}"),
    }
}

#[tokio::test]
async fn a_cohort_tells_levels_pairs_and_who_left() {
    let world = filled().await;
    let query = CohortQuery {
        target: Some(3),
        against: Some(AUTUMN.to_owned()),
        ..query(Dimension::Scheme)
    };
    let cohorts = shown(&world, &query).await;
    let values: Vec<_> = cohorts.iter().map(|cohort| cohort.value.as_str()).collect();
    assert_eq!(values, [AUTUMN, SPRING]);
    let [autumn, spring] = cohorts.as_slice() else {
        panic!("two schemes");
    };
    assert_eq!((autumn.persons, spring.persons), (3, 3));
    assert_eq!(autumn.levels, [(0, 1), (3, 2)].into());
    assert_eq!(spring.levels, [(2, 2), (4, 1)].into());
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        spring.change,
        Change {
            paired: 2,
            pre_only: 1,
            post_only: 0,
            mean_pre: text("1"),
            mean_post: text("3"),
            mean: text("2"),
            median: text("2"),
            share_gained: text("1"),
            share_at_target: text("0.5"),
        }
    );
    assert_eq!(autumn.change.mean, text("1"));
    let difference = spring.difference.as_ref().unwrap();
    assert_eq!(difference.mean, text("1"));
    assert_eq!(difference.share_at_target, text("-0.5"));
    assert_eq!(autumn.difference, None);
    let drop_out = DropOut {
        began: 3,
        finished: 2,
        left: 0,
        under_way: 1,
    };
    assert_eq!(spring.drop_out, drop_out);
    let later = CohortQuery {
        as_of: date(2026, 7, 31),
        ..query
    };
    let drop_out = DropOut {
        left: 1,
        under_way: 0,
        ..drop_out
    };
    assert_eq!(shown(&world, &later).await[1].drop_out, drop_out);
}

#[tokio::test]
async fn cohorts_are_called_what_the_registers_call_them() {
    let world = filled().await;
    let college = "NO-100000016";
    let named = |kind, id: &str, field: &str, value: &str| Row {
        entity: Entity::new(kind, id),
        field: field.to_owned(),
        value: Some(value.to_owned()),
        valid_from: None,
        valid_to: None,
    };
    world
        .import(vec![
            named(EntityKind::Activity, SPRING, "title", "The spring"),
            named(EntityKind::Organisation, college, "name", "A college"),
            of_person(1, &format!("organisation:{college}"), "yes"),
        ])
        .await;
    let titles = async |by| world.cohorts(&query(by)).await.unwrap().titles;
    let called = |value: &str, title: &str| [(value.to_owned(), title.to_owned())].into();
    assert_eq!(
        titles(Dimension::Scheme).await,
        called(SPRING, "The spring")
    );
    assert_eq!(
        titles(Dimension::Organisation).await,
        called(college, "A college")
    );
    assert_eq!(titles(Dimension::Gender).await, [].into());
}

#[tokio::test]
async fn persons_are_sorted_by_what_the_registers_know_of_them() {
    let world = filled().await;
    let number = async |by| {
        let cohorts = shown(&world, &query(by)).await;
        let each = cohorts
            .into_iter()
            .map(|cohort| (cohort.value, cohort.persons));
        each.collect::<Vec<_>>()
    };
    let cohort = |value: &str, persons| (value.to_owned(), persons);
    assert_eq!(
        number(Dimension::Gender).await,
        [cohort("female", 3), cohort("male", 3)]
    );
    assert_eq!(number(Dimension::Nuts3).await, [cohort("unknown", 6)]);
    world
        .import(vec![
            of_person(1, "organisation:NO-100000016", "yes"),
            of_person(2, "organisation:NO-100000016", "yes"),
            of_person(2, "organisation:SE-402000-0008", "yes"),
        ])
        .await;
    assert_eq!(
        number(Dimension::Organisation).await,
        [
            cohort("NO-100000016", 1),
            cohort("several", 1),
            cohort("unknown", 4)
        ]
    );
}

/// Asks for each cohort by itself, with and without one to compare it with: what is told is what
/// the whole table tells, though only those who may be in it are read.
pub(crate) async fn each_by_itself(world: &World, query: &CohortQuery) -> usize {
    let whole = shown(world, query).await;
    let mut values: Vec<_> = whole.iter().map(|cohort| cohort.value.clone()).collect();
    values.push("nothing is of this value".to_owned());
    for value in &values {
        for against in [None, values.first().cloned()] {
            let one = CohortQuery {
                cohort: Some(value.clone()),
                against: against.clone(),
                ..query.clone()
            };
            let beside = CohortQuery {
                against: against.clone(),
                ..query.clone()
            };
            let mut expected = shown(world, &beside).await;
            expected.retain(|cohort| {
                let of = Some(&cohort.value);
                of == Some(value) || of == against.as_ref()
            });
            assert_eq!(shown(world, &one).await, expected, "{one:?}");
        }
    }
    whole.len()
}

#[tokio::test]
async fn a_cohort_by_itself_is_as_in_the_whole_table() {
    let world = filled().await;
    let before = world
        .import(vec![
            of_person(1, "organisation:NO-100000016", "yes"),
            of_person(2, "organisation:NO-100000016", "yes"),
            of_person(2, "organisation:SE-402000-0008", "yes"),
            of_person(3, "nuts3", "NO060"),
            of_person(4, "nuts3", "SE321"),
            of_person(4, "birth-year-band", "1980-1989"),
            of_person(5, "birth-year-band", "1990-1999"),
        ])
        .await;
    // One is merged into another of another cohort, one moves, one is in both schemes.
    world.registers.merge("p-1", "p-4", None).await.unwrap();
    world
        .import(vec![
            of_person(3, "nuts3", "SE321"),
            of_person(5, "gender", "female"),
        ])
        .await;
    world.send(&after(20, 2, "0.85", 12, AUTUMN)).await;
    world.send(&Sent::voiding(21, 9)).await;
    let mut cohorts = 0;
    for by in Dimension::EACH {
        for known_at in [None, Some(before)] {
            for as_of in [date(2026, 1, 5), date(2026, 2, 28), date(2026, 12, 31)] {
                let query = CohortQuery {
                    known_at,
                    as_of,
                    target: Some(2),
                    ..query(by)
                };
                cohorts += each_by_itself(&world, &query).await;
            }
        }
    }
    assert!(cohorts > 40, "{cohorts} cohorts were compared");
}

#[tokio::test]
async fn one_cohort_is_not_for_who_is_shown_whole_tables() {
    let mut world = filled().await;
    world.caller.role = Some(Role::Evaluator);
    let one = CohortQuery {
        cohort: Some("female".to_owned()),
        ..query(Dimension::Gender)
    };
    let refused = world.cohorts(&one).await;
    assert!(matches!(refused, Err(OutcomeError::WholeTables)));
}

#[tokio::test]
async fn an_evaluator_is_told_no_small_number_and_only_at_period_ends() {
    let mut world = filled().await;
    let project = |field: &str| Row {
        entity: Entity::new(EntityKind::Project, "sing"),
        field: field.to_owned(),
        value: Some("yes".to_owned()),
        valid_from: None,
        valid_to: None,
    };
    let ends = vec![project("period:2026-02-28"), project("period:2026-06-30")];
    world.import(ends).await;
    world.caller.role = Some(Role::Evaluator);
    let second = CohortQuery {
        as_of: date(2026, 6, 30),
        ..query(Dimension::Gender)
    };
    let refused = world.cohorts(&second).await;
    assert!(
        matches!(refused, Err(OutcomeError::NoPeriod { ref ends }) if *ends == [date(2026, 2, 28)]),
        "it has not passed: {refused:?}"
    );
    let told = async |query: &CohortQuery| match world.cohorts(query).await.unwrap().shown {
        ShownCohorts::Disclosed(tables) => tables,
        ShownCohorts::Cohorts(rows) => panic!("an evaluator is told {rows:?}"),
    };
    // What was stored after the period's end belongs to the next table.
    let DisclosedCohorts { persons, .. } = told(&query(Dimension::Gender)).await;
    assert_eq!(persons.total.map(|total| total.value), Some(0));
    world.pass_days(130).await;
    let tables = told(&second).await;
    let cells: Vec<_> = tables
        .persons
        .cells
        .values()
        .flatten()
        .map(|c| c.value)
        .collect();
    assert_eq!(cells, [3, 3]);
    assert_eq!(tables.levels.total.map(|total| total.value), Some(6));
    assert!(
        tables
            .levels
            .cells
            .values()
            .flatten()
            .all(|told| told.value != 1)
    );
    assert_eq!(tables.period_ends, [date(2026, 2, 28), date(2026, 6, 30)]);
    let change = tables.change.unwrap();
    assert_eq!((change.paired, change.mean.as_deref()), (4, Some("1.5")));
    let json = serde_json::to_value(&change).unwrap();
    assert_eq!(
        json,
        json!({"as_of": "2026-06-30", "paired": 4, "mean": "1.5"})
    );
}
