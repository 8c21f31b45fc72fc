//! Each bound of requests at its edge: what is exactly as much goes through, and one more is refused with
//! the setting's name.

use std::time::Duration;

use serde_json::{Value, json};
use varde_api_tests::{Answer, Parts, World, attachment, statement, with_attachments};
use varde_http::Limits;

const PATH: &str = "/xapi/statements";

/// Tells that a request was refused for a setting, and changed nothing.
async fn assert_refused(world: &World, answer: Answer, status: u16, setting: &str) {
    let answer = answer.expect(status);
    let text = answer.text();
    assert!(text.contains(&format!("(http.{setting})")), "{text}");
    let all = world.get(PATH).send().await.expect(200);
    assert_eq!(all.statement_ids(), [] as [String; 0], "{setting}");
}

/// A statement with an extension, nested so many levels deep in all.
fn nested(levels: usize) -> String {
    let mut sent = statement(1);
    sent["context"] = json!({ "extensions": { "https://example.org/deep": "HERE" } });
    // The statement, its context and the extensions are three.
    let deep = "[".repeat(levels - 3) + &"]".repeat(levels - 3);
    sent.to_string().replace("\"HERE\"", &deep)
}

#[tokio::test]
async fn json_is_nested_as_deep_as_the_setting_says_in_every_kind_of_body() {
    let limits = Limits {
        json_depth_max: 16,
        ..Limits::default()
    };
    let world = World::with(limits).await;
    let json = |text: String| world.post(PATH).body("application/json", text);
    let over = json(nested(17)).send().await;
    assert_refused(&world, over, 400, "json_depth_max").await;
    let deep: Value = serde_json::from_str(&nested(17)).expect("JSON");
    let parts = world.post(PATH).body(Parts::KIND, Parts::of(&deep).end());
    assert_refused(&world, parts.send().await, 400, "json_depth_max").await;
    let minted = world.post("/api/v1/sessions");
    let minted = minted.body("application/json", "[".repeat(17));
    assert_refused(&world, minted.send().await, 400, "json_depth_max").await;
    let document = |levels: usize| {
        let text = "[".repeat(levels) + &"]".repeat(levels);
        let put = world.put("/xapi/activities/profile");
        let put = put.query("activityId", "https://example.org/a");
        let put = put.query("profileId", "p").header("if-none-match", "*");
        put.body("application/json", text)
    };
    assert_refused(&world, document(17).send().await, 400, "json_depth_max").await;
    let _ = document(16).send().await.expect(204);
    let found = json(nested(17)).send().await.expect(400);
    assert_eq!(found.rules(), ["json-depth"]);
    let _ = json(nested(16)).send().await.expect(200);
}

#[tokio::test]
async fn a_body_has_as_many_parts_as_the_setting_says() {
    let limits = Limits {
        parts_max: 3,
        ..Limits::default()
    };
    let world = World::with(limits).await;
    let files = ["one", "two", "three"];
    let of = |files: &[&str]| {
        let sent = with_attachments(files.iter().map(attachment).collect::<Vec<_>>());
        let parts = files.iter().fold(Parts::of(&sent), Parts::data);
        world.post(PATH).body(Parts::KIND, parts.end())
    };
    assert_refused(&world, of(&files).send().await, 413, "parts_max").await;
    let _ = of(&files[..2]).send().await.expect(200);
}

#[tokio::test]
async fn the_head_of_a_part_is_as_long_as_the_setting_says() {
    let limits = Limits {
        part_head_bytes_max: 256,
        ..Limits::default()
    };
    let world = World::with(limits).await;
    let with_head = |bytes: usize| {
        let sent = with_attachments([attachment("one")]);
        let hash = format!(
            "X-Experience-API-Hash: {}",
            varde_api_tests::sha2(64, "one")
        );
        // Around the lines stand the delimiter's line break and the empty line.
        let padding = bytes - hash.len() - "\r\n\r\nX-Pad: \r\n\r\n".len();
        let head = format!("{hash}\r\nX-Pad: {}", "x".repeat(padding));
        let body = Parts::of(&sent).part(&head, "one").end();
        world.post(PATH).body(Parts::KIND, body)
    };
    assert_refused(
        &world,
        with_head(257).send().await,
        400,
        "part_head_bytes_max",
    )
    .await;
    // However it arrives.
    let slowly = with_head(257).chunks(1).send().await;
    assert_refused(&world, slowly, 400, "part_head_bytes_max").await;
    let _ = with_head(256).send().await.expect(200);
}

#[tokio::test]
async fn a_query_is_as_long_as_the_setting_says() {
    let limits = Limits {
        query_bytes_max: 1_024,
        ..Limits::default()
    };
    let world = World::with(limits).await;
    let of = |bytes: usize| {
        let rest = "x".repeat(bytes - "activity=https://example.org/".len());
        world.get(&format!("{PATH}?activity=https://example.org/{rest}"))
    };
    assert_refused(&world, of(1_025).send().await, 414, "query_bytes_max").await;
    let _ = of(1_024).send().await.expect(200);
}

#[tokio::test]
async fn bodies_and_attachments_over_their_limits_name_the_setting() {
    let sent = with_attachments([attachment("stone")]);
    let body = statement(1).to_string();
    let limits = Limits {
        body_bytes_max: body.len(),
        attachment_bytes_max: 10,
        ..Limits::default()
    };
    let world = World::with(limits).await;
    let json = |text: String| world.post(PATH).body("application/json", text);
    let over = json(format!("{body} ")).send().await;
    assert_refused(&world, over, 413, "body_bytes_max").await;
    let _ = json(body).send().await.expect(200);
    let limits = Limits {
        attachment_bytes_max: 10,
        ..Limits::default()
    };
    let world = World::with(limits).await;
    let parts = Parts::of(&sent).data("stone").end();
    let over = world.post(PATH).body(Parts::KIND, parts).send().await;
    assert_refused(&world, over, 413, "attachment_bytes_max").await;
}

/// A body that is there at once is in time whatever the bound; one whose end never comes is not.
#[tokio::test]
async fn a_body_that_does_not_end_is_given_up_by_either_bound_of_time() {
    let short = Duration::from_millis(5);
    let bounds = [
        (
            "body_seconds_max",
            Limits {
                body_max: short,
                ..Limits::default()
            },
        ),
        (
            "body_pause_seconds_max",
            Limits {
                body_pause_max: short,
                ..Limits::default()
            },
        ),
    ];
    for (setting, limits) in bounds {
        let world = World::with(limits).await;
        let json = || world.post(PATH).json(&statement(1));
        let parts = || {
            let body = Parts::of(&statement(2)).end();
            world.post(PATH).body(Parts::KIND, body)
        };
        assert_refused(&world, json().unfinished().send().await, 408, setting).await;
        let half = parts().unfinished();
        assert_refused(&world, half.send().await, 408, setting).await;
        let _ = json().send().await.expect(200);
        let _ = parts().send().await.expect(200);
    }
}
