//! Links to further pages.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use varde_api_tests::{Call, World, statement};

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// Follows `more` from a first page to the last and returns the statements of all of them.
async fn walked(world: &World, first: Call) -> Vec<Value> {
    let (mut call, mut found) = (first, Vec::new());
    loop {
        let page = call.send().await.expect(200).json();
        found.extend(page["statements"].as_array().expect("an array").clone());
        match page["more"].as_str().expect("more is always there") {
            "" => return found,
            more => call = world.get(more),
        }
    }
}

/// A statement that a filter may or may not select.
fn varied(number: u32) -> Value {
    let mut varied = statement(number % 3);
    varied["verb"]["id"] = format!("https://example.org/verbs/{}", number % 2).into();
    varied["context"] = json!({
        "registration": format!("5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a0{}", number % 4),
        "instructor": { "mbox": format!("mailto:learner-{}@example.org", number % 5) },
        "contextActivities": { "parent": { "id": format!("urn:example:{}", number % 2) } },
    });
    varied
}

fn selection() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let maybe = |name: &'static str, values: &'static [&'static str]| {
        proptest::option::of(select(values))
            .prop_map(move |value| value.map(|value| (name, value.to_owned())))
    };
    let filters = (
        maybe(
            "agent",
            &[
                r#"{"mbox":"mailto:learner-1@example.org"}"#,
                r#"{"mbox":"mailto:learner-4@example.org"}"#,
            ],
        ),
        maybe("verb", &["https://example.org/verbs/1"]),
        maybe(
            "activity",
            &["https://example.org/courses/welding", "urn:example:1"],
        ),
        maybe("registration", &["5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01"]),
        maybe("related_agents", &["true", "false"]),
        maybe("related_activities", &["true"]),
        maybe("since", &["2026-03-01T12:00:05Z"]),
        maybe("until", &["2026-03-01T12:00:20Z"]),
        maybe("ascending", &["true", "false"]),
        maybe("format", &["ids", "exact", "canonical"]),
    );
    filters.prop_map(|(a, b, c, d, e, f, g, h, i, j)| {
        [a, b, c, d, e, f, g, h, i, j]
            .into_iter()
            .flatten()
            .collect()
    })
}

#[test]
fn pages_together_are_what_one_long_page_is() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    for number in 0..30 {
        runtime.block_on(world.stored(&varied(number)));
        world.clock.advance(1_000_000);
    }
    proptest!(ProptestConfig::with_cases(100), |(selection in selection(), limit in 1..9_u32)| {
        let first = selection.iter().fold(world.get("/xapi/statements"), |call, (name, value)| call.query(name, value));
        let whole = runtime.block_on(walked(&world, first.clone()));
        let paged = runtime.block_on(walked(&world, first.query("limit", &limit.to_string())));
        prop_assert_eq!(paged, whole);
    });
}

#[test]
fn no_made_up_more_link_is_followed() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let made_up = prop_oneof!["[A-Za-z0-9_-]{0,200}", "([ -~å]|%[0-9A-F]{2}){0,40}"];
    proptest!(ProptestConfig::with_cases(500), |(more in made_up)| {
        let answer = runtime.block_on(world.get("/xapi/statements").query("more", &more).send());
        prop_assert_eq!(answer.status.as_u16(), 400);
        prop_assert_eq!(answer.rules(), ["more-link"]);
    });
}

#[tokio::test]
async fn a_more_link_is_followed_a_month_later() {
    let world = World::new().await;
    let ids = world
        .stored(&json!([statement(1), statement(2), statement(3)]))
        .await;
    let first = world
        .get("/xapi/statements?limit=1&ascending=true")
        .send()
        .await
        .expect(200);
    let more = first.json()["more"].as_str().unwrap().to_owned();
    world.clock.advance(30 * DAY_MICROS);
    world.stored(&statement(4)).await;
    for _ in 0..2 {
        let later = world.get(&more).send().await.expect(200);
        assert_eq!(later.statement_ids(), [ids[1].as_str()]);
    }
    let rest = walked(&world, world.get(&more)).await;
    let rest: Vec<_> = rest.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(rest, [ids[1].as_str(), ids[2].as_str()]);
}

#[tokio::test]
async fn a_more_link_asks_for_credentials_and_a_version() {
    let world = World::new().await;
    world.stored(&json!([statement(1), statement(2)])).await;
    let first = world
        .get("/xapi/statements?limit=1")
        .send()
        .await
        .expect(200);
    let more = first.json()["more"].as_str().unwrap().to_owned();
    let _ = world
        .get(&more)
        .without("authorization")
        .send()
        .await
        .expect(401);
    let _ = world
        .get(&more)
        .without("x-experience-api-version")
        .send()
        .await
        .expect(400);
    let _ = world.get(&more).version("2.0.0").send().await.expect(200);
}

#[tokio::test]
async fn a_more_link_keeps_that_attachments_are_wanted() {
    let world = World::new().await;
    world.stored(&json!([statement(1), statement(2)])).await;
    let call = world.get("/xapi/statements?limit=1&attachments=true");
    let first = call.send().await.expect(200);
    let more = first
        .text()
        .split(r#""more":""#)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let second = world.get(more).send().await.expect(200);
    assert!(
        second
            .header("content-type")
            .starts_with("multipart/mixed; boundary=")
    );
    assert!(second.text().contains(r#""more":"""#), "{}", second.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_have_no_gap_or_repeat_while_many_write_at_once() {
    let world = World::new().await;
    let before: Vec<_> = (0..40).map(statement).collect();
    let before: BTreeSet<_> = world.stored(&json!(before)).await.into_iter().collect();
    let mut writers = JoinSet::new();
    for number in 100..140 {
        writers.spawn(
            world
                .post("/xapi/statements")
                .json(&statement(number))
                .send(),
        );
    }
    for order in ["true", "false"] {
        let first = world
            .get("/xapi/statements?limit=3")
            .query("ascending", order);
        let found = walked(&world, first).await;
        let ids: BTreeSet<_> = found
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids.len(), found.len(), "a statement stands on two pages");
        assert!(ids.is_superset(&before), "a statement is missing");
        let stored: Vec<_> = found
            .iter()
            .map(|one| one["stored"].as_str().unwrap())
            .collect();
        assert!(stored.is_sorted_by(|one, next| if order == "true" {
            one < next
        } else {
            one > next
        }));
    }
    while let Some(written) = writers.join_next().await {
        let _ = written.unwrap().expect(200);
    }
}
