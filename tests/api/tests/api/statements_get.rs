use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{SECRET, World, statement};
use varde_core::Scope;

const THROUGH: &str = "x-experience-api-consistent-through";
const ID: &str = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01";

fn voiding(target: &str) -> Value {
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
async fn filters_select_by_agent_verb_activity_and_registration() {
    let world = World::new().await;
    let registration = "d2d1a5a5-8d1a-4f5c-9c3a-6d1e2f3a4b5c";
    let mut wanted = statement(1);
    wanted["verb"]["id"] = "https://example.org/verbs/began".into();
    wanted["object"]["id"] = "https://example.org/courses/casting".into();
    wanted["context"] = json!({ "registration": registration });
    let ids = world
        .stored(&json!([statement(2), wanted, statement(3)]))
        .await;
    let agent = json!({ "mbox": "mailto:learner-1@EXAMPLE.org", "name": "other" }).to_string();
    for (name, value) in [
        ("agent", agent.as_str()),
        ("verb", "https://example.org/verbs/began"),
        ("activity", "https://example.org/courses/casting"),
        ("registration", &registration.to_uppercase()),
    ] {
        let answer = world
            .get("/xapi/statements")
            .query(name, value)
            .send()
            .await
            .expect(200);
        assert_eq!(answer.statement_ids(), [ids[1].as_str()], "{name}");
    }
    let answer = world
        .get("/xapi/statements?verb=https://example.org/verbs/none")
        .send()
        .await;
    let answer = answer.expect(200);
    assert_eq!(answer.json(), json!({ "statements": [], "more": "" }));
}

#[tokio::test]
async fn unescaped_colons_and_slashes_in_a_query_are_read() {
    let world = World::new().await;
    let ids = world.stored(&statement(1)).await;
    let target = "/xapi/statements?activity=https://example.org/courses/welding";
    let answer = world.get(target).send().await.expect(200);
    assert_eq!(answer.statement_ids(), ids);
}

#[tokio::test]
async fn a_statement_that_refers_to_one_that_matches_is_found_with_it() {
    let world = World::new().await;
    let first = world.stored(&statement(1)).await.remove(0);
    let reply = json!({
        "actor": { "mbox": "mailto:mentor@example.org" },
        "verb": { "id": "https://example.org/verbs/commented" },
        "object": { "objectType": "StatementRef", "id": first },
    });
    let second = world.stored(&reply).await.remove(0);
    let third = world.stored(&voiding(&first)).await.remove(0);
    let verb = "/xapi/statements?verb=https://example.org/verbs/finished";
    let answer = world.get(verb).send().await.expect(200);
    assert_eq!(answer.statement_ids(), [third, second]);
}

#[tokio::test]
async fn since_is_exclusive_and_until_inclusive() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for learner in 1..=3 {
        ids.extend(world.stored(&statement(learner)).await);
        world.clock.advance(1_000_000);
    }
    for (name, instant, expected) in [
        ("since", "2026-03-01T12:00:01.000000Z", vec![&ids[2]]),
        ("since", "2026-03-01T13:00:01.0000009+01:00", vec![&ids[2]]),
        (
            "until",
            "2026-03-01T12:00:01.000000Z",
            vec![&ids[1], &ids[0]],
        ),
        ("until", "2026-03-01T12:00:00.999999Z", vec![&ids[0]]),
    ] {
        let answer = world
            .get("/xapi/statements")
            .query(name, instant)
            .send()
            .await
            .expect(200);
        let found = answer.statement_ids();
        assert_eq!(
            found.iter().collect::<Vec<_>>(),
            expected,
            "{name}={instant}"
        );
    }
}

#[tokio::test]
async fn pages_follow_each_other_in_either_order_while_others_write() {
    let world = World::new().await;
    let batch: Vec<_> = (0..7).map(statement).collect();
    let ids = world.stored(&json!(batch)).await;
    for ascending in [true, false] {
        let first = format!("/xapi/statements?limit=3&ascending={ascending}");
        let (mut next, mut seen) = (first, Vec::new());
        while !next.is_empty() {
            let answer = world.get(&next).send().await.expect(200);
            assert!(answer.statement_ids().len() <= 3);
            seen.extend(answer.statement_ids());
            next = answer.json()["more"]
                .as_str()
                .expect("more is always there")
                .to_owned();
            assert!(
                next.is_empty() || next.starts_with("/xapi/statements?more="),
                "{next}"
            );
            world.stored(&statement(99)).await;
        }
        let kept: Vec<_> = seen.into_iter().filter(|id| ids.contains(id)).collect();
        let mut expected = ids.clone();
        if !ascending {
            expected.reverse();
        }
        assert_eq!(kept, expected);
    }
}

#[tokio::test]
async fn a_more_link_stands_alone_unaltered_and_for_its_own_credential() {
    let world = World::new().await;
    world.key("other", "sing", &[Scope::All]).await;
    world.stored(&json!([statement(1), statement(2)])).await;
    let answer = world
        .get("/xapi/statements?limit=1")
        .send()
        .await
        .expect(200);
    let more = answer.json()["more"].as_str().unwrap().to_owned();
    let answer = world
        .get(&format!("{more}&limit=1"))
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["parameter-unknown"]);
    for wrong in [
        world.get(&more).by("other", SECRET),
        world.get(&format!("{more}x")),
        world.get("/xapi/statements?more="),
    ] {
        assert_eq!(wrong.send().await.expect(400).rules(), ["more-link"]);
    }
    let _ = world.get(&more).send().await.expect(200);
}

#[tokio::test]
async fn a_limit_of_zero_or_over_the_servers_own_gives_the_servers_own() {
    let world = World::new().await;
    let batch: Vec<_> = (0..101).map(statement).collect();
    world.stored(&json!(batch)).await;
    for limit in ["0", "1000", "99999999999999999999"] {
        let answer = world
            .get("/xapi/statements")
            .query("limit", limit)
            .send()
            .await
            .expect(200);
        assert_eq!(answer.statement_ids().len(), 100, "{limit}");
        assert!(!answer.json()["more"].as_str().unwrap().is_empty());
    }
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

#[tokio::test]
async fn members_of_a_group_are_found_and_related_parts_only_when_asked_for() {
    let world = World::new().await;
    let mut team = statement(1);
    team["actor"] = serde_json::json!({
        "objectType": "Group",
        "member": [{ "mbox": "mailto:learner-7@example.org" }],
    });
    team["context"] = json!({
        "instructor": { "mbox": "mailto:instructor@example.org" },
        "contextActivities": { "parent": { "id": "https://example.org/programmes/metal" } },
    });
    let ids = world.stored(&team).await;
    let none: Vec<String> = Vec::new();
    for (name, value, related, found) in [
        (
            "agent",
            r#"{"mbox":"mailto:learner-7@example.org"}"#,
            None,
            &ids,
        ),
        (
            "agent",
            r#"{"mbox":"mailto:instructor@example.org"}"#,
            None,
            &none,
        ),
        (
            "agent",
            r#"{"mbox":"mailto:instructor@example.org"}"#,
            Some("related_agents"),
            &ids,
        ),
        (
            "activity",
            "https://example.org/programmes/metal",
            None,
            &none,
        ),
        (
            "activity",
            "https://example.org/programmes/metal",
            Some("related_activities"),
            &ids,
        ),
        ("limit", "0", Some("related_agents"), &ids),
        ("limit", "0", Some("related_activities"), &ids),
    ] {
        let call = world.get("/xapi/statements").query(name, value);
        let call = related.map_or(call.clone(), |related| call.query(related, "true"));
        let answer = call.send().await.expect(200);
        assert_eq!(&answer.statement_ids(), found, "{name} {value} {related:?}");
    }
}
