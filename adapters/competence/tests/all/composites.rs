//! Rules made of other rules.

use jiff::civil::date;
use serde_json::json;
use varde_competence::{EvidenceRule, OutcomeQuery, Status};
use varde_core::ledger::Adapter;

use crate::world::{Sent, World, definition, id, is_person};

/// A rule over scores of one quiz.
fn quiz(name: &str, competence: &str, more: &str) -> String {
    format!(
        "rule: sing/{name}\nversion: 1\ncompetence: https://example.org/{competence}\n\
         basis: assessed\nmatch: {{object: [https://lms.example.org/{name}]}}\nmeasure: score\n\
         levels: [{{min: 0.5, level: 1, name: One}}, {{min: 0.8, level: 2, name: Two}}]\n{more}"
    )
}

fn composite(name: &str, how: &str) -> String {
    format!(
        "rule: sing/{name}\nversion: 1\ncompetence: https://example.org/area\nbasis: assessed\n{how}"
    )
}

fn scored(number: u128, quiz: &str, scaled: f64, day: u32) -> Sent {
    Sent::new(
        number,
        1,
        "http://adlnet.gov/expapi/verbs/scored",
        &format!("https://lms.example.org/{quiz}"),
        &format!("2026-02-{day:02}T10:00:00Z"),
    )
    .with("result", json!({"score": {"scaled": scaled}}))
}

async fn world(rules: &[String]) -> World {
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    let world = World::with(&rules).await;
    world.import(vec![is_person(1, "p-001")]).await;
    world
}

/// The level and status of the area's outcome on days of February, `-` where there is none.
async fn area(world: &World, days: &[i8]) -> Vec<String> {
    let mut told = Vec::new();
    for day in days {
        let query = OutcomeQuery {
            competence: Some("https://example.org/area".to_owned()),
            ..OutcomeQuery::as_of(date(2026, 2, *day))
        };
        let outcomes = world.table(query).await.outcomes;
        assert!(outcomes.len() <= 1, "{outcomes:?}");
        let short = outcomes
            .first()
            .map(|o| format!("{} {:?}", o.level, o.status));
        told.push(short.unwrap_or_else(|| "-".to_owned()));
    }
    told
}

#[tokio::test]
async fn all_of_takes_every_rule_and_shows_the_level_that_all_of_them_reach() {
    let rules = [
        quiz("a", "a", ""),
        quiz("b", "b", ""),
        composite("area", "all_of: [sing/a, sing/b]\n"),
    ];
    let world = world(&rules).await;
    world.send(&scored(1, "a", 0.9, 1)).await;
    world.send(&scored(2, "b", 0.6, 3)).await;
    world.send(&scored(3, "b", 0.8, 5)).await;
    assert_eq!(
        area(&world, &[1, 2, 3, 4, 5]).await,
        ["-", "-", "1 Current", "1 Current", "2 Current"]
    );
    let outcomes = world.as_of(date(2026, 2, 28)).await;
    let outcome = outcomes.iter().find(|o| o.rule == "sing/area@1").unwrap();
    assert_eq!(outcome.statements, [id(1), id(3)]);
    assert_eq!(outcome.level_name.as_deref(), Some("Two"));
    assert_eq!(outcome.day, date(2026, 2, 5));
    assert_eq!(
        outcome.comparison,
        "2 of 2 rules are met, 2 are needed: sing/a@1 (level 2), sing/b@1 (level 2)"
    );
    // The late voiding of one takes the level of both.
    world.send(&Sent::voiding(9, 1)).await;
    assert_eq!(area(&world, &[28]).await, ["-"]);
}

#[tokio::test]
async fn at_least_so_many_of_any_show_a_level_of_their_own() {
    let how = "any_of: [sing/a, sing/b, sing/c]\nat_least: 2\nlevels: [{level: 5, name: Five}]\n";
    let rules = [
        quiz("a", "a", ""),
        quiz("b", "b", ""),
        quiz("c", "c", ""),
        composite("area", how),
    ];
    let world = world(&rules).await;
    world.send(&scored(1, "c", 0.5, 1)).await;
    world.send(&scored(2, "a", 0.4, 2)).await;
    world.send(&scored(3, "a", 0.5, 3)).await;
    assert_eq!(area(&world, &[2, 3]).await, ["-", "5 Current"]);
    let any = [quiz("a", "a", ""), composite("area", "any_of: [sing/a]\n")];
    let world = self::world(&any).await;
    world.send(&scored(1, "a", 0.9, 1)).await;
    assert_eq!(area(&world, &[1]).await, ["2 Current"]);
}

#[tokio::test]
async fn a_span_ends_with_the_rule_that_ends_and_begins_again_with_it() {
    let rules = [
        quiz("a", "a", "valid_for: P5D\n"),
        quiz("b", "b", ""),
        composite("area", "all_of: [sing/a, sing/b]\n"),
    ];
    let world = world(&rules).await;
    world.send(&scored(1, "a", 0.6, 1)).await;
    world.send(&scored(2, "b", 0.6, 2)).await;
    world.send(&scored(3, "a", 0.6, 10)).await;
    assert_eq!(
        area(&world, &[1, 2, 5, 6, 9, 10, 15]).await,
        [
            "-",
            "1 Current",
            "1 Current",
            "1 Lapsed",
            "1 Lapsed",
            "1 Current",
            "1 Lapsed"
        ]
    );
    let forfeited = "https://w3id.org/xapi/tla/verbs/forfeited";
    let lost = Sent::new(
        4,
        1,
        forfeited,
        "https://example.org/b",
        "2026-02-12T10:00:00Z",
    );
    world.send(&lost).await;
    assert_eq!(area(&world, &[11, 12]).await, ["1 Current", "1 Revoked"]);
}

#[tokio::test]
async fn rules_are_made_of_rules_that_are_made_of_rules_and_of_one_basis() {
    let rules = [
        quiz("a", "a", ""),
        quiz("b", "b", "").replace("assessed", "self"),
        composite("inner", "all_of: [sing/a]\n").replace("/area", "/inner-area"),
        composite("area", "any_of: [sing/inner]\n"),
    ];
    let world = world(&rules).await;
    world.send(&scored(1, "b", 0.9, 1)).await;
    assert_eq!(area(&world, &[1]).await, ["-"]);
    world.send(&scored(2, "a", 0.6, 2)).await;
    assert_eq!(area(&world, &[2]).await, ["1 Current"]);
    let outcomes = world.as_of(date(2026, 2, 28)).await;
    let competences: Vec<_> = outcomes.iter().map(|o| o.competence.as_str()).collect();
    let of = |name: &str| format!("https://example.org/{name}");
    assert_eq!(
        competences,
        [of("a"), of("area"), of("b"), of("inner-area")]
    );
    assert!(outcomes.iter().all(|o| o.status == Status::Current));
}

/// Says what is wrong with a rule beside others.
fn refused(rule: &str, others: &[String]) -> Vec<String> {
    let others: Vec<_> = others.iter().map(|other| definition(other)).collect();
    let faults = EvidenceRule.fits(&definition(rule), &others);
    let faults = faults.err().map_or_else(Vec::new, |faults| faults.0);
    let told = faults
        .iter()
        .map(|fault| format!("{}: {}", fault.path, fault.sentence));
    told.collect()
}

#[test]
fn a_rule_is_made_of_rules_that_are_there_of_its_basis_and_not_made_of_it() {
    let others = [
        quiz("a", "a", ""),
        quiz("b", "b", "").replace("assessed", "self"),
        composite("outer", "any_of: [sing/area]\n"),
    ];
    for (how, expected) in [
        ("all_of: [sing/a]", vec![]),
        (
            "all_of: [sing/a, sing/c]",
            vec![
                "all_of[1]: no rule `sing/c` is known, nor before this one in the set; did you mean sing/a?",
            ],
        ),
        (
            "any_of: [sing/b]",
            vec!["any_of[0]: bases never mix: `sing/b` is self, and this rule assessed"],
        ),
        (
            "any_of: [sing/outer]",
            vec!["any_of[0]: `sing/outer` is made of this rule in turn"],
        ),
    ] {
        let rule = composite("area", &format!("{how}\n"));
        assert_eq!(refused(&rule, &others), expected, "{how}");
    }
}

#[test]
fn a_competence_is_in_its_framework_where_that_is_known() {
    let framework = "https://w3id.org/xapi/interreg/v1/entrecomp";
    let others = [varde_schemas::ENTRECOMP.to_owned()];
    let rule = |competence: &str| {
        let of = format!("framework: {framework}\ncompetence: {framework}/{competence}\n");
        quiz("a", "a", "").replace("competence: https://example.org/a\n", &of)
    };
    assert_eq!(refused(&rule("vision"), &others), Vec::<String>::new());
    let told = refused(&rule("visions"), &others);
    assert_eq!(
        told,
        [format!(
            "competence: it is not in the framework EntreComp: The Entrepreneurship Competence Framework; did you mean {framework}/vision?"
        )]
    );
    assert_eq!(refused(&rule("visions"), &[]), Vec::<String>::new());
}
