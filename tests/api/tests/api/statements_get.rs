use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{World, statement};

const THROUGH: &str = "x-experience-api-consistent-through";
const ID: &str = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01";

pub(crate) fn voiding(target: &str) -> Value {
    json!({
        "actor": { "mbox": "mailto:steward@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
        "object": { "objectType": "StatementRef", "id": target },
    })
}

#[tokio::test]
async fn a_single_statement_that_is_absent_is_not_found() {
    let world = World::new().await;
    for name in ["statementId", "voidedStatementId"] {
        let answer = world
            .get("/xapi/statements")
            .query(name, ID)
            .send()
            .await
            .expect(404);
        assert_eq!(answer.json()["error"], "there is no such statement");
    }
}

#[tokio::test]
async fn a_voided_statement_is_found_only_as_a_voided_one() {
    let world = World::new().await;
    let ids = world.stored(&statement(1)).await;
    let voided = ids[0].as_str();
    let by = |name: &str, id: &str| world.get("/xapi/statements").query(name, id);
    let _ = by("voidedStatementId", voided).send().await.expect(404);
    let ids = world.stored(&voiding(voided)).await;
    let _ = by("statementId", voided).send().await.expect(404);
    let answer = by("voidedStatementId", voided).send().await.expect(200);
    assert_eq!(answer.json()["id"], voided);
    let answer = world.get("/xapi/statements").send().await.expect(200);
    assert_eq!(answer.statement_ids(), ids);
}

#[tokio::test]
async fn a_statements_id_goes_with_attachments_and_format_alone() {
    let world = World::new().await;
    let agent = json!({ "mbox": "mailto:learner-1@example.org" }).to_string();
    let others = [
        ("agent", agent.as_str()),
        ("verb", "https://example.org/verbs/finished"),
        ("activity", "https://example.org/courses/welding"),
        ("registration", ID),
        ("related_activities", "true"),
        ("related_agents", "true"),
        ("since", "2026-01-01T00:00:00Z"),
        ("until", "2026-01-01T00:00:00Z"),
        ("limit", "1"),
        ("ascending", "true"),
    ];
    for name in ["statementId", "voidedStatementId"] {
        for (other, value) in others {
            let call = world
                .get("/xapi/statements")
                .query(name, ID)
                .query(other, value);
            let answer = call.send().await.expect(400);
            assert_eq!(answer.rules(), ["parameter-combination"], "{name} {other}");
        }
    }
    let both = world.get("/xapi/statements").query("statementId", ID);
    let answer = both.query("voidedStatementId", ID).send().await.expect(400);
    assert_eq!(answer.rules(), ["parameter-combination"]);
    let id = world.stored(&statement(1)).await.remove(0);
    let call = world
        .get("/xapi/statements")
        .query("statementId", &id)
        .query("format", "exact");
    let _ = call.query("attachments", "false").send().await.expect(200);
}

#[tokio::test]
async fn unknown_parameters_and_known_ones_in_another_letter_case_are_refused() {
    let world = World::new().await;
    for name in [
        "foo",
        "StatementId",
        "voidedstatementid",
        "Agent",
        "VERB",
        "Activity",
        "Registration",
        "related_Activities",
        "Related_Agents",
        "Since",
        "UNTIL",
        "LIMIT",
        "Format",
        "Attachments",
        "Ascending",
        "More",
        "method",
    ] {
        let answer = world
            .get("/xapi/statements")
            .query(name, "1")
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["parameter-unknown"], "{name}");
        assert_eq!(answer.json()["faults"][0]["path"], name);
        assert!(!answer.header(THROUGH).is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let world = World::new().await;
    let answer = world
        .get("/xapi/statements?limit=1&limit=1")
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["parameter-repeated"]);
}

#[tokio::test]
async fn values_are_held_to_the_rules_of_the_like_values_in_a_statement() {
    let world = World::new().await;
    for (name, value, rule) in [
        ("statementId", "1", "uuid"),
        ("voidedStatementId", "1", "uuid"),
        ("registration", "true", "uuid"),
        ("verb", "finished", "iri"),
        ("activity", "welding", "iri"),
        ("since", "yesterday", "timestamp"),
        ("until", "2026-02-30T00:00:00Z", "timestamp"),
        ("limit", "-1", "parameter-limit"),
        ("limit", "many", "parameter-limit"),
        ("format", "Ids", "parameter-format"),
        ("attachments", "yes", "parameter-boolean"),
        ("ascending", "True", "parameter-boolean"),
        ("related_agents", "1", "parameter-boolean"),
        ("related_activities", "", "parameter-boolean"),
        ("agent", "{\"mbox\":", "json-syntax"),
    ] {
        let answer = world
            .get("/xapi/statements")
            .query(name, value)
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), [rule], "{name}={value}");
        assert!(
            answer.json()["faults"][0]["path"]
                .as_str()
                .unwrap()
                .starts_with(name),
            "{name}"
        );
    }
    for agent in [
        "true",
        "{}",
        r#"{"mbox":"learner-1@example.org"}"#,
        r#"{"objectType":"Group","member":[{"mbox":"mailto:learner-1@example.org"}]}"#,
    ] {
        let _ = world
            .get("/xapi/statements")
            .query("agent", agent)
            .send()
            .await
            .expect(400);
    }
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_refused() {
    let world = World::new().await;
    let answer = world
        .get("/xapi/statements?verb=https://example.org/%ff")
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["parameter-encoding"]);
}

#[tokio::test]
async fn last_modified_is_the_latest_stored_among_what_is_returned() {
    let world = World::new().await;
    let first = world.stored(&statement(1)).await.remove(0);
    world.clock.advance(90_000_000);
    world.stored(&statement(2)).await;
    let single = world
        .get("/xapi/statements")
        .query("statementId", &first)
        .send()
        .await;
    assert_eq!(
        single.header("last-modified"),
        "Sun, 01 Mar 2026 12:00:00 GMT"
    );
    let list = world
        .get("/xapi/statements?ascending=true")
        .send()
        .await
        .expect(200);
    assert_eq!(
        list.header("last-modified"),
        "Sun, 01 Mar 2026 12:01:30 GMT"
    );
}

#[tokio::test]
async fn every_answer_about_statements_says_through_when_reading_is_complete() {
    let world = World::new().await;
    let calls = [
        (200, world.get("/xapi/statements")),
        (400, world.get("/xapi/statements?LIMIT=1")),
        (
            400,
            world
                .get("/xapi/statements")
                .without("x-experience-api-version"),
        ),
        (401, world.get("/xapi/statements").without("authorization")),
        (404, world.get("/xapi/statements").query("statementId", ID)),
        (405, world.delete("/xapi/statements")),
        (200, world.post("/xapi/statements").json(&statement(1))),
        (400, world.post("/xapi/statements").json(&json!({}))),
        (
            204,
            world
                .put("/xapi/statements")
                .query("statementId", ID)
                .json(&statement(1)),
        ),
        (
            409,
            world
                .put("/xapi/statements")
                .query("statementId", ID)
                .json(&statement(2)),
        ),
    ];
    for (status, call) in calls {
        let answer = call.send().await.expect(status);
        assert!(
            answer.header(THROUGH).starts_with("2026-03-01T12:00:00."),
            "{status}"
        );
    }
    world.clock.advance(60_000_000);
    let later = world.get("/xapi/statements").send().await.expect(200);
    assert!(later.header(THROUGH).starts_with("2026-03-01T12:01:00."));
}

#[tokio::test]
async fn consistent_through_of_a_read_never_passes_what_the_read_saw() {
    let world = World::new().await;
    let through = world
        .get("/xapi/statements")
        .send()
        .await
        .expect(200)
        .header(THROUGH)
        .to_owned();
    let ids = world.stored(&statement(1)).await;
    let answer = world
        .get("/xapi/statements")
        .query("since", &through)
        .send()
        .await
        .expect(200);
    assert_eq!(answer.statement_ids(), ids);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let world = World::new().await;
    let id = world.stored(&statement(1)).await.remove(0);
    for (name, value) in [
        ("statementId", id.as_str()),
        ("limit", "5"),
        ("foo", "bar"),
        ("statementId", ID),
    ] {
        let got = world
            .get("/xapi/statements")
            .query(name, value)
            .send()
            .await;
        let head = world
            .call(Method::HEAD, "/xapi/statements")
            .query(name, value)
            .send()
            .await;
        assert_eq!(head.status, got.status);
        assert!(head.body.is_empty());
        for header in ["content-type", "last-modified", "content-length", THROUGH] {
            assert_eq!(head.header(header), got.header(header), "{name} {header}");
        }
    }
}

#[tokio::test]
async fn a_statement_may_be_voided_before_it_arrives_and_a_voiding_one_never() {
    let world = World::new().await;
    let before = world.stored(&voiding(ID)).await.remove(0);
    let mut late = statement(1);
    late["id"] = ID.into();
    world.stored(&late).await;
    let by = |name: &str, id: &str| world.get("/xapi/statements").query(name, id);
    let _ = by("statementId", ID).send().await.expect(404);
    let _ = by("voidedStatementId", ID).send().await.expect(200);
    world.stored(&voiding(&before)).await;
    let _ = by("statementId", &before).send().await.expect(200);
    let _ = by("voidedStatementId", &before).send().await.expect(404);
}
