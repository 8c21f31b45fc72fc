//! Documents: whose they are, and what happens at once.

use axum::http::Method;
use serde_json::json;
use tokio::task::JoinSet;
use varde_api_tests::{Call, World};

use crate::documents::{JSON, RESOURCES, TAG, document, stored};

const STATE: &str = "/xapi/activities/state";

fn state(call: Call, activity: &str, agent: &str) -> Call {
    let agent = json!({ "mbox": format!("mailto:{agent}@example.org") }).to_string();
    call.query("activityId", activity).query("agent", &agent)
}

#[tokio::test]
async fn agents_and_activities_need_not_be_known() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, "{}").await;
    }
    let list = world.get("/xapi/statements").send().await.expect(200);
    assert!(list.statement_ids().is_empty());
}

#[tokio::test]
async fn a_groups_documents_are_its_own_whatever_its_members() {
    let world = World::new().await;
    let group = |members: usize| {
        let member = json!({ "mbox": "mailto:learner-1@example.org" });
        let mbox = "mailto:team@example.org";
        json!({ "objectType": "Group", "mbox": mbox, "member": vec![member; members] }).to_string()
    };
    let profile = |method: Method, agent: &str| {
        let call = world.call(method, "/xapi/agents/profile").version("2.0.0");
        call.query("agent", agent).query("profileId", "p")
    };
    let _ = profile(Method::PUT, &group(2))
        .body(JSON, "{}")
        .send()
        .await
        .expect(204);
    let _ = profile(Method::GET, &group(0)).send().await.expect(200);
    let member = r#"{"mbox":"mailto:learner-1@example.org"}"#;
    let _ = profile(Method::GET, member).send().await.expect(404);
}

#[tokio::test]
async fn clearing_state_touches_one_agent_and_one_activity() {
    let world = World::new().await;
    let subjects = [
        ("https://example.org/a", "learner-1"),
        ("https://example.org/a", "learner-2"),
        ("https://example.org/b", "learner-1"),
    ];
    for (activity, agent) in subjects {
        for id in ["x", "y"] {
            let call = state(world.put(STATE), activity, agent).query("stateId", id);
            let _ = call.body(JSON, "{}").send().await.expect(204);
        }
    }
    let _ = state(world.delete(STATE), subjects[0].0, subjects[0].1)
        .send()
        .await
        .expect(204);
    for (number, (activity, agent)) in subjects.into_iter().enumerate() {
        let list = state(world.get(STATE), activity, agent)
            .send()
            .await
            .expect(200);
        let kept = if number == 0 {
            json!([])
        } else {
            json!(["x", "y"])
        };
        assert_eq!(list.json(), kept, "{activity} {agent}");
    }
}

#[tokio::test]
async fn a_document_is_deleted_under_a_condition_that_holds() {
    let world = World::new().await;
    for resource in RESOURCES {
        for (name, value) in [
            ("if-match", TAG),
            ("if-match", "*"),
            ("if-none-match", "\"1234\""),
        ] {
            stored(&world, resource, r#"{"a":1}"#).await;
            let call = document(&world, &Method::DELETE, resource).header(name, value);
            let _ = call.send().await.expect(204);
            let _ = document(&world, &Method::GET, resource)
                .send()
                .await
                .expect(404);
        }
    }
}

#[tokio::test]
async fn a_document_of_one_version_is_read_by_the_other() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, r#"{"a":1}"#).await;
        let read = |version: &str| {
            document(&world, &Method::GET, resource)
                .version(version)
                .send()
        };
        let (old, new) = (
            read("1.0.3").await.expect(200),
            read("2.0.0").await.expect(200),
        );
        assert_eq!(old.body, new.body);
        assert_eq!(old.header("etag"), new.header("etag"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_make_one_document_at_once_one_succeeds() {
    let world = World::new().await;
    for resource in RESOURCES {
        let mut makers = JoinSet::new();
        for number in 0..20 {
            let call = document(&world, &Method::PUT, resource).header("if-none-match", "*");
            makers.spawn(call.body(JSON, format!(r#"{{"by":{number}}}"#)).send());
        }
        let mut made = 0;
        while let Some(answer) = makers.join_next().await {
            let answer = answer.unwrap();
            assert!(
                [204, 412].contains(&answer.status.as_u16()),
                "{}",
                answer.text()
            );
            made += usize::from(answer.status == 204);
        }
        assert_eq!(made, 1);
    }
}

#[tokio::test]
async fn state_of_each_registration_is_a_document_of_its_own() {
    let world = World::new().await;
    let registrations = [
        None,
        Some("d2d1a5a5-8d1a-4f5c-9c3a-6d1e2f3a4b5c"),
        Some("d2d1a5a5-8d1a-4f5c-9c3a-6d1e2f3a4b5d"),
    ];
    let single = |method: Method, registration: Option<&str>| {
        let call = world.call(method, STATE).query("stateId", "x");
        let call = state(call, "https://example.org/a", "learner-1");
        registration.map_or(call.clone(), |id| call.query("registration", id))
    };
    for registration in registrations {
        let _ = single(Method::GET, registration).send().await.expect(404);
        let call =
            single(Method::PUT, registration).body("text/plain", format!("{registration:?}"));
        let _ = call.send().await.expect(204);
    }
    for registration in registrations {
        let found = single(Method::GET, registration).send().await.expect(200);
        assert_eq!(found.text(), format!("{registration:?}"));
    }
    let _ = single(Method::DELETE, None).send().await.expect(204);
    let _ = single(Method::GET, None).send().await.expect(404);
    let _ = single(Method::GET, registrations[1])
        .send()
        .await
        .expect(200);
}
