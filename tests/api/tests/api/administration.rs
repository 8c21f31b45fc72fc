//! `users`, `audit`, `definitions`, `system`: who looks after what, each in the own projects alone.

use serde_json::{Value, json};
use varde_api_tests::{Answer, SECRET, World};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope};

const PASSWORD: &str = "a password for tests";

/// Makes a key of a role, named by project and role.
async fn key(world: &World, project: &str, role: Role) -> String {
    let name = format!("{project}-{role}");
    let key = NewKey {
        role: Some(role),
        scopes: role.default_scopes().to_vec(),
        ..World::new_key(&name, project)
    };
    world.make_key(key).await;
    name
}

/// A world with a key of each role in two projects, each auditor's used by a person.
async fn world() -> World {
    let world = World::new().await;
    for project in ["sing", "merse"] {
        for role in Role::EACH {
            key(&world, project, role).await;
        }
        let (name, key) = (format!("{project}-ada"), format!("{project}-auditor"));
        let made = world.users.create(&name, PASSWORD, &key).await;
        made.expect("a user");
    }
    world
}

async fn get(world: &World, target: &str, by: &str) -> Answer {
    world.get(target).by(by, SECRET).send().await
}

#[tokio::test]
async fn accounts_are_looked_after_by_administrators_of_their_keys_project() {
    let world = world().await;
    let by = "sing-administrator";
    let listed = get(&world, "/api/v1/users", by).await.expect(200);
    let text = listed.text();
    assert!(
        text.contains("sing-ada") && !text.contains("merse"),
        "{text}"
    );
    assert!(!text.contains("argon2"), "{text}");
    let make = |name: &str, key: &str| {
        let wish = json!({ "name": name, "password": PASSWORD, "key": key });
        world
            .post("/api/v1/users")
            .by(by, SECRET)
            .json(&wish)
            .send()
    };
    let eve = make("eve", "sing-evaluator").await.expect(201).json();
    assert_eq!(eve["role"], "evaluator", "{eve}");
    let _ = make("eve", "sing-evaluator").await.expect(409);
    for key in ["merse-auditor", "nobody", "front-end"] {
        let answer = make("mallory", key).await.expect(400);
        assert_eq!(answer.rules(), ["user-value"], "{key}");
    }
    for (name, status) in [("merse-ada", 404), ("nobody", 404), ("eve", 204)] {
        let call = world.post("/api/v1/users/password").query("name", name);
        let call = call
            .by(by, SECRET)
            .json(&json!({ "password": "another password" }));
        let _ = call.send().await.expect(status);
        let call = world.delete("/api/v1/users").query("name", name);
        let _ = call.by(by, SECRET).send().await.expect(status);
    }
    let listed = get(&world, "/api/v1/users", by).await.expect(200).json();
    let eve = listed["users"].as_array().expect("a list").iter();
    let eve = eve.clone().find(|user| user["name"] == "eve").expect("eve");
    assert!(eve["disabled"].is_string(), "{eve}");
    let told: Vec<_> = world.audit().lines(0).await.expect("lines");
    let told: Vec<_> = told.iter().map(|line| line.told.query.as_str()).collect();
    assert_eq!(told, ["user create()", "user password()", "user disable()"]);
}

#[tokio::test]
async fn each_is_for_its_roles_and_for_no_machine() {
    let world = world().await;
    world.key("machine", "sing", &[Scope::All]).await;
    for role in Role::EACH {
        let by = format!("sing-{role}");
        let is_told = |needed: &[Role]| if needed.contains(&role) { 200 } else { 403 };
        let (administrator, auditor) = (Role::Administrator, Role::Auditor);
        let readers = [administrator, auditor, Role::DataSteward, Role::Evaluator];
        for (target, status) in [
            ("/api/v1/users", is_told(&[administrator])),
            ("/api/v1/keys", is_told(&[administrator])),
            ("/api/v1/audit", is_told(&[administrator, auditor])),
            ("/api/v1/system", is_told(&[administrator, auditor])),
            ("/api/v1/definitions", is_told(&readers)),
        ] {
            let answer = get(&world, target, &by).await;
            assert_eq!(answer.status, status, "{role} {target}");
        }
    }
    for target in ["/api/v1/users", "/api/v1/audit", "/api/v1/system"] {
        let _ = get(&world, target, "machine").await.expect(403);
    }
}

#[tokio::test]
async fn the_audit_log_is_told_page_by_page_and_of_the_own_projects_alone() {
    let world = world().await;
    for _ in 0..3 {
        for project in ["sing", "merse"] {
            let by = format!("{project}-auditor");
            let _ = get(&world, "/api/v1/indicators?code=RCO85", &by)
                .await
                .expect(200);
        }
    }
    let first = get(&world, "/api/v1/audit?limit=2", "sing-auditor").await;
    let first = first.expect(200).json();
    let numbers = |page: &Value| -> Vec<u64> {
        let lines = page["lines"].as_array().expect("lines").iter();
        lines.filter_map(|line| line["number"].as_u64()).collect()
    };
    assert_eq!(numbers(&first), [5, 3], "{first}");
    assert_eq!(first["last"], 6, "{first}");
    let report = world.audit().verify().await.expect("a report");
    assert_eq!(first["head"], json!(report.head));
    for line in first["lines"].as_array().expect("lines") {
        assert_eq!(line["told"]["projects"], json!(["sing"]), "{line}");
    }
    let next = first["next"].as_u64().expect("it goes on");
    let target = format!("/api/v1/audit?limit=2&cursor={next}");
    let second = get(&world, &target, "sing-auditor")
        .await
        .expect(200)
        .json();
    assert_eq!(numbers(&second), [1], "{second}");
    assert_eq!(second["next"], Value::Null);
    let csv = get(&world, "/api/v1/audit?format=csv", "merse-administrator")
        .await
        .expect(200);
    assert_eq!(csv.text().lines().count(), 4, "{}", csv.text());
    assert!(!csv.text().contains("sing"), "{}", csv.text());
    let _ = get(&world, "/api/v1/audit?cursor=x", "sing-auditor")
        .await
        .expect(400);
}

#[tokio::test]
async fn the_system_tells_where_the_log_ends_and_who_signs() {
    let world = world().await;
    world.stored(&varde_api_tests::statement(1)).await;
    let told = get(&world, "/api/v1/system", "sing-auditor")
        .await
        .expect(200)
        .json();
    for (member, expected) in [
        ("store", json!("memory")),
        ("position", json!(1)),
        ("events_behind", json!(0)),
        ("last_backup", Value::Null),
    ] {
        assert_eq!(told[member], expected, "{told}");
    }
    assert!(
        told["signer"].is_string() && told["consistent_through"].is_string(),
        "{told}"
    );
}

#[tokio::test]
async fn every_definition_is_listed_with_its_hash_and_its_examples() {
    let world = crate::results::world().await;
    key(&world, "sing", Role::Auditor).await;
    let listed = get(&world, "/api/v1/definitions", "sing-auditor")
        .await
        .expect(200)
        .json();
    let listed = listed["definitions"].as_array().expect("a list");
    assert!(!listed.is_empty());
    for one in listed {
        assert_eq!(one["state"], "current", "{one}");
        assert_eq!(one["hash"].as_str().map(str::len), Some(64), "{one}");
        assert!(
            one["examples"].is_u64() && one.get("body").is_none(),
            "{one}"
        );
    }
}
