//! `GET /api/v1/refusals`: what was wrong with requests that were refused, and nothing that was in them.

use axum::http::Method;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use serde_json::{Value, json};
use varde_api_tests::{SECRET, World, statement};
use varde_core::keys::NewKey;
use varde_core::{Role, Scope};

/// Returns the notes, as the key `front-end` is told of them.
async fn notes(world: &World) -> Vec<Value> {
    world.refusals.record().await.expect("recorded");
    let page = world
        .get("/api/v1/refusals")
        .send()
        .await
        .expect(200)
        .json();
    page["items"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn a_refused_statement_leaves_a_note_of_where_and_why() {
    let world = World::new().await;
    let mut wrong = statement(1);
    wrong["actor"] = json!({ "mbox": "kari.nordmann" });
    let batch = json!([statement(2), wrong]);
    for _ in 0..3 {
        let answer = world.post("/xapi/statements").json(&batch).send().await;
        let answer = answer.expect(400);
        assert!(
            answer.text().contains("kari.nordmann"),
            "the sender is told"
        );
    }
    let notes = notes(&world).await;
    assert_eq!(notes.len(), 1, "{notes:?}");
    let note = &notes[0];
    for (member, expected) in [
        ("key", json!("front-end")),
        ("method", json!("POST")),
        ("route", json!("/xapi/statements")),
        ("status", json!(400)),
        ("code", json!("invalid-request")),
        ("times", json!(3)),
        ("total", json!(1)),
    ] {
        assert_eq!(note[member], expected, "{note}");
    }
    let broken = &note["broken"][0];
    assert_eq!(broken["path"], "$[1].actor.mbox", "{note}");
    assert_eq!(broken["rule"], "mbox", "{note}");
    assert_eq!(broken["shape"], "a text of 13 characters", "{note}");
    assert!(
        broken["section"]
            .as_str()
            .is_some_and(|at| at.contains("2.4.2.3")),
        "{note}"
    );
    assert!(
        broken["expected"]
            .as_str()
            .is_some_and(|text| text.contains("mailto:")),
        "{note}"
    );
    assert!(
        broken["line"].is_u64() && broken["column"].is_u64(),
        "{note}"
    );
    let csv = world
        .get("/api/v1/refusals?format=csv")
        .send()
        .await
        .expect(200);
    let line = csv.text().lines().nth(1).expect("a row");
    assert!(
        line.starts_with("front-end,") && line.contains("$[1].actor.mbox"),
        "{line}"
    );
}

/// What somebody sent of a person, which no note may hold.
const PERSONAL: [&str; 5] = [
    "Kari Nordmann",
    "Nordmann",
    "kari@example.org",
    "01017000027",
    "19811228-9874",
];

/// A request: method, target, content type, body.
type Sent = (Method, String, &'static str, String);

/// Requests that hold what is personal wherever a sender can put it.
#[expect(
    clippy::too_many_lines,
    reason = "a request for each place that takes a value"
)]
fn hostile() -> Vec<Sent> {
    let json = "application/json";
    let mut all: Vec<Sent> = Vec::new();
    for text in PERSONAL {
        let mut bodies = vec![
            text.to_owned(),
            format!("\"{text}\""),
            format!("[\"{text}\"]"),
            format!("{{\"{text}\":1}}"),
            format!("{{\"actor\":{{\"{text}\":{{\"{text}\":1}}}}}}"),
            format!("{{\"{text}\":1,\"{text}\":2}}"),
        ];
        for (pointer, value) in [
            ("/actor", json!(text)),
            ("/actor", json!({ "mbox": text, "name": [text] })),
            (
                "/actor",
                json!({ "account": { "homePage": text, "name": { text: text } } }),
            ),
            ("/actor", json!({ "mbox_sha1sum": text, "openid": text })),
            ("/verb", json!({ "id": text, "display": { text: 1 } })),
            ("/object", json!({ "id": text, "objectType": text })),
            (
                "/object",
                json!({ "id": "https://example.org/a", "definition": { "name": { text: text }, "extensions": { text: null } } }),
            ),
            (
                "/object",
                json!({ "objectType": "StatementRef", "id": text }),
            ),
            ("/timestamp", json!(text)),
            ("/id", json!(text)),
        ] {
            let mut one = statement(1);
            *one.pointer_mut(pointer).unwrap_or(&mut Value::Null) = value.clone();
            one[pointer.trim_start_matches('/')] = value;
            bodies.push(one.to_string());
        }
        let mut one = statement(1);
        one["result"] = json!({ "duration": text, "score": { "scaled": text }, "extensions": { text: { text: 1 } } });
        one["context"] = json!({ "language": text, "registration": text, "extensions": { format!("https://example.org/{text}"): 1, text: 2 } });
        one["attachments"] = json!([{ "usageType": text, "display": { text: text }, "contentType": text, "length": text, "sha2": text }]);
        bodies.push(one.to_string());
        all.extend(
            bodies
                .into_iter()
                .map(|body| (Method::POST, "/xapi/statements".to_owned(), json, body)),
        );
        let encoded = percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string();
        for target in [
            format!("/xapi/statements?{encoded}={encoded}"),
            format!("/xapi/statements?agent={encoded}"),
            format!("/xapi/statements?agent=%7B%22mbox%22%3A%22{encoded}%22%7D"),
            format!("/xapi/statements?since={encoded}&verb={encoded}&limit={encoded}"),
            format!("/xapi/statements?more={encoded}"),
            format!("/xapi/statements?statementId={encoded}"),
            format!("/xapi/agents?agent={encoded}&{encoded}=1"),
            format!(
                "/xapi/activities/state?activityId={encoded}&agent={encoded}&stateId={encoded}"
            ),
            format!("/api/v1/indicators?project={encoded}"),
            format!("/api/v1/people/{encoded}/record?as_of={encoded}"),
            format!("/api/v1/cohorts?project={encoded}&competence={encoded}"),
        ] {
            all.push((Method::GET, target, json, String::new()));
        }
        let form = format!("agent={encoded}&{encoded}={encoded}");
        all.push((
            Method::POST,
            "/xapi/statements?method=GET".to_owned(),
            "application/x-www-form-urlencoded",
            form,
        ));
        all.push((
            Method::POST,
            "/xapi/statements".to_owned(),
            "text/plain",
            text.to_owned(),
        ));
        all.push((
            Method::POST,
            "/api/v1/sessions".to_owned(),
            json,
            json!({ text: text, "actor": text, "activity": text, "seconds": text }).to_string(),
        ));
        all.push((
            Method::POST,
            "/api/v1/sessions".to_owned(),
            json,
            json!({ "actor": { "mbox": text }, "activity": text, "seconds": 60 }).to_string(),
        ));
        all.push((
            Method::POST,
            "/api/v1/imports".to_owned(),
            "text/csv",
            format!("pseudonym,{text}\n{text},1\n"),
        ));
        all.push((
            Method::PUT,
            format!("/api/v1/balances?project=sing&code=RCO85&{encoded}=1"),
            json,
            json!({ "source": text, "value": text }).to_string(),
        ));
    }
    all
}

#[tokio::test]
async fn no_note_holds_what_somebody_sent() {
    let world = World::new().await;
    let (mut refused, mut noted) = (0, 0);
    for (method, target, content_type, body) in hostile() {
        let call = world.call(method, &target);
        let answer = call.body(content_type, body.clone()).send().await;
        if matches!(answer.status.as_u16(), 400 | 403 | 413) {
            refused += 1;
        }
        let all = notes(&world).await;
        noted = noted.max(all.len());
        let text = json!(all).to_string();
        for personal in PERSONAL {
            assert!(
                !text.contains(personal),
                "{personal} of {target} {body} in {text}"
            );
        }
    }
    assert!(refused > 100, "most of them are refused: {refused}");
    assert!(noted > 20, "and leave notes of their own: {noted}");
}

#[tokio::test]
async fn what_is_refused_before_anybody_asks_who_sent_it_is_noted_for_its_key() {
    let world = World::new().await;
    let call = world.get("/xapi/statements");
    let _ = call
        .without("x-experience-api-version")
        .send()
        .await
        .expect(400);
    let form = "Authorization=Basic%20ZnJvbnQtZW5kOmEgc2VjcmV0IGZvciB0ZXN0cw==&X-Experience-API-Version=1.0.3&bogus=1";
    let call = world
        .post("/xapi/statements?method=GET")
        .without("authorization");
    let _ = call
        .body("application/x-www-form-urlencoded", form)
        .send()
        .await
        .expect(400);
    let notes = notes(&world).await;
    let rules: Vec<_> = notes
        .iter()
        .map(|note| &note["broken"][0]["rule"])
        .collect();
    assert_eq!(rules, ["parameter-unknown", "header-missing"], "{notes:?}");
    assert_eq!(notes[0]["method"], "GET", "what the form stands for");
    assert!(
        notes.iter().all(|note| note["key"] == "front-end"),
        "{notes:?}"
    );
}

#[tokio::test]
async fn what_a_key_may_not_do_is_noted_and_what_is_of_everyday_use_is_not() {
    let world = World::new().await;
    world.key("writer", "sing", &[Scope::StatementsWrite]).await;
    let origin = NewKey {
        origins: vec!["https://course.example.org".parse().expect("an origin")],
        scopes: vec![Scope::All],
        ..World::new_key("page", "sing")
    };
    world.make_key(origin).await;
    let _ = world
        .get("/xapi/statements")
        .by("writer", SECRET)
        .send()
        .await
        .expect(403);
    let foreign = world.get("/xapi/statements").by("page", SECRET);
    let _ = foreign
        .header("origin", "https://kari.example.org")
        .send()
        .await
        .expect(403);
    let _ = world.delete("/xapi/statements").send().await.expect(405);

    let none = "/xapi/statements?statementId=5a4d0000-0000-4000-8000-000000000000";
    let _ = world.get(none).send().await.expect(404);
    let _ = world.get("/xapi/nowhere").send().await.expect(404);
    let _ = world
        .get("/xapi/statements")
        .by("writer", "wrong")
        .send()
        .await
        .expect(401);
    let _ = world
        .get("/xapi/statements")
        .without("authorization")
        .send()
        .await
        .expect(401);
    let profile = "/xapi/activities/profile?activityId=https://example.org/a&profileId=p";
    let call = || {
        world
            .put(profile)
            .body("text/plain", "one")
            .header("if-none-match", "*")
    };
    let _ = call().send().await.expect(204);
    let _ = call().send().await.expect(412);
    let _ = world
        .post("/xapi/statements")
        .json(&statement(1))
        .send()
        .await
        .expect(200);

    let notes = notes(&world).await;
    let mut seen: Vec<_> = notes
        .iter()
        .map(|note| (note["key"].as_str(), note["code"].as_str()))
        .collect();
    seen.sort_unstable();
    let expected = [
        (Some("front-end"), Some("method-not-allowed")),
        (Some("page"), Some("foreign-origin")),
        (Some("writer"), Some("forbidden")),
    ];
    assert_eq!(seen, expected);
    let writer = notes
        .iter()
        .find(|note| note["key"] == "writer")
        .expect("noted");
    let needs = writer["expected"].as_str().expect("what it needs");
    assert!(needs.contains("statements/read"), "{needs}");
}

#[tokio::test]
async fn notes_are_told_to_who_looks_after_statements_of_the_keys_project() {
    let world = World::new().await;
    world.key("merse-lms", "merse", &[Scope::All]).await;
    for key in ["front-end", "merse-lms"] {
        let sent = world
            .post("/xapi/statements")
            .by(key, SECRET)
            .json(&json!({}));
        let _ = sent.send().await.expect(400);
    }
    world.refusals.record().await.expect("recorded");
    for role in Role::EACH {
        let key = NewKey {
            role: Some(role),
            scopes: role.default_scopes().to_vec(),
            ..World::new_key(role.name(), "sing")
        };
        world.make_key(key).await;
        let ask = |target: &'static str| world.get(target).by(role.name(), SECRET).send();
        let told = matches!(
            role,
            Role::Administrator | Role::DataSteward | Role::Auditor
        );
        let answer = ask("/api/v1/refusals").await;
        assert_eq!(answer.status, if told { 200 } else { 403 }, "{role}");
        if told {
            let text = answer.text();
            assert!(
                text.contains("front-end") && !text.contains("merse"),
                "{text}"
            );
            let one = ask("/api/v1/refusals?key=front-end&limit=1")
                .await
                .expect(200);
            assert_eq!(one.json()["items"].as_array().map(Vec::len), Some(1));
            let _ = ask("/api/v1/refusals?key=merse-lms").await.expect(404);
            let _ = ask("/api/v1/refusals?key=nobody").await.expect(404);
            let _ = ask("/api/v1/refusals?limit=0").await.expect(400);
        }
    }
}

#[tokio::test]
async fn a_session_and_somebody_signed_in_are_noted_under_the_key_that_they_act_through() {
    let world = World::new().await;
    let minted = world.post("/api/v1/sessions").json(&json!({
        "actor": { "mbox": "mailto:learner@example.org" },
        "activity": "https://example.org/both",
        "seconds": 600,
    }));
    let minted = minted.send().await.expect(201).json();
    let token = minted["token"].as_str().expect("a token");
    let call = world.post("/xapi/statements").bearing(token);
    let _ = call.json(&json!({})).send().await.expect(400);
    let notes = notes(&world).await;
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(notes[0]["key"], "front-end");
}
