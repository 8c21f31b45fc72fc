use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use varde_api_tests::{World, statement};
use varde_http::Limits;

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[tokio::test]
async fn statements_are_compressed_for_clients_that_accept_it() {
    let world = World::new().await;
    let ids = world.stored(&json!([statement(1), statement(2)])).await;
    let call = world
        .get("/xapi/statements?ascending=true")
        .header("accept-encoding", "br, gzip");
    let answer = call.send().await.expect(200);
    assert_eq!(answer.header("content-encoding"), "gzip");
    assert!(answer.header("vary").contains("accept-encoding"));
    let mut text = String::new();
    GzDecoder::new(&answer.body[..])
        .read_to_string(&mut text)
        .unwrap();
    let result: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(result["statements"][0]["id"], ids[0].as_str());
    let plain = world.get("/xapi/statements").send().await.expect(200);
    assert_eq!(plain.header("content-encoding"), "");
}

#[tokio::test]
async fn documents_stay_plain_so_that_their_tag_is_that_of_their_bytes() {
    let world = World::new().await;
    let document = |call: varde_api_tests::Call| {
        call.query("activityId", "https://example.org/a")
            .query("profileId", "p")
    };
    let bytes = "x".repeat(10_000);
    let call = document(world.put("/xapi/activities/profile")).header("if-none-match", "*");
    let _ = call
        .body("text/plain", bytes.clone())
        .send()
        .await
        .expect(204);
    let call = document(world.get("/xapi/activities/profile")).header("accept-encoding", "gzip");
    let answer = call.send().await.expect(200);
    assert_eq!(answer.header("content-encoding"), "");
    assert_eq!(answer.text(), bytes);
}

#[tokio::test]
async fn compressed_statements_are_read() {
    let world = World::new().await;
    let call = world
        .post("/xapi/statements")
        .header("content-encoding", "gzip");
    let call = call.body("application/json", packed(&statement(1).to_string()));
    let _ = call.send().await.expect(200);
}

#[tokio::test]
async fn a_body_that_is_not_compressed_as_it_says_is_refused() {
    let world = World::new().await;
    let text = statement(1).to_string();
    let call = world
        .post("/xapi/statements")
        .header("content-encoding", "gzip");
    let answer = call
        .body("application/json", text.clone())
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["body-complete"]);
    let mut cut = packed(&text);
    cut.truncate(cut.len() / 2);
    let call = world
        .post("/xapi/statements")
        .header("content-encoding", "gzip");
    let answer = call.body("application/json", cut).send().await.expect(400);
    assert_eq!(answer.rules(), ["body-complete"]);
    let call = world
        .post("/xapi/statements")
        .header("content-encoding", "compress");
    let answer = call.body("application/json", text).send().await.expect(400);
    assert_eq!(answer.rules(), ["content-encoding"]);
}

#[tokio::test]
async fn the_limit_counts_what_a_compressed_body_holds() {
    let world = World::with(Limits {
        body_bytes_max: 100_000,
        ..Limits::default()
    })
    .await;
    let bomb = packed(&format!("{}{}", statement(1), " ".repeat(1_000_000)));
    assert!(bomb.len() < 10_000);
    let call = world
        .post("/xapi/statements")
        .header("content-encoding", "gzip");
    let _ = call.body("application/json", bomb).send().await.expect(413);
}
