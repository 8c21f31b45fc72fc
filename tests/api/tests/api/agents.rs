use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{SECRET, World, statement};
use varde_core::Scope;

async fn person(world: &World, agent: &Value) -> Value {
    let call = world.get("/xapi/agents").query("agent", &agent.to_string());
    call.send().await.expect(200).json()
}

#[tokio::test]
async fn an_unknown_agent_is_a_person_with_what_was_asked() {
    let world = World::new().await;
    for (agent, members) in [
        (
            json!({ "mbox": "mailto:a@example.org" }),
            json!({ "mbox": ["mailto:a@example.org"] }),
        ),
        (
            json!({ "mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9" }),
            json!({ "mbox_sha1sum": ["ebd31e95054c018b10727ccffd2ef2ec3a016ee9"] }),
        ),
        (
            json!({ "openid": "https://id.example.org/a", "name": "A" }),
            json!({ "openid": ["https://id.example.org/a"], "name": ["A"] }),
        ),
        (
            json!({ "account": { "homePage": "https://lms.example.org", "name": "7" } }),
            json!({ "account": [{ "homePage": "https://lms.example.org", "name": "7" }] }),
        ),
    ] {
        let mut expected = members;
        expected["objectType"] = "Person".into();
        assert_eq!(person(&world, &agent).await, expected);
    }
}

#[tokio::test]
async fn a_person_has_the_names_of_its_statements_newest_first() {
    let world = World::new().await;
    let agent = json!({ "mbox": "mailto:learner-1@example.org" });
    let mut named = statement(1);
    named["actor"]["name"] = "Learner One".into();
    world.stored(&named).await;
    let mut taught = statement(2);
    taught["context"] = json!({ "instructor": {
        "mbox": "mailto:learner-1@EXAMPLE.org", "name": "Instructor One" } });
    taught["actor"]["name"] = "Somebody else".into();
    world.stored(&json!([taught, statement(1)])).await;
    let found = person(&world, &agent).await;
    assert_eq!(found["name"], json!(["Instructor One", "Learner One"]));
    world.key("rehearsal", "sing:test", &[Scope::All]).await;
    let call = world.get("/xapi/agents").query("agent", &agent.to_string());
    let other = call.by("rehearsal", SECRET).send().await.expect(200).json();
    assert!(other["name"].is_null(), "{other}");
}

#[tokio::test]
async fn an_agent_is_needed_and_must_be_one() {
    let world = World::new().await;
    let answer = world.get("/xapi/agents").send().await.expect(400);
    assert_eq!(answer.rules(), ["parameter-missing"]);
    for agent in [
        "true",
        "{",
        r#"{"name":"nobody"}"#,
        r#"{"objectType":"Group","mbox":"mailto:team@example.org"}"#,
        r#"{"objectType":"Person","mbox":["mailto:a@example.org"]}"#,
    ] {
        let call = world.get("/xapi/agents").query("agent", agent);
        let _ = call.send().await.expect(400);
    }
    let call = world
        .get("/xapi/agents")
        .query("agent", r#"{"mbox":"mailto:a@example.org"}"#);
    assert_eq!(
        call.query("foo", "bar").send().await.expect(400).rules(),
        ["parameter-unknown"]
    );
}

#[tokio::test]
async fn agents_need_a_scope_that_reads() {
    let world = World::new().await;
    let agent = r#"{"mbox":"mailto:a@example.org"}"#;
    for (name, scope, status) in [
        ("own", Scope::StatementsReadMine, 200),
        ("define", Scope::Define, 200),
        ("sender", Scope::StatementsWrite, 403),
        ("states", Scope::State, 403),
    ] {
        world.key(name, "sing", &[scope]).await;
        let call = world
            .get("/xapi/agents")
            .query("agent", agent)
            .by(name, SECRET);
        let _ = call.send().await.expect(status);
    }
}

#[tokio::test]
async fn agents_are_only_read() {
    let world = World::new().await;
    for method in [Method::PUT, Method::POST, Method::DELETE] {
        let answer = world.call(method, "/xapi/agents").send().await.expect(405);
        assert_eq!(answer.header("allow"), "GET,HEAD");
    }
}

#[tokio::test]
async fn head_of_agents_and_activities_is_get_without_the_body() {
    let world = World::new().await;
    let agent = r#"{"mbox":"mailto:a@example.org"}"#;
    for (path, name, value) in [
        ("/xapi/agents", "agent", agent),
        ("/xapi/activities", "activityId", "https://example.org/a"),
        ("/xapi/agents/profile", "agent", agent),
        (
            "/xapi/activities/profile",
            "activityId",
            "https://example.org/a",
        ),
    ] {
        let got = world.get(path).query(name, value).send().await.expect(200);
        let head = world
            .call(Method::HEAD, path)
            .query(name, value)
            .send()
            .await
            .expect(200);
        assert!(head.body.is_empty(), "{path}");
        for header in [
            "content-type",
            "content-length",
            "etag",
            "x-experience-api-version",
        ] {
            assert_eq!(head.header(header), got.header(header), "{path} {header}");
        }
    }
}
