//! What the scopes of a credential open (xAPI 1.0.3 Communication 4.2).

use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{Call, SECRET, World, statement};
use varde_core::Scope;

use crate::statements_get::voiding;

const ACTIVITY: &str = "https://example.org/courses/welding";
const AGENT: &str = r#"{"mbox":"mailto:learner-1@example.org"}"#;

/// What a credential may want to do.
const ACTS: [&str; 9] = [
    "write statements",
    "read statements",
    "write state",
    "read state",
    "write activity profile",
    "read activity profile",
    "write agent profile",
    "read agent profile",
    "read about agents",
];

fn call(world: &World, act: &str) -> Call {
    let method = if act.starts_with("read") {
        Method::GET
    } else {
        Method::POST
    };
    let call = |path: &str| world.call(method.clone(), path);
    let body = |call: Call| {
        if method == Method::POST {
            call.body("application/json", "{}")
        } else {
            call
        }
    };
    match act {
        "write statements" => world.post("/xapi/statements").json(&statement(1)),
        "read statements" => world.get("/xapi/statements"),
        "read about agents" => world.get("/xapi/agents").query("agent", AGENT),
        _ if act.ends_with("state") => {
            let call = call("/xapi/activities/state").query("activityId", ACTIVITY);
            body(call.query("agent", AGENT).query("stateId", "s"))
        }
        _ if act.ends_with("activity profile") => {
            let call = call("/xapi/activities/profile").query("activityId", ACTIVITY);
            body(call.query("profileId", "p"))
        }
        _ => body(
            call("/xapi/agents/profile")
                .query("agent", AGENT)
                .query("profileId", "p"),
        ),
    }
}

#[tokio::test]
async fn each_scope_opens_its_own_resources_alone() {
    let world = World::new().await;
    for act in ACTS {
        assert!(call(&world, act).send().await.status.is_success(), "{act}");
    }
    for scope in Scope::EACH {
        world.key(scope.name(), "sing", &[scope]).await;
        let opens: &[&str] = match scope {
            Scope::All => &ACTS,
            Scope::AllRead => &[
                "read statements",
                "read state",
                "read activity profile",
                "read agent profile",
                "read about agents",
            ],
            Scope::StatementsWrite => &["write statements"],
            Scope::StatementsRead | Scope::StatementsReadMine => {
                &["read statements", "read about agents"]
            }
            Scope::State => &["write state", "read state"],
            Scope::Define => &["read about agents"],
            Scope::Profile => &[
                "write activity profile",
                "read activity profile",
                "write agent profile",
                "read agent profile",
            ],
            Scope::StateRead => &["read state"],
            Scope::StateWrite => &["write state"],
            Scope::ProfileRead => &["read activity profile", "read agent profile"],
            Scope::ProfileWrite => &["write activity profile", "write agent profile"],
            Scope::ActivitiesProfile => &["write activity profile", "read activity profile"],
            Scope::AgentsProfile => &["write agent profile", "read agent profile"],
        };
        for act in ACTS {
            let answer = call(&world, act).by(scope.name(), SECRET).send().await;
            if opens.contains(&act) {
                assert!(answer.status.is_success(), "{} may {act}", scope.name());
            } else {
                let answer = answer.expect(403);
                assert!(answer.text().contains("scopes"), "{}", answer.text());
            }
        }
    }
}

#[tokio::test]
async fn reading_only_its_own_holds_for_every_way_to_read() {
    let world = World::new().await;
    let scopes = [Scope::StatementsWrite, Scope::StatementsReadMine];
    world.key("own", "sing", &scopes).await;
    let own = |call: Call| call.by("own", SECRET);
    let theirs = world.stored(&json!([statement(1), statement(1)])).await;
    let reference = json!({ "objectType": "StatementRef", "id": theirs[0] });
    let mut reply = statement(2);
    reply["object"] = reference;
    let batch = json!([reply, statement(1), statement(1)]);
    let mine = own(world.post("/xapi/statements"))
        .json(&batch)
        .send()
        .await
        .expect(200)
        .json();
    let mine: Vec<String> = serde_json::from_value(mine).unwrap();
    for (name, value) in [
        ("ascending", "true"),
        ("agent", AGENT),
        ("activity", ACTIVITY),
        ("format", "canonical"),
    ] {
        let mut next = own(world.get("/xapi/statements?limit=1&related_agents=true"));
        next = next.query(name, value);
        let mut found = Vec::new();
        loop {
            let page = next.send().await.expect(200);
            found.extend(page.statement_ids());
            match page.json()["more"].as_str().unwrap() {
                "" => break,
                more => next = own(world.get(more)),
            }
        }
        found.sort();
        let mut expected = mine.clone();
        expected.sort();
        // The reply is found through the statement that it refers to, which itself is not.
        assert_eq!(found, expected, "{name}");
    }
    let single = |id: &str| own(world.get("/xapi/statements").query("statementId", id));
    let _ = single(&mine[0]).send().await.expect(200);
    let _ = single(&theirs[0]).send().await.expect(404);
    let call = own(world.get("/xapi/statements?attachments=true"));
    let parts = call.send().await.expect(200);
    assert!(mine.iter().all(|id| parts.text().contains(id)));
    assert!(
        !parts
            .text()
            .contains(&format!(r#""id":"{}","stored""#, theirs[1]))
    );
}

#[tokio::test]
async fn a_key_that_may_define_changes_definitions() {
    let world = World::new().await;
    world
        .key("author", "sing", &[Scope::StatementsWrite, Scope::Define])
        .await;
    let mut sent = statement(1);
    sent["object"]["definition"] = json!({ "name": { "en": "Welding" } });
    let call = world
        .post("/xapi/statements")
        .by("author", SECRET)
        .json(&sent);
    let _ = call.send().await.expect(200);
    let call = world.get("/xapi/activities").query("activityId", ACTIVITY);
    let known = call.by("author", SECRET).send().await.expect(200).json();
    assert_eq!(known["definition"], sent["object"]["definition"]);
}

#[tokio::test]
async fn a_credential_gives_the_same_authority_each_time() {
    let world = World::new().await;
    world.key("other", "sing", &[Scope::All]).await;
    let authorities = async |name: &str| -> Vec<Value> {
        let mut found = Vec::new();
        for version in ["1.0.3", "2.0.0"] {
            let call = world
                .post("/xapi/statements")
                .by(name, SECRET)
                .version(version);
            let ids = call.json(&statement(1)).send().await.expect(200).json();
            let call = world
                .get("/xapi/statements")
                .query("statementId", ids[0].as_str().unwrap());
            found.push(call.send().await.expect(200).json()["authority"].clone());
        }
        found
    };
    let (one, other) = (authorities("front-end").await, authorities("other").await);
    assert_eq!(one[0], one[1]);
    assert_eq!(other[0], other[1]);
    assert_ne!(one[0], other[0]);
}

#[tokio::test]
async fn who_may_not_write_may_not_void() {
    let world = World::new().await;
    world.key("reader", "sing", &[Scope::AllRead]).await;
    let id = world.stored(&statement(1)).await.remove(0);
    let call = world.post("/xapi/statements").by("reader", SECRET);
    let _ = call.json(&voiding(&id)).send().await.expect(403);
    let call = world.get("/xapi/statements").query("statementId", &id);
    let _ = call.send().await.expect(200);
}
