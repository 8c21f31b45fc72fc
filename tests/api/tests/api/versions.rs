use varde_api_tests::{World, statement};
use varde_http::Limits;
use varde_xapi::Family;

const VERSION: &str = "x-experience-api-version";

#[tokio::test]
async fn an_answer_names_the_latest_version_of_the_family_that_was_asked_for() {
    let world = World::new().await;
    for (asked, latest) in [
        ("1.0", "1.0.3"),
        ("1.0.0", "1.0.3"),
        ("1.0.3", "1.0.3"),
        ("1.0.9", "1.0.3"),
        ("2.0", "2.0.0"),
        ("2.0.0", "2.0.0"),
        ("2.0.7", "2.0.0"),
    ] {
        let answer = world
            .get("/xapi/statements")
            .version(asked)
            .send()
            .await
            .expect(200);
        assert_eq!(answer.header(VERSION), latest, "{asked}");
    }
}

#[tokio::test]
async fn a_missing_or_unsupported_version_is_refused() {
    let world = World::new().await;
    for asked in [
        "0.9", "0.95", "1.1.0", "1", "2.1.0", "3.0.0", "1.0.x", "latest", "",
    ] {
        let answer = world
            .get("/xapi/statements")
            .version(asked)
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["version-header"], "{asked}");
    }
    let answer = world
        .get("/xapi/statements")
        .without(VERSION)
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["header-missing"]);
    assert_eq!(answer.header(VERSION), "2.0.0");
}

#[tokio::test]
async fn an_operator_chooses_the_version_of_answers_to_requests_without_one() {
    let world = World::with(Limits {
        unversioned: Family::V1,
        ..Limits::default()
    })
    .await;
    let answer = world
        .get("/xapi/statements")
        .without(VERSION)
        .send()
        .await
        .expect(400);
    assert_eq!(answer.header(VERSION), "1.0.3");
}

#[tokio::test]
async fn every_answer_names_a_version() {
    let world = World::new().await;
    let calls = [
        (200, world.get("/xapi/statements")),
        (400, world.get("/xapi/statements?foo=bar")),
        (401, world.get("/xapi/statements").without("authorization")),
        (
            404,
            world.get("/xapi/statements?statementId=fb8f1c32-0f4b-4d9e-9d3c-6d9f5a5b0c11"),
        ),
        (404, world.get("/xapi/nowhere")),
        (405, world.delete("/xapi/statements")),
        (200, world.get("/xapi/about")),
    ];
    for (status, call) in calls {
        assert_eq!(
            call.send().await.expect(status).header(VERSION),
            "1.0.3",
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_statement_without_a_version_gets_that_of_the_request_and_keeps_it() {
    let world = World::new().await;
    for (asked, version) in [("1.0.3", "1.0.0"), ("2.0.0", "2.0.0")] {
        let call = world
            .post("/xapi/statements")
            .version(asked)
            .json(&statement(1));
        let id = call.send().await.expect(200).json()[0]
            .as_str()
            .unwrap()
            .to_owned();
        let answer = world
            .get("/xapi/statements")
            .query("statementId", &id)
            .send()
            .await;
        assert_eq!(answer.expect(200).json()["version"], version);
    }
}

#[tokio::test]
async fn a_statement_is_returned_unchanged_to_a_reader_of_the_other_family() {
    let world = World::new().await;
    let mut newer = statement(1);
    newer["context"] = serde_json::json!({ "contextAgents": [{
        "objectType": "contextAgent",
        "agent": { "mbox": "mailto:mentor@example.org" },
        "relevantTypes": ["https://example.org/roles/mentor"],
    }] });
    let refused = world
        .post("/xapi/statements")
        .json(&newer)
        .send()
        .await
        .expect(400);
    assert_eq!(refused.rules(), ["unknown-property"]);
    let call = world.post("/xapi/statements").version("2.0.0").json(&newer);
    let id = call.send().await.expect(200).json()[0]
        .as_str()
        .unwrap()
        .to_owned();
    let by_id = |version: &str| {
        world
            .get("/xapi/statements")
            .query("statementId", &id)
            .version(version)
            .send()
    };
    let (old, new) = (
        by_id("1.0.3").await.expect(200),
        by_id("2.0.0").await.expect(200),
    );
    assert_eq!(old.text(), new.text());
    assert_eq!(old.json()["context"], newer["context"]);
    let mentor = r#"{"mbox":"mailto:mentor@example.org"}"#;
    for (related, found) in [("true", 1), ("false", 0)] {
        let call = world.get("/xapi/statements").query("agent", mentor);
        let answer = call
            .query("related_agents", related)
            .send()
            .await
            .expect(200);
        assert_eq!(answer.statement_ids().len(), found, "{related}");
    }
}
