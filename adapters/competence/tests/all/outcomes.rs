//! From statements to the table that is asked for.

use jiff::civil::date;
use serde_json::json;
use varde_competence::{OutcomeError, OutcomeQuery, Status};
use varde_core::Scope;

use crate::world::{ASSESSMENT, QUIZ, REFLECTION, Sent, World, id, is_person, is_unit_of};

fn query() -> OutcomeQuery {
    OutcomeQuery::as_of(date(2026, 6, 30))
}

#[tokio::test]
async fn an_outcome_names_level_rule_comparison_and_statement() {
    let world = World::with(&[QUIZ]).await;
    world.import(vec![is_person(1, "p-001")]).await;
    let stored = world
        .send(&Sent::quiz(1, 1, "0.72", "2026-03-01T10:00:00Z"))
        .await;
    let table = world.table(query()).await;
    assert_eq!(table.known_at, table.complete_through);
    assert!(table.complete_through >= Some(stored));
    let [outcome] = table.outcomes.as_slice() else {
        panic!("one outcome, found {:?}", table.outcomes);
    };
    assert_eq!(outcome.person, "p-001");
    assert_eq!(
        (outcome.level, outcome.level_name.as_deref()),
        (3, Some("Experiment"))
    );
    assert_eq!(outcome.status, Status::Current);
    assert_eq!(outcome.rule, "sing/planning-quiz@1");
    assert_eq!(outcome.comparison, "0.72 is at least 0.60");
    assert_eq!(outcome.statements, [id(1)]);
    assert_eq!(
        (outcome.day, outcome.expires),
        (date(2026, 3, 1), Some(date(2029, 3, 1)))
    );
}

#[tokio::test]
async fn a_worse_later_attempt_takes_nothing_away_and_the_earliest_of_equals_decides() {
    let world = World::with(&[QUIZ]).await;
    world.import(vec![is_person(1, "p-001")]).await;
    for (number, scaled, at) in [
        (4, "0.85", "2026-02-04T10:00:00Z"),
        (1, "0.30", "2026-02-01T10:00:00Z"),
        (3, "0.95", "2026-02-06T10:00:00Z"),
        (2, "0.10", "2026-02-07T10:00:00Z"),
    ] {
        world.send(&Sent::quiz(number, 1, scaled, at)).await;
    }
    assert_eq!(world.levels(date(2026, 1, 31)).await, Vec::<String>::new());
    assert_eq!(world.levels(date(2026, 2, 3)).await, ["p-001 1 Current"]);
    assert_eq!(world.levels(date(2026, 2, 7)).await, ["p-001 4 Current"]);
    assert_eq!(world.as_of(date(2026, 2, 7)).await[0].statements, [id(4)]);
}

#[tokio::test]
async fn evidence_lapses_on_the_day_on_which_its_time_ends() {
    let world = World::with(&[QUIZ]).await;
    world.import(vec![is_person(1, "p-001")]).await;
    world
        .send(&Sent::quiz(1, 1, "0.85", "2023-01-10T10:00:00Z"))
        .await;
    world
        .send(&Sent::quiz(2, 1, "0.50", "2024-01-10T10:00:00Z"))
        .await;
    for (day, expected) in [
        (date(2026, 1, 9), "p-001 4 Current"),
        (date(2026, 1, 10), "p-001 2 Current"),
        (date(2027, 1, 9), "p-001 2 Current"),
        (date(2027, 1, 10), "p-001 2 Lapsed"),
    ] {
        assert_eq!(world.levels(day).await, [expected], "{day}");
    }
}

#[tokio::test]
async fn bases_never_mix_and_rules_of_one_basis_give_the_higher_level() {
    let own = QUIZ
        .replace("sing/planning-quiz", "sing/own-view")
        .replace("assessed", "self");
    let strict = QUIZ
        .replace("sing/planning-quiz", "sing/strict-quiz")
        .replace("min: 0.60", "min: 0.75");
    let world = World::with(&[QUIZ, &own, &strict]).await;
    world.import(vec![is_person(1, "p-001")]).await;
    world
        .send(&Sent::quiz(1, 1, "0.72", "2026-02-01T10:00:00Z"))
        .await;
    let outcomes = world.as_of(date(2026, 6, 30)).await;
    let short: Vec<_> = outcomes
        .iter()
        .map(|o| (o.basis.name(), o.level, o.rule.as_str()))
        .collect();
    assert_eq!(
        short,
        [
            ("assessed", 3, "sing/planning-quiz@1"),
            ("self", 3, "sing/own-view@1")
        ]
    );
}

#[tokio::test]
async fn the_past_stays_readable_through_voiding_and_merging() {
    let world = World::with(&[QUIZ]).await;
    let first = world
        .send(&Sent::quiz(1, 1, "0.85", "2026-02-01T10:00:00Z"))
        .await;
    let second = world
        .send(&Sent::quiz(2, 2, "0.45", "2026-02-02T10:00:00Z"))
        .await;
    let apart = world.levels(date(2026, 6, 30)).await;
    assert_eq!(
        apart.len(),
        2,
        "two identifiers that nobody explains: {apart:?}"
    );
    let merged = world
        .import(vec![is_person(1, "p-001"), is_person(2, "p-001")])
        .await;
    assert_eq!(world.levels(date(2026, 6, 30)).await, ["p-001 4 Current"]);
    world.send(&Sent::voiding(3, 1)).await;
    assert_eq!(world.levels(date(2026, 6, 30)).await, ["p-001 2 Current"]);
    for (known_at, expected) in [(first, 1), (second, 2), (merged, 1)] {
        let table = world
            .table(OutcomeQuery {
                known_at: Some(known_at),
                ..query()
            })
            .await;
        assert_eq!(table.known_at, Some(known_at));
        assert_eq!(table.outcomes.len(), expected);
        assert_eq!(table.outcomes.iter().map(|o| o.level).max(), Some(4));
    }
}

#[tokio::test]
async fn a_statement_from_the_future_is_not_evidence() {
    let world = World::with(&[QUIZ]).await;
    world
        .send(&Sent::quiz(1, 1, "0.85", "2026-03-01T12:06:00Z"))
        .await;
    assert_eq!(world.levels(date(2030, 1, 1)).await, Vec::<String>::new());
    world
        .send(&Sent::quiz(2, 1, "0.85", "2026-03-01T12:05:00Z"))
        .await;
    assert_eq!(world.levels(date(2026, 3, 1)).await.len(), 1);
}

#[tokio::test]
async fn a_replay_under_new_ids_changes_no_level() {
    let world = World::with(&[QUIZ]).await;
    world
        .send(&Sent::quiz(1, 1, "0.85", "2026-02-01T10:00:00Z"))
        .await;
    let before = world.as_of(date(2026, 6, 30)).await;
    world
        .send(&Sent::quiz(9, 1, "0.85", "2026-02-01T10:00:00Z"))
        .await;
    assert_eq!(world.as_of(date(2026, 6, 30)).await, before);
}

#[tokio::test]
async fn person_and_competence_narrow_the_table() {
    let world = World::with(&[QUIZ, ASSESSMENT, REFLECTION]).await;
    world
        .import(vec![is_person(1, "p-001"), is_person(2, "p-0011")])
        .await;
    let assessment = "https://lms.example.org/cmi5/opportunities/assessment";
    let passed = "http://adlnet.gov/expapi/verbs/passed";
    world
        .send(&Sent::quiz(1, 1, "0.85", "2026-02-01T10:00:00Z"))
        .await;
    world
        .send(&Sent::quiz(2, 2, "0.85", "2026-02-01T10:00:00Z"))
        .await;
    world
        .send(&Sent::new(3, 1, passed, assessment, "2026-02-02T10:00:00Z"))
        .await;
    let opportunities = "https://example.org/fw/entrecomp/1/spotting-opportunities";
    let person = Some("p-001".to_owned());
    for (person, competence, expected) in [
        (None, None, 3),
        (person.clone(), None, 2),
        (None, Some(opportunities), 1),
        (person.clone(), Some(opportunities), 1),
        (Some("p-00".to_owned()), None, 0),
        (person, Some("https://example.org/fw/entrecomp/1"), 0),
    ] {
        let competence = competence.map(str::to_owned);
        let asked = OutcomeQuery {
            person,
            competence,
            ..query()
        };
        assert_eq!(
            world.table(asked.clone()).await.outcomes.len(),
            expected,
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn only_a_caller_who_may_read_results_sees_those_of_its_projects() {
    let mut world = World::with(&[QUIZ]).await;
    world
        .send(&Sent::quiz(1, 1, "0.85", "2026-02-01T10:00:00Z"))
        .await;
    assert_eq!(world.as_of(date(2026, 6, 30)).await.len(), 1);
    world.caller.projects = ["merse".parse().unwrap()].into();
    assert_eq!(world.as_of(date(2026, 6, 30)).await.len(), 0);
    world.caller.scopes = vec![Scope::StatementsRead];
    let refused = world.query(query()).await;
    assert!(
        matches!(refused, Err(OutcomeError::Forbidden(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn without_a_rule_the_table_is_empty_and_says_nothing_of_completeness() {
    let world = World::with(&[]).await;
    let table = world.table(query()).await;
    assert_eq!((table.known_at, table.complete_through), (None, None));
    assert!(table.outcomes.is_empty());
}

#[tokio::test]
async fn the_table_is_written_as_json_and_csv() {
    let named = QUIZ.replace("name: Experiment", "name: \"=cmd, \\\"x\\\"\"");
    let world = World::with(&[&named]).await;
    world.import(vec![is_person(1, "p-001")]).await;
    world
        .send(&Sent::quiz(1, 1, "0.72", "2026-02-01T10:00:00Z"))
        .await;
    let table = world.table(query()).await;
    let outcome = &table.outcomes[0];

    let json = serde_json::to_value(&table).unwrap();
    assert_eq!(json["as_of"], "2026-06-30");
    assert_eq!(json["outcomes"][0]["status"], "current");
    assert_eq!(
        json["outcomes"][0]["statements"],
        json!([id(1).to_string()])
    );
    assert_eq!(
        json["outcomes"][0]["definition"],
        outcome.definition.to_string()
    );

    let mut csv = Vec::new();
    table.write_csv(&mut csv).unwrap();
    let instant = table.known_at.unwrap();
    let expected = format!(
        "person,competence,basis,level,level_name,status,phase,rule,comparison,statements,carried,day,expires,closed,schemes,pre,post,gain,definition,as_of,known_at,complete_through\r\n\
         p-001,https://example.org/fw/entrecomp/1/planning-management,assessed,3,\"'=cmd, \"\"x\"\"\",current,post,sing/planning-quiz@1,0.72 is at least 0.60,{},,2026-02-01,2029-02-01,,-,-,3,-,{},2026-06-30,{instant},{instant}\r\n",
        id(1),
        outcome.definition,
    );
    assert_eq!(String::from_utf8(csv).unwrap(), expected);
}

#[tokio::test]
async fn an_outcome_belongs_to_the_projects_in_which_its_unit_is_registered() {
    let mut world = World::with(&[QUIZ]).await;
    world
        .send(&Sent::quiz(1, 1, "0.85", "2026-02-01T10:00:00Z"))
        .await;
    let seen = async |world: &World| world.as_of(date(2026, 6, 30)).await.len();
    assert_eq!(seen(&world).await, 1);
    let course = "https://lms.example.org/course/view.php?id=5";
    world.import(is_unit_of(course, "merse")).await;
    assert_eq!(seen(&world).await, 0, "now it is another project's");
    world.caller.projects = ["merse".parse().unwrap()].into();
    assert_eq!(seen(&world).await, 1);
}
