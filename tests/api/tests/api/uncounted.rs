//! `GET /api/v1/uncounted`: statements that count for no project are listed with the reason.

use serde_json::{Value, json};
use varde_api_tests::{SECRET, World, statement};
use varde_core::Scope;

const PROJECT: &str = "project: sing\ntitle: { nb: S, sv: S, en: S }\nzone: Europe/Oslo\n\
    start: 2024-01-01\nend: 2026-12-31\n\
    partners:\n  - { organisation: NO-100000016, country: NO, role: lead }\n";
const ACTIVITY: &str = "iri,kind,title,project\n\
    https://example.org/courses/welding,training-scheme,Welding,merse\n";

async fn listed(world: &World, key: &str, after: u64) -> Value {
    let call = world
        .get("/api/v1/uncounted")
        .query("after", &after.to_string());
    call.by(key, SECRET).send().await.expect(200).json()
}

fn reasons(page: &Value) -> Vec<(String, String)> {
    let statements = page["statements"].as_array().expect("a list");
    let text = |one: &Value, member: &str| one[member].as_str().expect("a text").to_owned();
    statements
        .iter()
        .map(|one| (text(one, "statement"), text(one, "reason")))
        .collect()
}

#[tokio::test]
async fn a_statement_counts_for_none_until_its_project_or_its_activity_is_registered() {
    let world = World::new().await;
    let ids = world.stored(&statement(1)).await;
    let no_project = |id: &String| (id.clone(), "no-project".to_owned());
    assert_eq!(
        reasons(&listed(&world, "front-end", 0).await),
        [no_project(&ids[0])]
    );
    world.import(&[("sing.yaml", PROJECT)]).await;
    assert_eq!(reasons(&listed(&world, "front-end", 0).await), []);

    world.key("other", "unknown", &[Scope::All]).await;
    let call = world.post("/xapi/statements").by("other", SECRET);
    let sent = call.json(&statement(2)).send().await.expect(200).json();
    let id = sent[0].as_str().expect("an id").to_owned();
    assert_eq!(
        reasons(&listed(&world, "other", 0).await),
        [no_project(&id)]
    );
    world.import(&[("activities.csv", ACTIVITY)]).await;
    assert_eq!(reasons(&listed(&world, "other", 0).await), []);
}

#[tokio::test]
async fn a_timestamp_from_the_future_is_told_and_a_voided_statement_is_not() {
    let world = World::new().await;
    world.import(&[("sing.yaml", PROJECT)]).await;
    // The clock stands at noon of 2026-03-01.
    let at = |learner: u32, timestamp: &str| {
        let mut statement = statement(learner);
        statement["timestamp"] = json!(timestamp);
        statement
    };
    let late = at(1, "2026-03-01T12:06:00Z");
    let ids = world
        .stored(&json!([
            late,
            at(2, "2026-03-01T12:04:00Z"),
            at(3, "2027-01-01T00:00:00Z")
        ]))
        .await;
    let future = |id: &String| (id.clone(), "future".to_owned());
    let both = [future(&ids[0]), future(&ids[2])];
    let page = listed(&world, "front-end", 0).await;
    assert_eq!(reasons(&page), both);
    assert_eq!(page["statements"][0]["space"], "sing");
    assert!(page["next"].is_null(), "{page}");
    let position = page["statements"][0]["position"]
        .as_u64()
        .expect("a number");
    assert_eq!(
        reasons(&listed(&world, "front-end", position).await),
        both[1..]
    );

    let voiding = json!({
        "actor": { "mbox": "mailto:office@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
        "object": { "objectType": "StatementRef", "id": ids[0] },
    });
    world.stored(&voiding).await;
    assert_eq!(reasons(&listed(&world, "front-end", 0).await), both[1..]);
}

#[tokio::test]
async fn a_page_looks_at_a_bounded_part_of_the_log() {
    let world = World::new().await;
    world.import(&[("sing.yaml", PROJECT)]).await;
    for first in (0..2_000).step_by(500) {
        let batch: Vec<Value> = (first..first + 500).map(statement).collect();
        world.stored(&json!(batch)).await;
    }
    let mut late = statement(9_999);
    late["timestamp"] = json!("2027-01-01T00:00:00Z");
    let ids = world.stored(&late).await;
    let page = listed(&world, "front-end", 0).await;
    assert_eq!(reasons(&page), []);
    let next = page["next"].as_u64().expect("there is more");
    let page = listed(&world, "front-end", next).await;
    assert_eq!(reasons(&page), [(ids[0].clone(), "future".to_owned())]);
    assert!(page["next"].is_null(), "{page}");
}

#[tokio::test]
async fn test_spaces_are_left_out_and_who_may_not_review_is_refused() {
    let world = World::new().await;
    world.key("trial", "unknown:test", &[Scope::All]).await;
    let call = world.post("/xapi/statements").by("trial", SECRET);
    let _ = call.json(&statement(1)).send().await.expect(200);
    assert_eq!(reasons(&listed(&world, "trial", 0).await), []);
    world.key("writer", "sing", &[Scope::StatementsWrite]).await;
    let call = world.get("/api/v1/uncounted").by("writer", SECRET);
    let _ = call.send().await.expect(403);
}
