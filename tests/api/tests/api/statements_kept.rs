//! Statements come back as they were sent, save for what the standard lets a store change.

use serde_json::{Value, json};
use varde_api_tests::{World, statement};

async fn kept(world: &World, version: &str, sent: &Value) -> Value {
    let call = world.post("/xapi/statements").version(version).json(sent);
    let ids = call.send().await.expect(200).json();
    let call = world
        .get("/xapi/statements")
        .query("statementId", ids[0].as_str().expect("an id"));
    call.version(version).send().await.expect(200).json()
}

#[tokio::test]
async fn the_format_is_exact_and_the_order_newest_first_unless_asked_otherwise() {
    let world = World::new().await;
    let mut first = statement(1);
    first["verb"]["display"] = json!({ "en": "finished", "sv": "slutförde" });
    let ids = world
        .stored(&json!([first, statement(2), statement(3)]))
        .await;
    let list = world.get("/xapi/statements").send().await.expect(200);
    let newest_first: Vec<_> = ids.iter().rev().cloned().collect();
    assert_eq!(list.statement_ids(), newest_first);
    assert_eq!(list.json()["statements"][2]["verb"], first["verb"]);
    let oldest_first = world
        .get("/xapi/statements?ascending=true")
        .send()
        .await
        .expect(200);
    assert_eq!(oldest_first.statement_ids(), ids);
}

#[tokio::test]
async fn letters_of_any_script_come_back() {
    let world = World::new().await;
    let text = "Å løse oppgåva · 学ぶ · учёба · 🎓 · e\u{301} · \u{202e}\" \\ \u{7f} \n";
    let mut sent = statement(1);
    sent["verb"]["display"] = json!({ "nb": text, "sma": text, "x-ours": text });
    sent["object"]["id"] = "https://example.org/kurs/sveising-på-åtte-språk/学ぶ".into();
    sent["result"] = json!({ "response": text });
    sent["context"] = json!({ "extensions": { "https://example.org/ø": { text: [text] } } });
    let found = kept(&world, "1.0.3", &sent).await;
    for member in ["verb", "object", "result", "context"] {
        assert_eq!(found[member], sent[member]);
    }
    let call = world.get("/xapi/statements");
    let call = call.query("activity", sent["object"]["id"].as_str().unwrap());
    assert_eq!(call.send().await.expect(200).statement_ids().len(), 1);
}

#[tokio::test]
async fn a_member_named_twice_is_refused_and_nothing_stored() {
    let world = World::new().await;
    let text = statement(1).to_string();
    for twice in [
        text.replacen('{', r#"{"verb":{"id":"urn:v"},"#, 1),
        text.replacen(r#"{"id""#, r#"{"id":"urn:x","id""#, 1),
        text.replacen(
            '{',
            r#"{"result":{"extensions":{"urn:x":{"a":1,"a":1}}},"#,
            1,
        ),
    ] {
        for version in ["1.0.3", "2.0.0"] {
            let call = world.post("/xapi/statements").version(version);
            let answer = call
                .body("application/json", twice.clone())
                .send()
                .await
                .expect(400);
            assert_eq!(answer.rules(), ["json-duplicate-key"], "{twice}");
        }
    }
    let list = world.get("/xapi/statements").send().await.expect(200);
    assert!(list.statement_ids().is_empty());
}

#[tokio::test]
async fn a_timestamp_comes_back_in_utc_with_all_its_digits() {
    let world = World::new().await;
    for (version, given, expected) in [
        (
            "1.0.3",
            "2026-03-01T13:00:00.1234567+01:00",
            "2026-03-01T12:00:00.1234567Z",
        ),
        (
            "2.0.0",
            "2026-03-01T13:00:00.1234567+01:00",
            "2026-03-01T12:00:00.1234567Z",
        ),
        ("2.0.0", "2026-03-01 12:00:00Z", "2026-03-01T12:00:00.000Z"),
        ("1.0.3", "2026-03-01T12:00:00.5", "2026-03-01T12:00:00.500Z"),
        (
            "1.0.3",
            "2126-03-01T00:30:00+0130",
            "2126-02-28T23:00:00.000Z",
        ),
    ] {
        let mut sent = statement(1);
        sent["timestamp"] = given.into();
        assert_eq!(
            kept(&world, version, &sent).await["timestamp"],
            expected,
            "{given}"
        );
    }
}

#[tokio::test]
async fn a_duration_comes_back_as_it_was_sent() {
    let world = World::new().await;
    for (version, duration) in [
        ("1.0.3", "PT0.125674S"),
        ("2.0.0", "P1DT2H0.12567S"),
        ("2.0.0", "P3W"),
    ] {
        let mut sent = statement(1);
        sent["result"] = json!({ "duration": duration });
        assert_eq!(
            kept(&world, version, &sent).await["result"]["duration"],
            duration
        );
    }
}

#[tokio::test]
async fn a_version_comes_back_as_it_was_sent() {
    let world = World::new().await;
    for (version, own) in [
        ("1.0.3", "1.0"),
        ("1.0.3", "1.0.9"),
        ("2.0.0", "1.0.2"),
        ("2.0.0", "2.0.0"),
    ] {
        let mut sent = statement(1);
        sent["version"] = own.into();
        assert_eq!(kept(&world, version, &sent).await["version"], own);
    }
}

#[tokio::test]
async fn a_single_context_activity_comes_back_in_an_array() {
    let world = World::new().await;
    let single = json!({ "id": "https://example.org/programmes/metal" });
    let mut inner = statement(2);
    inner["objectType"] = "SubStatement".into();
    let mut sent = statement(1);
    for relation in ["parent", "grouping", "category", "other"] {
        let context = json!({ "contextActivities": { relation: single } });
        let arrays = json!({ "contextActivities": { relation: [single] } });
        inner["context"] = context.clone();
        sent["context"] = context;
        sent["object"] = inner.clone();
        let found = kept(&world, "1.0.3", &sent).await;
        assert_eq!(found["context"], arrays, "{relation}");
        assert_eq!(
            found["object"]["context"], arrays,
            "SubStatement {relation}"
        );
    }
}
