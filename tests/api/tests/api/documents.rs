//! What holds for all three document resources.

use axum::http::Method;
use serde_json::json;
use varde_api_tests::{Call, SECRET, World};
use varde_core::Scope;

const JSON: &str = "application/json";
/// SHA-1 of `{"a":1}`.
const TAG: &str = "\"9f89c740ceb46d7418c924a78ac57941d5e96520\"";

/// The three resources: path, the parameter that names a document, whether it is a profile.
const RESOURCES: [(&str, &str, bool); 3] = [
    ("/xapi/activities/state", "stateId", false),
    ("/xapi/activities/profile", "profileId", true),
    ("/xapi/agents/profile", "profileId", true),
];

/// Adds the parameters of a subject.
fn about(call: Call, path: &str) -> Call {
    let agent = json!({ "mbox": "mailto:learner-1@example.org" }).to_string();
    let activity = "https://example.org/courses/welding";
    match path {
        "/xapi/activities/state" => call.query("activityId", activity).query("agent", &agent),
        "/xapi/activities/profile" => call.query("activityId", activity),
        _ => call.query("agent", &agent),
    }
}

/// Starts a request for the document `bookmark` of each resource.
fn document(world: &World, method: &Method, (path, id, _): (&str, &str, bool)) -> Call {
    about(world.call(method.clone(), path), path).query(id, "bookmark")
}

async fn stored(world: &World, resource: (&str, &str, bool), body: &str) {
    let call = document(world, &Method::PUT, resource).header("if-none-match", "*");
    let _ = call.body(JSON, body).send().await.expect(204);
}

async fn body(world: &World, resource: (&str, &str, bool)) -> String {
    let answer = document(world, &Method::GET, resource)
        .send()
        .await
        .expect(200);
    answer.text().to_owned()
}

#[tokio::test]
async fn a_document_comes_back_byte_for_byte_with_its_content_type_tag_and_date() {
    let world = World::new().await;
    for resource in RESOURCES {
        for (kind, bytes) in [
            (
                "application/json; Charset=UTF-8",
                br#" {"a" : 1.50} "#.to_vec(),
            ),
            ("application/octet-stream", vec![0, 255, 13, 10, 0]),
            ("text/plain", Vec::new()),
        ] {
            let call = document(&world, &Method::DELETE, resource);
            let _ = call.send().await.expect(204);
            let call = document(&world, &Method::PUT, resource).header("if-none-match", "*");
            let answer = call.body(kind, bytes.clone()).send().await.expect(204);
            assert!(answer.body.is_empty());
            let found = document(&world, &Method::GET, resource)
                .send()
                .await
                .expect(200);
            assert_eq!(found.body, bytes);
            assert_eq!(found.header("content-type"), kind);
            assert_eq!(
                found.header("last-modified"),
                "Sun, 01 Mar 2026 12:00:00 GMT"
            );
            assert_eq!(found.header("etag").len(), 42);
        }
    }
}

#[tokio::test]
async fn a_tag_is_the_quoted_sha_1_of_the_bytes() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, r#"{"a":1}"#).await;
        let answer = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(200);
        assert_eq!(answer.header("etag"), TAG);
    }
}

#[tokio::test]
async fn a_document_without_a_content_type_is_mere_bytes() {
    let world = World::new().await;
    let call = document(&world, &Method::PUT, RESOURCES[0]).body("x/y", "abc");
    let _ = call.without("content-type").send().await.expect(204);
    let answer = document(&world, &Method::GET, RESOURCES[0])
        .send()
        .await
        .expect(200);
    assert_eq!(answer.header("content-type"), "application/octet-stream");
}

#[tokio::test]
async fn an_absent_document_is_not_found_and_deleting_it_is_no_fault() {
    let world = World::new().await;
    for resource in RESOURCES {
        let _ = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(404);
        let _ = document(&world, &Method::DELETE, resource)
            .send()
            .await
            .expect(204);
        stored(&world, resource, "{}").await;
        let _ = document(&world, &Method::DELETE, resource)
            .send()
            .await
            .expect(204);
        let _ = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn put_without_a_condition_is_judged_by_family_and_resource() {
    let world = World::new().await;
    for resource in RESOURCES {
        let put = |version: &str, body: &str| {
            document(&world, &Method::PUT, resource)
                .version(version)
                .body(JSON, body)
        };
        let (fresh, again) = if resource.2 { (400, 409) } else { (204, 204) };
        let _ = put("1.0.3", r#"{"a":1}"#).send().await.expect(fresh);
        let _ = document(&world, &Method::DELETE, resource)
            .send()
            .await
            .expect(204);
        let _ = put("2.0.0", r#"{"a":1}"#).send().await.expect(204);
        let refused = put("2.0.0", r#"{"b":2}"#).send().await.expect(409);
        assert!(
            refused.text().contains(&TAG.replace('"', "\\\"")),
            "{}",
            refused.text()
        );
        assert_eq!(body(&world, resource).await, r#"{"a":1}"#);
        let answer = put("1.0.3", r#"{"c":3}"#).send().await.expect(again);
        assert_eq!(answer.body.is_empty(), again == 204);
        let kept = if resource.2 {
            r#"{"a":1}"#
        } else {
            r#"{"c":3}"#
        };
        assert_eq!(body(&world, resource).await, kept);
    }
}

#[tokio::test]
async fn a_condition_that_does_not_hold_changes_nothing() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, r#"{"a":1}"#).await;
        for method in [Method::PUT, Method::POST, Method::DELETE] {
            for (name, value) in [
                ("if-match", "\"1234\""),
                ("if-match", "W/\"1234\", \"5678\""),
                ("if-none-match", "*"),
                ("if-none-match", TAG),
            ] {
                let call = document(&world, &method, resource).header(name, value);
                let answer = call.body(JSON, r#"{"b":2}"#).send().await.expect(412);
                assert!(!answer.body.is_empty(), "{method} {name} {value}");
                assert_eq!(body(&world, resource).await, r#"{"a":1}"#);
            }
        }
    }
}

#[tokio::test]
async fn a_condition_that_holds_lets_the_change_through() {
    let world = World::new().await;
    let bare = TAG.trim_matches('"').to_owned();
    for resource in RESOURCES {
        for (name, value) in [
            ("if-match", TAG.to_owned()),
            ("if-match", "*".to_owned()),
            ("if-match", format!("\"1234\", W/{TAG}")),
            ("if-match", bare.clone()),
            ("if-none-match", "\"1234\"".to_owned()),
        ] {
            stored(&world, resource, r#"{"a":1}"#).await;
            for (method, kept) in [(Method::POST, r#"{"a":1}"#), (Method::PUT, r#"{"b":2}"#)] {
                let sent = if method == Method::POST {
                    r#"{"a":1}"#
                } else {
                    r#"{"b":2}"#
                };
                let call = document(&world, &method, resource).header(name, &value);
                let _ = call.body(JSON, sent).send().await.expect(204);
                assert_eq!(
                    body(&world, resource).await,
                    kept,
                    "{method} {name} {value}"
                );
            }
            let _ = document(&world, &Method::DELETE, resource)
                .send()
                .await
                .expect(204);
        }
    }
}

#[tokio::test]
async fn any_match_demands_that_there_is_a_document() {
    let world = World::new().await;
    for resource in RESOURCES {
        for method in [Method::PUT, Method::POST, Method::DELETE] {
            let call = document(&world, &method, resource).header("if-match", "*");
            let _ = call.body(JSON, "{}").send().await.expect(412);
        }
        let _ = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn post_merges_objects_member_by_member_and_keeps_every_digit() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, r#"{"a":1.50,"b":{"x":1,"y":2},"c":[1]}"#).await;
        let call = document(&world, &Method::POST, resource);
        let new = r#"{"b":{"x":12345678901234567890},"d":null}"#;
        let _ = call
            .body("Application/JSON;charset=utf-8", new)
            .send()
            .await
            .expect(204);
        let answer = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(200);
        let merged = r#"{"a":1.50,"b":{"x":12345678901234567890},"c":[1],"d":null}"#;
        assert_eq!(answer.text(), merged);
        assert_eq!(answer.header("content-type"), JSON);
    }
}

#[tokio::test]
async fn post_stores_a_document_where_there_is_none() {
    let world = World::new().await;
    for resource in RESOURCES {
        let call = document(&world, &Method::POST, resource).body("text/plain", "abc");
        let _ = call.send().await.expect(204);
        assert_eq!(body(&world, resource).await, "abc");
    }
}

#[tokio::test]
async fn what_is_not_two_json_objects_is_not_merged() {
    let world = World::new().await;
    for resource in RESOURCES {
        for (old_kind, old, new_kind, new) in [
            (JSON, "{}", "text/plain", "{}"),
            ("text/plain", "{}", JSON, "{}"),
            (JSON, "[1]", JSON, "{}"),
            (JSON, "{}", JSON, "[1]"),
            (JSON, "{}", JSON, "12"),
            ("application/octet-stream", "", JSON, "{}"),
        ] {
            let call = document(&world, &Method::PUT, resource).header("if-none-match", "*");
            let _ = call.body(old_kind, old).send().await.expect(204);
            let call = document(&world, &Method::POST, resource).body(new_kind, new);
            let answer = call.send().await.expect(400);
            assert_eq!(
                answer.rules(),
                ["document-merge"],
                "{old_kind} {old} {new_kind} {new}"
            );
            assert_eq!(body(&world, resource).await, old);
            let _ = document(&world, &Method::DELETE, resource)
                .send()
                .await
                .expect(204);
        }
    }
}

#[tokio::test]
async fn json_that_is_none_is_refused_even_where_there_is_no_document() {
    let world = World::new().await;
    for resource in RESOURCES {
        for method in [Method::PUT, Method::POST] {
            for malformed in ["{\"a\":", "", "{}}", "{'a':1}"] {
                let call = document(&world, &method, resource).header("if-none-match", "*");
                let answer = call.body(JSON, malformed).send().await.expect(400);
                assert_eq!(answer.rules(), ["document-json"], "{method} {malformed}");
            }
        }
        let _ = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_parallel_merges_lose_none() {
    let world = World::new().await;
    let mut merges = tokio::task::JoinSet::new();
    for number in 0..100 {
        let call = document(&world, &Method::POST, RESOURCES[0]);
        let call = call.body(JSON, format!(r#"{{"member-{number}":{number}}}"#));
        merges.spawn(call.send());
    }
    while let Some(merged) = merges.join_next().await {
        let _ = merged.unwrap().expect(204);
    }
    let answer = document(&world, &Method::GET, RESOURCES[0])
        .send()
        .await
        .expect(200);
    let members = answer.json().as_object().unwrap().clone();
    assert_eq!(members.len(), 100);
    assert!((0..100).all(|number| members[&format!("member-{number}")] == number));
}

#[tokio::test]
async fn ids_are_listed_with_a_tag_and_since_when_they_changed() {
    let world = World::new().await;
    for (path, id, _) in RESOURCES {
        let list = |since: Option<&str>| {
            let call = about(world.get(path), path);
            since.map_or(call.clone(), |since| call.query("since", since))
        };
        let answer = list(None).send().await.expect(200);
        assert_eq!(answer.json(), json!([]));
        let mut dates = Vec::new();
        for name in ["first", "second"] {
            let call = about(world.put(path), path)
                .query(id, name)
                .header("if-none-match", "*");
            let _ = call.body(JSON, "{}").send().await.expect(204);
            let call = about(world.get(path), path).query(id, name);
            dates.push(
                call.send()
                    .await
                    .expect(200)
                    .header("last-modified")
                    .to_owned(),
            );
            world.clock.advance(1_500_000);
        }
        assert!(dates[0] != dates[1], "{dates:?}");
        let answer = list(None).send().await.expect(200);
        assert_eq!(answer.json(), json!(["first", "second"]));
        assert_eq!(answer.header("content-type"), JSON);
        assert_eq!(answer.header("etag").len(), 42);
        assert_eq!(answer.header("last-modified"), dates[1]);
        let now = varde_core::Clock::now(&*world.clock).0;
        let between = varde_xapi::Stored(now - 2_000_000).to_string();
        let answer = list(Some(&between)).send().await.expect(200);
        assert_eq!(answer.json(), json!(["second"]), "{path}");
        let exactly = varde_xapi::Stored(now - 1_500_000).to_string();
        let answer = list(Some(&exactly)).send().await.expect(200);
        assert_eq!(answer.json(), json!([]), "{path}");
    }
}

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
async fn state_of_a_registration_is_apart_and_cleared_apart() {
    let world = World::new().await;
    let path = "/xapi/activities/state";
    let registration = "d2d1a5a5-8d1a-4f5c-9c3a-6d1e2f3a4b5c";
    for id in ["a", "b"] {
        let call = about(world.put(path), path)
            .query("stateId", id)
            .body(JSON, "{}");
        let _ = call.clone().send().await.expect(204);
        let _ = call
            .query("registration", registration)
            .send()
            .await
            .expect(204);
    }
    let list = || about(world.get(path), path);
    let _ = about(world.delete(path), path).send().await.expect(204);
    assert_eq!(list().send().await.expect(200).json(), json!([]));
    let call = list().query("registration", &registration.to_uppercase());
    assert_eq!(call.send().await.expect(200).json(), json!(["a", "b"]));
    let other = world
        .delete(path)
        .query("activityId", "https://example.org/other");
    let agent = r#"{"mbox":"mailto:learner-1@example.org"}"#;
    let _ = other.query("agent", agent).send().await.expect(204);
    let call = list().query("registration", registration);
    assert_eq!(call.send().await.expect(200).json(), json!(["a", "b"]));
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
async fn a_document_over_its_limit_is_refused() {
    let world = World::new().await;
    let large = vec![b'x'; varde_core::documents::DOCUMENT_BYTES_MAX + 1];
    let call = document(&world, &Method::PUT, RESOURCES[0]).body("text/plain", large);
    let _ = call.send().await.expect(413);
    let _ = document(&world, &Method::GET, RESOURCES[0])
        .send()
        .await
        .expect(404);
    let fits = vec![b'x'; varde_core::documents::DOCUMENT_BYTES_MAX];
    let call = document(&world, &Method::PUT, RESOURCES[0]).body("text/plain", fits);
    let _ = call.send().await.expect(204);
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

#[tokio::test]
async fn head_of_a_document_is_get_without_the_body() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, r#"{"a":1}"#).await;
        let got = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(200);
        let head = document(&world, &Method::HEAD, resource)
            .send()
            .await
            .expect(200);
        assert!(head.body.is_empty());
        for name in ["etag", "last-modified", "content-type", "content-length"] {
            assert_eq!(head.header(name), got.header(name), "{name}");
        }
    }
}
