use axum::http::Method;
use serde_json::json;
use varde_api_tests::{Call, SECRET, World};
use varde_core::Scope;

use super::{JSON, RESOURCES, about, document, stored};

#[tokio::test]
async fn parameters_are_held_strictly() {
    let world = World::new().await;
    for (path, id, profile) in RESOURCES {
        for (method, name, value, rule) in [
            (Method::GET, "foo", "bar", "parameter-unknown"),
            (
                Method::GET,
                "Since",
                "2026-01-01T00:00:00Z",
                "parameter-unknown",
            ),
            (Method::GET, "since", "true", "timestamp"),
            (
                Method::DELETE,
                "since",
                "2026-01-01T00:00:00Z",
                "parameter-unknown",
            ),
            (
                Method::PUT,
                "since",
                "2026-01-01T00:00:00Z",
                "parameter-unknown",
            ),
            (Method::GET, "method", "PUT", "parameter-unknown"),
        ] {
            let call = about(world.call(method.clone(), path), path).query(name, value);
            let answer = call.body(JSON, "{}").send().await.expect(400);
            assert_eq!(answer.rules(), [rule], "{method} {path} {name}");
        }
        let both = about(world.get(path), path).query(id, "bookmark");
        let answer = both
            .query("since", "2026-01-01T00:00:00Z")
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["parameter-combination"]);
        for method in [Method::PUT, Method::POST] {
            let call = about(world.call(method, path), path).body(JSON, "{}");
            assert_eq!(call.send().await.expect(400).rules(), ["parameter-missing"]);
        }
        let call = about(world.delete(path), path);
        let _ = call.send().await.expect(if profile { 400 } else { 204 });
        for method in [Method::GET, Method::PUT, Method::POST, Method::DELETE] {
            let call = world
                .call(method.clone(), path)
                .query(id, "bookmark")
                .body(JSON, "{}");
            assert_eq!(
                call.send().await.expect(400).rules(),
                ["parameter-missing"],
                "{method}"
            );
        }
    }
}

#[tokio::test]
async fn agents_and_activities_are_held_to_the_rules_of_statements() {
    let world = World::new().await;
    let agent = r#"{"mbox":"mailto:learner-1@example.org"}"#;
    for method in [Method::GET, Method::PUT, Method::POST, Method::DELETE] {
        for wrong in [
            "true",
            "{",
            "not JSON",
            r#"{"name":"nobody"}"#,
            r#"{"mbox":"learner"}"#,
        ] {
            for path in ["/xapi/agents/profile", "/xapi/activities/state"] {
                let call = world.call(method.clone(), path).query("agent", wrong);
                let call = if path.ends_with("state") {
                    call.query("activityId", "https://example.org/a")
                        .query("stateId", "s")
                } else {
                    call.query("profileId", "p")
                };
                let _ = call.body(JSON, "{}").send().await.expect(400);
            }
        }
        for (name, value) in [("activityId", "welding"), ("registration", "true")] {
            let call = world
                .call(method.clone(), "/xapi/activities/state")
                .query(name, value);
            let call = call.query("agent", agent).query("stateId", "s");
            let call = if name == "registration" {
                call.query("activityId", "https://example.org/a")
            } else {
                call
            };
            let _ = call.body(JSON, "{}").send().await.expect(400);
        }
    }
}

#[tokio::test]
async fn an_identified_group_has_documents_in_2_0_alone() {
    let world = World::new().await;
    let group = r#"{"objectType":"Group","mbox":"mailto:team@example.org","member":[]}"#;
    let anonymous = r#"{"objectType":"Group","member":[{"mbox":"mailto:learner-1@example.org"}]}"#;
    let list = |agent: &str, version: &str| {
        world
            .get("/xapi/agents/profile")
            .query("agent", agent)
            .version(version)
    };
    let _ = list(group, "1.0.3").send().await.expect(400);
    let _ = list(group, "2.0.0").send().await.expect(200);
    let _ = list(anonymous, "2.0.0").send().await.expect(400);
}

#[tokio::test]
async fn an_agent_is_its_identifier_whatever_its_name() {
    let world = World::new().await;
    let path = "/xapi/agents/profile";
    let named = r#"{"name":"A Learner","mbox":"mailto:learner-1@EXAMPLE.org"}"#;
    let call = world
        .put(path)
        .query("agent", named)
        .query("profileId", "p");
    let _ = call
        .header("if-none-match", "*")
        .body(JSON, "{}")
        .send()
        .await
        .expect(204);
    let bare = r#"{"objectType":"Agent","mbox":"mailto:learner-1@example.org"}"#;
    let _ = world
        .get(path)
        .query("agent", bare)
        .query("profileId", "p")
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn documents_need_their_scope_and_stay_in_their_space() {
    let world = World::new().await;
    world.key("states", "sing", &[Scope::State]).await;
    world.key("profiles", "sing", &[Scope::Profile]).await;
    world.key("reader", "sing", &[Scope::AllRead]).await;
    world.key("rehearsal", "sing:test", &[Scope::All]).await;
    for resource in RESOURCES {
        stored(&world, resource, "{}").await;
        let (may, may_not) = if resource.2 {
            ("profiles", "states")
        } else {
            ("states", "profiles")
        };
        for (key, status) in [
            (may, 200),
            (may_not, 403),
            ("reader", 200),
            ("rehearsal", 404),
        ] {
            let call = document(&world, &Method::GET, resource).by(key, SECRET);
            let _ = call.send().await.expect(status);
        }
        for (key, status) in [
            (may, 204),
            (may_not, 403),
            ("reader", 403),
            ("rehearsal", 204),
        ] {
            for method in [Method::POST, Method::DELETE] {
                let call = document(&world, &method, resource).by(key, SECRET);
                let _ = call.body(JSON, "{}").send().await.expect(status);
            }
        }
    }
}

#[tokio::test]
async fn ids_and_iris_may_be_long_and_of_any_letters() {
    let world = World::new().await;
    let activity = format!("https://example.org/kurs/{}", "å".repeat(3_000));
    let id = "bokmärke / ?&=+%".repeat(50);
    let path = "/xapi/activities/profile";
    let call = |call: Call| call.query("activityId", &activity).query("profileId", &id);
    let put = call(world.put(path))
        .header("if-none-match", "*")
        .body(JSON, "{}");
    let _ = put.send().await.expect(204);
    let _ = call(world.get(path)).send().await.expect(200);
    let list = world
        .get(path)
        .query("activityId", &activity)
        .send()
        .await
        .expect(200);
    assert_eq!(list.json(), json!([id]));
}
