//! Spaces, live and test: each key sees its own.

use varde_api_tests::{SECRET, World, statement};
use varde_core::Scope;

const PROFILE: &str =
    "/xapi/activities/profile?profileId=p&activityId=https%3A%2F%2Fexample.org%2Fa";

async fn world() -> World {
    let world = World::new().await;
    world.key("trial", "sing:test", &[Scope::All]).await;
    world
}

#[tokio::test]
async fn statements_of_a_test_key_are_seen_by_it_and_by_no_live_key() {
    let world = world().await;
    let ids = world
        .post("/xapi/statements")
        .by("trial", SECRET)
        .json(&statement(1))
        .send()
        .await
        .expect(200)
        .json();
    let id = ids[0].as_str().expect("an id");
    let one = format!("/xapi/statements?statementId={id}");

    let own = world
        .get("/xapi/statements")
        .by("trial", SECRET)
        .send()
        .await;
    assert_eq!(own.expect(200).statement_ids(), [id]);
    let _ = world.get(&one).by("trial", SECRET).send().await.expect(200);

    let live = world.get("/xapi/statements").send().await.expect(200);
    assert!(live.statement_ids().is_empty());
    let _ = world.get(&one).send().await.expect(404);
}

#[tokio::test]
async fn documents_of_a_test_key_are_apart_from_those_of_live_keys() {
    let world = world().await;
    let _ = world
        .put(PROFILE)
        .by("trial", SECRET)
        .header("if-none-match", "*")
        .body("text/plain", "trial")
        .send()
        .await
        .expect(204);
    let _ = world.get(PROFILE).send().await.expect(404);
    let _ = world
        .get(PROFILE)
        .by("trial", SECRET)
        .send()
        .await
        .expect(200);
}

#[tokio::test]
async fn what_was_tried_out_never_stands_in_the_way_of_a_live_statement() {
    let world = world().await;
    let mut fixed = statement(1);
    fixed["id"] = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee".into();
    let tried = world.post("/xapi/statements").by("trial", SECRET);
    let _ = tried.json(&fixed).send().await.expect(200);
    fixed["result"] = serde_json::json!({ "completion": true });
    let live = world.post("/xapi/statements").json(&fixed).send().await;
    let _ = live.expect(200);
    let path = "/xapi/statements?statementId=6690e6c9-3ef0-4ed3-8b37-7f3964730bee";
    let read = world.get(path).send().await.expect(200).json();
    assert_eq!(read["result"]["completion"], true);
    let tried = world.get(path).by("trial", SECRET).send().await.expect(200);
    assert!(tried.json().get("result").is_none());
}
