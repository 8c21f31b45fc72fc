//! `GET /api/v1/repeats`: probable repeats are flagged, never dropped.

use serde_json::json;
use varde_api_tests::{SECRET, World, statement};
use varde_core::Scope;

/// A sender without ids whose request timed out sends again.
async fn repeated() -> (World, Vec<String>) {
    let world = World::new().await;
    let mut ids = world.stored(&statement(1)).await;
    ids.extend(world.stored(&json!([statement(2), statement(1)])).await);
    world.flag_repeats().await;
    (world, ids)
}

#[tokio::test]
async fn a_statement_that_says_the_same_again_is_listed_with_the_first_and_stays() {
    let (world, ids) = repeated().await;
    let page = world.get("/api/v1/repeats").send().await.expect(200).json();
    let repeats = page["repeats"].as_array().expect("a list");
    assert_eq!(repeats.len(), 1, "{page}");
    assert_eq!(repeats[0]["statement"], json!(ids[2]));
    assert_eq!(repeats[0]["repeats"], json!(ids[0]));
    assert_eq!(repeats[0]["position"], json!(3));
    assert_eq!(repeats[0]["space"], json!("sing"));
    assert!(repeats[0]["stored"].is_string());
    assert!(page["next"].is_null(), "{page}");

    let all = world.get("/xapi/statements").send().await.expect(200);
    assert_eq!(all.statement_ids().len(), 3);
}

#[tokio::test]
async fn the_list_goes_on_behind_a_position() {
    let (world, _) = repeated().await;
    let behind = |position: &str| world.get("/api/v1/repeats").query("after", position);
    let page = behind("2").send().await.expect(200).json();
    assert_eq!(page["repeats"].as_array().map(Vec::len), Some(1));
    let page = behind("3").send().await.expect(200).json();
    assert_eq!(page["repeats"], json!([]));
    for wrong in ["-1", "x", "1.5", ""] {
        let answer = behind(wrong).send().await.expect(400);
        assert_eq!(answer.rules(), ["position"], "{wrong}");
    }
}

#[tokio::test]
async fn repeats_are_listed_to_who_may_read_results_of_their_space() {
    let (world, _) = repeated().await;
    world.key("writer", "sing", &[Scope::StatementsWrite]).await;
    world.key("elsewhere", "merse", &[Scope::AllRead]).await;
    let by = |name: &str| world.get("/api/v1/repeats").by(name, SECRET);
    let _ = by("writer").send().await.expect(403);
    let page = by("elsewhere").send().await.expect(200).json();
    assert_eq!(page["repeats"], json!([]));
}
