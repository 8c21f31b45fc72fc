//! How evidence ends: by its time, by the statement's own word, by being closed.

use jiff::civil::date;
use serde_json::{Value, json};
use varde_competence::{Closed, Closing, Outcome, Status};

use crate::world::{QUIZ, Sent, World, id, is_person};

const PLANNING: &str = "https://example.org/fw/entrecomp/1/planning-management";
const EXPIRES: &str = "https://w3id.org/xapi/comp/contextextensions/expires";

fn verb(name: &str) -> String {
    format!("https://w3id.org/xapi/tla/verbs/{name}")
}

/// The learner loses the competence of planning.
fn closed(number: u128, how: &str, at: &str) -> Sent {
    Sent::new(number, 1, &verb(how), PLANNING, at)
}

/// An organisation takes a competence from the learner.
fn revoked(number: u128, competence: &str, at: &str) -> Sent {
    let learner = json!({"objectType": "Agent", "account":
        {"homePage": "https://lms.example.org", "name": "learner-1"}});
    Sent::new(number, 99, &verb("revoked"), "https://example.org/any", at)
        .with("object", learner)
        .with(
            "context",
            json!({"contextActivities": {"grouping": [{"id": competence}]}}),
        )
}

fn expiring(number: u128, expires: &Value) -> Sent {
    let mut sent = Sent::quiz(number, 1, "0.85", "2026-02-01T10:00:00Z");
    sent.0["context"]["extensions"] = json!({ EXPIRES: expires });
    sent
}

async fn world() -> World {
    let world = World::with(&[QUIZ]).await;
    world.import(vec![is_person(1, "p-001")]).await;
    world
}

async fn only(world: &World, day: jiff::civil::Date) -> Outcome {
    let mut outcomes = world.as_of(day).await;
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    outcomes.remove(0)
}

#[tokio::test]
async fn a_closed_competence_is_revoked_from_its_day_on_and_later_evidence_counts_again() {
    for how in ["forfeited", "revoked"] {
        let world = world().await;
        world
            .send(&Sent::quiz(1, 1, "0.85", "2026-02-01T10:00:00Z"))
            .await;
        let end = match how {
            "revoked" => revoked(2, PLANNING, "2026-02-10T10:00:00Z"),
            _ => closed(2, how, "2026-02-10T10:00:00Z"),
        };
        world.send(&end).await;
        world
            .send(&Sent::quiz(3, 1, "0.45", "2026-02-20T10:00:00Z"))
            .await;
        for (day, expected) in [
            (date(2026, 2, 9), "p-001 4 Current"),
            (date(2026, 2, 10), "p-001 4 Revoked"),
            (date(2026, 2, 20), "p-001 2 Current"),
        ] {
            assert_eq!(world.levels(day).await, [expected], "{how} {day}");
        }
        let outcome = only(&world, date(2026, 2, 12)).await;
        assert_eq!(outcome.statements, [id(1), id(2)]);
        let closing = if how == "revoked" {
            Closing::Revoked
        } else {
            Closing::Forfeited
        };
        let expected = Closed {
            day: date(2026, 2, 10),
            how: closing,
        };
        assert_eq!(outcome.closed, Some(expected));
        // Voided, it never was.
        world.send(&Sent::voiding(4, 2)).await;
        assert_eq!(world.levels(date(2026, 2, 20)).await, ["p-001 4 Current"]);
    }
}

#[tokio::test]
async fn an_expired_competence_has_lapsed() {
    let world = world().await;
    world
        .send(&Sent::quiz(1, 1, "0.85", "2026-02-01T10:00:00Z"))
        .await;
    world
        .send(&closed(2, "expired", "2026-02-10T10:00:00Z"))
        .await;
    let outcome = only(&world, date(2026, 3, 1)).await;
    assert_eq!((outcome.level, outcome.status), (4, Status::Lapsed));
}

#[tokio::test]
async fn nothing_is_closed_by_what_speaks_of_another_competence_or_by_whom_nobody_believes() {
    let believed = QUIZ.replace(
        "  class: [scored]",
        "  class: [scored]\n  authority: [https://lms.example.org]",
    );
    let other = "https://example.org/fw/entrecomp/1/vision";
    let mut world = World::with(&[&believed]).await;
    world.import(vec![is_person(1, "p-001")]).await;
    world
        .send(&Sent::quiz(1, 1, "0.85", "2026-02-01T10:00:00Z"))
        .await;
    world.send(&revoked(2, other, "2026-02-10T10:00:00Z")).await;
    assert_eq!(world.levels(date(2026, 3, 1)).await, ["p-001 4 Current"]);
    let lms = world.caller.clone();
    world.caller.authority =
        r#"{"objectType":"Agent","account":{"homePage":"https://other.example.org","name":"writer"}}"#
            .into();
    world
        .send(&revoked(3, PLANNING, "2026-02-11T10:00:00Z"))
        .await;
    assert_eq!(world.levels(date(2026, 3, 1)).await, ["p-001 4 Current"]);
    world.caller = lms;
    world
        .send(&revoked(4, PLANNING, "2026-02-11T10:00:00Z"))
        .await;
    assert_eq!(world.levels(date(2026, 3, 1)).await, ["p-001 4 Revoked"]);
}

#[tokio::test]
async fn the_earlier_of_the_rules_and_the_statements_end_counts() {
    for (expires, expected) in [
        (json!("2026-06-30T22:30:00Z"), Some(date(2026, 7, 1))),
        (json!("2026-06-30"), Some(date(2026, 6, 30))),
        (json!("2031-01-01"), Some(date(2029, 2, 1))),
    ] {
        let world = world().await;
        world.send(&expiring(1, &expires)).await;
        let outcome = only(&world, date(2026, 3, 1)).await;
        assert_eq!(outcome.expires, expected, "{expires}");
    }
    for expires in [json!("some day"), json!(3), json!(null)] {
        let world = world().await;
        world.send(&expiring(1, &expires)).await;
        assert!(world.as_of(date(2026, 3, 1)).await.is_empty(), "{expires}");
    }
}

#[tokio::test]
async fn a_statement_about_a_learner_is_evidence_of_the_learner_and_not_of_who_says_it() {
    let observed = QUIZ
        .replacen(
            "  within: [https://lms.example.org/mod/quiz/view.php?id=42]\n",
            "",
            1,
        )
        .replace("assessed", "observed");
    let world = World::with(&[&observed]).await;
    world
        .import(vec![is_person(1, "p-001"), is_person(2, "p-mentor")])
        .await;
    let learner = json!({"objectType": "Agent", "account":
        {"homePage": "https://lms.example.org", "name": "learner-1"}});
    let said = Sent::quiz(1, 2, "0.85", "2026-02-01T10:00:00Z");
    world.send(&said.with("object", learner)).await;
    // By its verb alone it is scored: completed with a score.
    assert_eq!(world.levels(date(2026, 3, 1)).await, ["p-001 4 Current"]);
}
