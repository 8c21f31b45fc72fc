use axum::http::Method;
use serde_json::{Value, json};
use varde_api_tests::{SECRET, World, statement};
use varde_core::Scope;

const ID: &str = "https://example.org/courses/welding";

fn defined(definition: &Value) -> Value {
    let mut defined = statement(1);
    defined["object"]["definition"] = definition.clone();
    defined
}

async fn activity(world: &World, id: &str) -> Value {
    let call = world.get("/xapi/activities").query("activityId", id);
    call.send().await.expect(200).json()
}

#[tokio::test]
async fn an_unknown_activity_is_one_without_a_definition() {
    let world = World::new().await;
    let expected = json!({ "objectType": "Activity", "id": ID });
    assert_eq!(activity(&world, ID).await, expected);
    world.stored(&statement(1)).await;
    assert_eq!(activity(&world, ID).await, expected);
}

#[tokio::test]
async fn a_definition_is_the_sum_of_what_statements_said() {
    let world = World::new().await;
    let first = json!({ "name": { "en": "Welding" }, "type": "https://example.org/types/course" });
    let second = json!({ "name": { "sv": "Svetsning" }, "moreInfo": "https://example.org/more" });
    world
        .stored(&json!([defined(&first), defined(&second)]))
        .await;
    let expected = json!({
        "objectType": "Activity",
        "id": ID,
        "definition": {
            "name": { "en": "Welding", "sv": "Svetsning" },
            "type": "https://example.org/types/course",
            "moreInfo": "https://example.org/more",
        },
    });
    assert_eq!(activity(&world, ID).await, expected);
}

#[tokio::test]
async fn the_canonical_format_has_the_merged_definition_also_in_the_context() {
    let world = World::new().await;
    let first = json!({ "name": { "en": "Welding", "sv": "Svetsning" } });
    world.stored(&defined(&first)).await;
    let mut within = statement(2);
    within["object"]["id"] = "https://example.org/courses/welding/1".into();
    within["context"] = json!({ "contextActivities": { "parent": { "id": ID } } });
    let id = world.stored(&within).await.remove(0);
    let call = world.get("/xapi/statements").query("statementId", &id);
    let call = call
        .query("format", "canonical")
        .header("accept-language", "sv");
    let found = call.send().await.expect(200).json();
    let parent = &found["context"]["contextActivities"]["parent"][0];
    assert_eq!(
        parent,
        &json!({ "id": ID, "definition": { "name": { "sv": "Svetsning" } } })
    );
}

#[tokio::test]
async fn a_key_that_may_not_define_changes_no_definition() {
    let world = World::new().await;
    world.key("sender", "sing", &[Scope::StatementsWrite]).await;
    let sent = defined(&json!({ "name": { "en": "Welding" } }));
    let _ = world
        .post("/xapi/statements")
        .by("sender", SECRET)
        .json(&sent)
        .send()
        .await
        .expect(200);
    assert!(activity(&world, ID).await.get("definition").is_none());
}

#[tokio::test]
async fn an_activity_is_needed_and_must_be_an_iri() {
    let world = World::new().await;
    let answer = world.get("/xapi/activities").send().await.expect(400);
    assert_eq!(answer.rules(), ["parameter-missing"]);
    let answer = world
        .get("/xapi/activities?activityId=welding")
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["iri"]);
    let call = world
        .get("/xapi/activities")
        .query("activityId", ID)
        .query("foo", "bar");
    assert_eq!(call.send().await.expect(400).rules(), ["parameter-unknown"]);
}

#[tokio::test]
async fn activities_are_only_read_and_need_a_scope_that_reads() {
    let world = World::new().await;
    for method in [Method::PUT, Method::POST, Method::DELETE] {
        let _ = world
            .call(method, "/xapi/activities")
            .send()
            .await
            .expect(405);
    }
    world.key("sender", "sing", &[Scope::StatementsWrite]).await;
    let call = world.get("/xapi/activities").query("activityId", ID);
    let _ = call.by("sender", SECRET).send().await.expect(403);
}
