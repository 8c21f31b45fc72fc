//! API keys under `/api/v1/keys`, and what each of their settings does.

use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{Answer, SECRET, World};
use varde_core::keys::{KEY_FRESH_MICROS, NewKey};
use varde_core::{Role, Scope};
use varde_xapi::Stored;

const ADMINISTRATOR: &str = "administrator";
const HOUR: i64 = 3_600_000_000;

/// A world with an administrator of the project `sing`.
async fn world() -> World {
    let world = World::new().await;
    let key = NewKey {
        scopes: Role::Administrator.default_scopes().to_vec(),
        role: Some(Role::Administrator),
        ..World::new_key(ADMINISTRATOR, "sing")
    };
    world.make_key(key).await;
    world
}

async fn ask(world: &World, method: Method, target: &str, body: Option<&Value>) -> Answer {
    let call = world.call(method, target).by(ADMINISTRATOR, SECRET);
    match body {
        Some(body) => call.json(body).send().await,
        None => call.send().await,
    }
}

/// Makes a key over HTTP and returns what is shown of it.
async fn made(world: &World, wish: Value) -> Value {
    let answer = ask(world, Method::POST, "/api/v1/keys", Some(&wish)).await;
    let answer = answer.expect(201);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()
}

fn secret(shown: &Value) -> &str {
    shown["secret"].as_str().expect("a secret")
}

async fn status(world: &World, name: &str, secret: &str) -> u16 {
    let call = world.get("/xapi/statements").by(name, secret);
    call.send().await.status.as_u16()
}

#[tokio::test]
async fn a_key_is_made_used_listed_rotated_and_revoked() {
    let world = world().await;
    let wish = json!({ "name": "lms", "space": "sing", "scopes": ["all/read"] });
    let shown = made(&world, wish.clone()).await;
    let first = secret(&shown).to_owned();
    assert_eq!(
        shown["authority"]["account"]["homePage"],
        "https://varde.example.org"
    );
    assert_eq!(status(&world, "lms", &first).await, 200);

    let list = ask(&world, Method::GET, "/api/v1/keys", None)
        .await
        .expect(200);
    assert!(list.text().contains("\"lms\""), "{}", list.text());
    assert!(!list.text().contains(&first) && !list.text().contains("argon2"));

    let again = ask(&world, Method::POST, "/api/v1/keys", Some(&wish)).await;
    let _ = again.expect(409);

    let rotate = "/api/v1/keys/rotate?name=lms&overlap_hours=2";
    let shown = ask(&world, Method::POST, rotate, None)
        .await
        .expect(200)
        .json();
    let second = secret(&shown).to_owned();
    for (hours, earlier) in [(0, 200), (1, 200), (1, 401)] {
        world.clock.advance(hours * HOUR);
        assert_eq!(status(&world, "lms", &first).await, earlier);
        assert_eq!(status(&world, "lms", &second).await, 200);
    }

    let revoke = "/api/v1/keys?name=lms";
    let _ = ask(&world, Method::DELETE, revoke, None).await.expect(204);
    assert_eq!(status(&world, "lms", &second).await, 401);
    let _ = ask(&world, Method::DELETE, revoke, None).await.expect(409);
    let _ = ask(&world, Method::POST, rotate, None).await.expect(409);
    let _ = ask(&world, Method::POST, "/api/v1/keys", Some(&wish))
        .await
        .expect(409);
}

#[tokio::test]
async fn a_rotation_without_an_overlap_ends_the_earlier_secret_at_once() {
    let world = world().await;
    let wish = json!({ "name": "lms", "space": "sing", "scopes": ["all/read"] });
    let first = secret(&made(&world, wish).await).to_owned();
    assert_eq!(status(&world, "lms", &first).await, 200);
    let rotate = "/api/v1/keys/rotate?name=lms&overlap_hours=0";
    let shown = ask(&world, Method::POST, rotate, None)
        .await
        .expect(200)
        .json();
    assert_eq!(status(&world, "lms", &first).await, 401);
    assert_eq!(status(&world, "lms", secret(&shown)).await, 200);
    for hours in ["721", "-1", "two"] {
        let rotate = format!("/api/v1/keys/rotate?name=lms&overlap_hours={hours}");
        let refused = ask(&world, Method::POST, &rotate, None).await.expect(400);
        assert!(refused.text().contains("720"), "{}", refused.text());
    }
}

#[tokio::test]
async fn what_another_process_revoked_is_let_in_for_ten_seconds_at_most() {
    let world = world().await;
    world.key("lms", "sing", &[Scope::AllRead]).await;
    assert_eq!(status(&world, "lms", SECRET).await, 200);
    let others = world.keys_of_another_process();
    others.revoke("lms").await.expect("the key is there");
    world.clock.advance(KEY_FRESH_MICROS - 1);
    assert_eq!(status(&world, "lms", SECRET).await, 200, "remembered");
    world.clock.advance(1);
    assert_eq!(status(&world, "lms", SECRET).await, 401);
}

#[tokio::test]
async fn a_key_past_its_end_is_answered_as_an_unknown_one() {
    let world = world().await;
    let end = Stored(varde_core::Clock::now(&*world.clock).0 + HOUR);
    let wish = json!({
        "name": "lms", "space": "sing", "scopes": ["all/read"], "expires": end,
    });
    let shown = made(&world, wish).await;
    world.clock.set(Stored(end.0 - 1));
    assert_eq!(status(&world, "lms", secret(&shown)).await, 200);
    world.clock.set(end);
    let call = |name, secret| world.get("/xapi/statements").by(name, secret);
    let past = call("lms", secret(&shown)).send().await.expect(401);
    let unknown = call("nobody", SECRET).send().await.expect(401);
    assert_eq!(past.json(), unknown.json());
    let wish = json!({ "name": "x", "space": "sing", "scopes": ["all"], "expires": end });
    let refused = ask(&world, Method::POST, "/api/v1/keys", Some(&wish)).await;
    assert!(refused.expect(400).text().contains("lies ahead"));
}

#[tokio::test]
async fn a_key_with_origins_is_for_pages_of_these_and_for_what_is_no_page() {
    let world = world().await;
    let wish = json!({
        "name": "page", "space": "sing", "scopes": ["all/read"],
        "origins": ["https://course.example.org"],
    });
    let shown = made(&world, wish).await;
    let from = async |origin: Option<&str>| {
        let call = world.get("/xapi/statements").by("page", secret(&shown));
        let call = match origin {
            Some(origin) => call.header("origin", origin),
            None => call,
        };
        call.send().await
    };
    let _ = from(None).await.expect(200);
    let _ = from(Some("https://COURSE.example.org")).await.expect(200);
    for origin in ["https://evil.example", "http://course.example.org", "null"] {
        let refused = from(Some(origin)).await.expect(403);
        assert_eq!(refused.json()["code"], "foreign-origin", "{origin}");
    }
    let wish = json!({
        "name": "x", "space": "sing", "scopes": ["all"], "origins": ["https://e.org/path"],
    });
    let _ = ask(&world, Method::POST, "/api/v1/keys", Some(&wish))
        .await
        .expect(400);
}

#[tokio::test]
async fn a_key_has_a_rate_of_its_own() {
    let world = world().await;
    let wish = json!({
        "name": "lms", "space": "sing", "scopes": ["all/read"], "requests_per_minute": 2,
    });
    let shown = made(&world, wish).await;
    for _ in 0..2 {
        assert_eq!(status(&world, "lms", secret(&shown)).await, 200);
    }
    let call = world.get("/xapi/statements").by("lms", secret(&shown));
    let refused = call.send().await.expect(429);
    assert_eq!(refused.header("retry-after"), "30");
    world.clock.advance(30_000_000);
    assert_eq!(status(&world, "lms", secret(&shown)).await, 200);
}

#[tokio::test]
async fn a_key_names_its_authority_and_nothing_but_an_agent() {
    let world = world().await;
    let wish = |name: &str, authority: Value| {
        json!({
            "name": name, "space": "sing", "scopes": ["all"], "authority": authority,
        })
    };
    let named = json!({ "mbox": "mailto:lms@example.org" });
    let shown = made(&world, wish("lms", named)).await;
    let expected = json!({ "objectType": "Agent", "mbox": "mailto:lms@example.org" });
    assert_eq!(shown["authority"], expected);
    let call = world.post("/xapi/statements").by("lms", secret(&shown));
    let sent = call.json(&varde_api_tests::statement(1)).send().await;
    let id = sent.expect(200).json()[0]
        .as_str()
        .expect("an id")
        .to_owned();
    let call = world.get("/xapi/statements").query("statementId", &id);
    assert_eq!(call.send().await.expect(200).json()["authority"], expected);
    for wrong in [
        json!({ "name": "Nobody" }),
        json!("lms"),
        json!({ "mbox": "lms" }),
    ] {
        let wish = wish("x", wrong);
        let refused = ask(&world, Method::POST, "/api/v1/keys", Some(&wish)).await;
        assert!(refused.expect(400).text().contains("authority"));
    }
}

#[tokio::test]
async fn the_last_use_is_recorded_to_the_minute_and_not_by_the_request() {
    let world = world().await;
    world.key("lms", "sing", &[Scope::AllRead]).await;
    let last_use = async || {
        let list = ask(&world, Method::GET, "/api/v1/keys", None)
            .await
            .expect(200);
        let keys = list.json()["keys"].as_array().expect("keys").clone();
        let lms = keys.into_iter().find(|key| key["name"] == "lms");
        lms.expect("the key")["last_use"].clone()
    };
    let first = varde_core::Clock::now(&*world.clock);
    assert_eq!(status(&world, "lms", SECRET).await, 200);
    assert_eq!(last_use().await, Value::Null);
    world.keys().record_last_uses().await.expect("recorded");
    assert_eq!(last_use().await, json!(first));
    for (later, expected) in [(59_999_999, first), (1, Stored(first.0 + 60_000_000))] {
        world.clock.advance(later);
        assert_eq!(status(&world, "lms", SECRET).await, 200);
        world.keys().record_last_uses().await.expect("recorded");
        assert_eq!(last_use().await, json!(expected));
    }
}

#[tokio::test]
async fn an_administrator_looks_after_keys_of_the_own_projects_alone() {
    let world = world().await;
    world.key("theirs", "merse", &[Scope::All]).await;
    let reaching = NewKey {
        projects: vec!["merse".parse().expect("a project")],
        ..World::new_key("reaching", "sing")
    };
    world.make_key(reaching).await;
    let list = ask(&world, Method::GET, "/api/v1/keys", None)
        .await
        .expect(200);
    assert!(!list.text().contains("theirs"), "{}", list.text());
    for name in ["theirs", "reaching"] {
        let rotate = format!("/api/v1/keys/rotate?name={name}");
        let _ = ask(&world, Method::POST, &rotate, None).await.expect(404);
        let revoke = format!("/api/v1/keys?name={name}");
        let _ = ask(&world, Method::DELETE, &revoke, None).await.expect(404);
        assert_ne!(status(&world, name, SECRET).await, 401, "{name}");
    }
    for beyond in [
        json!({ "name": "x", "space": "merse", "scopes": ["all"] }),
        json!({ "name": "x", "space": "merse:test", "scopes": ["all"] }),
        json!({ "name": "x", "space": "sing", "scopes": ["all"], "reads": ["merse"] }),
        json!({ "name": "x", "space": "sing", "scopes": ["all"], "projects": ["merse"] }),
    ] {
        let refused = ask(&world, Method::POST, "/api/v1/keys", Some(&beyond)).await;
        let refused = refused.expect(403);
        assert_eq!(refused.json()["code"], "foreign-project", "{beyond}");
    }
    let wish = json!({ "name": "trial", "space": "sing:test", "role": "auditor" });
    assert_eq!(made(&world, wish).await["scopes"], json!(["all/read"]));
}

#[tokio::test]
async fn no_machine_makes_keys_whatever_its_scopes() {
    let world = world().await;
    let wish = json!({ "name": "x", "space": "sing", "scopes": ["all"] });
    let refused = world.post("/api/v1/keys").json(&wish).send().await;
    let refused = refused.expect(403);
    assert!(
        refused.text().contains("administrator"),
        "{}",
        refused.text()
    );
}
