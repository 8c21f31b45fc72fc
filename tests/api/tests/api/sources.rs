//! `/api/v1/sources`: what came in by which key; and test statements.

use serde_json::{Value, json};
use varde_api_tests::{SECRET, World, statement};
use varde_core::keys::NewKey;
use varde_core::{Clock as _, Role, Scope, Tolerance};
use varde_xapi::Stored;

const HOUR: i64 = 3_600_000_000;
const SOURCES: &str = "/api/v1/sources";

/// The key `front-end` sent on two days: on time, late, from the future, without a timestamp, twice.
pub(crate) async fn world() -> World {
    let world = World::new().await;
    let now = world.clock.now();
    let at = |hours: i64, number: u32| {
        let mut statement = statement(number);
        statement["timestamp"] = json!(Stored(now.0 + hours * HOUR + 500_000));
        statement
    };
    let mut without = statement(5);
    if let Some(members) = without.as_object_mut() {
        members.remove("timestamp");
    }
    world
        .stored(&json!([
            at(0, 1),
            at(-200, 2),
            at(3, 3),
            at(30, 4),
            without
        ]))
        .await;
    world.clock.advance(24 * HOUR);
    let mut again = at(0, 1);
    if let Some(members) = again.as_object_mut() {
        members.remove("id");
    }
    world.stored(&json!([again.clone()])).await;
    world.stored(&json!([again])).await;
    world.keys().record_last_uses().await.expect("recorded");
    world.flag_repeats().await;
    world
}

async fn told(world: &World, path: &str) -> Value {
    world.get(path).send().await.expect(200).json()
}

fn source<'t>(table: &'t Value, name: &str) -> &'t Value {
    let sources = table["sources"].as_array().expect("a list");
    let found = sources.iter().find(|source| source["name"] == name);
    found.expect("the source is there")
}

#[tokio::test]
async fn what_came_in_by_a_key_is_told_by_day_and_in_all() {
    let world = world().await;
    let table = told(&world, SOURCES).await;
    assert_eq!(
        (&table["from"], &table["to"]),
        (&json!("2026-02-01"), &json!("2026-03-02"))
    );
    let of_key = source(&table, "front-end");
    let expected = json!({
        "statements": 7, "without_timestamp": 1, "future": 2, "skew_max_seconds": 30 * 3_600,
        "late": 1, "repeats": of_key["totals"]["repeats"],
    });
    assert_eq!(of_key["totals"], expected);
    assert!(of_key["totals"]["repeats"].as_u64() >= Some(1), "{table}");
    assert_eq!(table["totals"], of_key["totals"]);
    let days: Vec<_> = of_key["days"].as_array().into_iter().flatten().collect();
    assert_eq!(days.len(), 2);
    assert_eq!(
        (&days[0]["day"], &days[0]["statements"]),
        (&json!("2026-03-01"), &json!(5))
    );
    assert_eq!(of_key["rhythm"]["usual_gap_days"], 1);
    assert_eq!(of_key["space"], "sing");
    assert_eq!(of_key["statements_ever"], 7);
    assert!(of_key["last_use"].is_string() && of_key["last_statement"].is_string());
    assert_eq!(of_key["silent_since"], Value::Null);
    assert!(table["complete_through"].is_string());

    let first = told(&world, "/api/v1/sources?from=2026-03-01&to=2026-03-01").await;
    assert_eq!(source(&first, "front-end")["totals"]["statements"], 5);
    let repeats = told(&world, "/api/v1/sources/repeats?name=front-end").await;
    let listed = repeats["repeats"].as_array().map(Vec::len);
    assert_eq!(
        listed.map(|listed| json!(listed)),
        Some(of_key["totals"]["repeats"].clone())
    );
}

#[tokio::test]
async fn the_same_is_told_as_csv() {
    let world = world().await;
    let lines = async |path: &str| {
        let csv = world.get(path).send().await.expect(200);
        assert!(csv.header("content-type").starts_with("text/csv"), "{path}");
        let lines = csv.text().lines().map(str::to_owned);
        lines.collect::<Vec<_>>()
    };
    let by_source = lines("/api/v1/sources?format=csv").await;
    assert!(
        by_source[0].starts_with("key,space,role,from,to,statements,"),
        "{by_source:?}"
    );
    assert!(
        by_source[1].starts_with("front-end,sing,machine,2026-02-01,2026-03-02,7,1,2,108000,1,")
    );
    let by_day = lines("/api/v1/sources/days?name=front-end&format=csv").await;
    assert!(
        by_day[1].starts_with("front-end,sing,machine,2026-03-01,5,"),
        "{by_day:?}"
    );
    assert_eq!(by_day.len(), 3, "{by_day:?}");
    let days = told(&world, "/api/v1/sources/days?name=front-end").await;
    assert_eq!(days["days"][0]["statements"], 5);
    assert_eq!(days["days"][0]["name"], "front-end");
}

#[tokio::test]
async fn a_window_has_an_end_and_a_list_has_pages() {
    let world = world().await;
    for (query, rule) in [
        ("from=2026-03-02&to=2026-03-01", "window"),
        ("from=2025-03-01&to=2026-03-02", "window"),
        ("from=2026-02-30", "day"),
        ("limit=0", "page-limit"),
        ("cursor=x", "page-cursor"),
        ("format=xml", "choice"),
        ("of=sing", "parameter-unknown"),
    ] {
        let answer = world.get(&format!("{SOURCES}?{query}")).send().await;
        assert_eq!(answer.expect(400).rules(), [rule], "{query}");
    }
    world
        .key("another", "sing", &[Scope::StatementsWrite])
        .await;
    world.key("reader", "sing", &[Scope::AllRead]).await;
    let first = told(&world, "/api/v1/sources?limit=1").await;
    assert_eq!(
        first["sources"][0]["name"], "another",
        "a reader is no source"
    );
    let next = first["next"].as_str().expect("a cursor");
    let second = told(&world, &format!("/api/v1/sources?limit=1&cursor={next}")).await;
    assert_eq!(second["sources"][0]["name"], "front-end");
    assert_eq!(second["next"], Value::Null);
    assert_eq!(first["totals"]["statements"], 7, "of all pages");
}

#[tokio::test]
async fn other_projects_are_not_told_and_no_secret_is() {
    let world = world().await;
    world.key("elsewhere", "merse", &[Scope::All]).await;
    world.key("=cmd", "sing", &[Scope::StatementsWrite]).await;
    let by = |path: &str| world.get(path).by("elsewhere", SECRET);
    let table = by(SOURCES).send().await.expect(200).json();
    let names: Vec<_> = table["sources"].as_array().into_iter().flatten().collect();
    assert_eq!(names.len(), 1, "{table}");
    assert_eq!(names[0]["name"], "elsewhere");
    assert_eq!(table["totals"]["statements"], 0);
    let theirs = by("/api/v1/sources?name=front-end").send().await;
    assert_eq!(theirs.expect(200).json()["sources"], json!([]));
    let _ = by("/api/v1/sources/repeats?name=front-end")
        .send()
        .await
        .expect(404);
    for path in [SOURCES, "/api/v1/sources?format=csv"] {
        let all = world.get(path).send().await.expect(200);
        let text = all.text();
        assert!(!text.contains("argon2") && !text.contains(SECRET), "{text}");
        assert!(!text.contains("\n=cmd"), "no formula: {text}");
    }
}

#[tokio::test]
async fn what_a_key_is_let_off_is_told_with_how_often() {
    let world = World::new().await;
    world.let_off("old", &[Tolerance::UnknownParameters]).await;
    let call = world
        .get("/xapi/statements?cachebuster=1")
        .by("old", SECRET);
    let _ = call.send().await.expect(200);
    world.keys().record_uses().await.expect("recorded");
    let table = told(&world, SOURCES).await;
    let uses = &source(&table, "old")["tolerances"];
    assert_eq!(*uses, json!({ "unknown-parameters": 1 }));
}

#[tokio::test]
async fn a_test_statement_is_stored_in_the_test_space_and_counts_nowhere() {
    let world = World::new().await;
    let steward = NewKey {
        role: Some(Role::DataSteward),
        scopes: vec![Scope::All],
        ..World::new_key("steward", "sing")
    };
    world.make_key(steward).await;
    let path = "/api/v1/test-statements";
    let mut sent = Vec::new();
    for _ in 0..2 {
        let answer = world.post(path).by("steward", SECRET).send().await;
        let answer = answer.expect(201).json();
        sent.push(answer["statement"].as_str().expect("an id").to_owned());
        world.clock.advance(1_000_000);
    }
    let at = format!("{path}?statement={}", sent[0]);
    let stored = world.get(&at).by("steward", SECRET).send().await;
    let stored = stored.expect(200).json();
    assert_eq!(stored["id"], sent[0].as_str());
    assert_eq!(stored["actor"]["account"]["name"], "varde-check");
    assert_eq!(stored["authority"]["account"]["name"], "steward");
    // Nobody else is told of it, and it is not among the statements of the project.
    let _ = world.get(&at).send().await.expect(404);
    let live = format!("/xapi/statements?statementId={}", sent[0]);
    let _ = world
        .get(&live)
        .by("steward", SECRET)
        .send()
        .await
        .expect(404);
    world.flag_repeats().await;
    let table = told(&world, SOURCES).await;
    let of = |space: &str| {
        let sources = table["sources"].as_array().into_iter().flatten();
        let mut found =
            sources.filter(|source| source["name"] == "steward" && source["space"] == space);
        found.next().map(|source| source["totals"].clone())
    };
    let counts = |space: &str| of(space).map(|totals| totals["statements"].clone());
    assert_eq!(counts("sing"), Some(json!(0)));
    assert_eq!(counts("sing:test"), Some(json!(2)), "{table}");
    assert_eq!(
        of("sing:test").map(|totals| totals["repeats"].clone()),
        Some(json!(0))
    );
    let uncounted = told(&world, "/api/v1/uncounted").await;
    assert_eq!(uncounted["statements"], json!([]));
}

#[tokio::test]
async fn who_may_not_write_sends_no_test_statement() {
    let world = World::new().await;
    let auditor = NewKey {
        role: Some(Role::Auditor),
        scopes: Role::Auditor.default_scopes().to_vec(),
        ..World::new_key("auditor", "sing")
    };
    world.make_key(auditor).await;
    world.key("writer", "sing", &[Scope::StatementsWrite]).await;
    for name in ["auditor", "writer"] {
        let call = world.post("/api/v1/test-statements").by(name, SECRET);
        let _ = call.send().await.expect(403);
    }
    let all = world.get("/xapi/statements").send().await.expect(200);
    assert_eq!(all.statement_ids().len(), 0);
}

#[tokio::test]
async fn what_came_by_a_session_counts_for_the_key_that_minted_it() {
    let world = World::new().await;
    let activity = "https://example.org/courses/welding";
    let wish = json!({ "actor": statement(1)["actor"], "activity": activity });
    let minted = world.post("/api/v1/sessions").json(&wish).send().await;
    let minted = minted.expect(201).json();
    let token = minted["token"].as_str().expect("a token");
    let sent = world.post("/xapi/statements").by("session", token);
    let _ = sent.json(&statement(1)).send().await.expect(200);
    world.stored(&statement(2)).await;
    world.flag_repeats().await;
    let table = told(&world, SOURCES).await;
    assert_eq!(source(&table, "front-end")["totals"]["statements"], 2);
}
