use axum::http::Method;
use varde_api_tests::World;

use super::{JSON, RESOURCES, body, document, stored};

#[tokio::test]
async fn post_merges_objects_member_by_member_and_keeps_every_digit() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, r#"{"a":1.50,"b":{"x":1,"y":2},"c":[1]}"#).await;
        let call = document(&world, &Method::POST, resource);
        let new = r#"{"b":{"x":12345678901234567890},"d":null}"#;
        let _ = call
            .body("Application/JSON;charset=utf-8", new)
            .send()
            .await
            .expect(204);
        let answer = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(200);
        let merged = r#"{"a":1.50,"b":{"x":12345678901234567890},"c":[1],"d":null}"#;
        assert_eq!(answer.text(), merged);
        assert_eq!(answer.header("content-type"), JSON);
    }
}

#[tokio::test]
async fn post_stores_a_document_where_there_is_none() {
    let world = World::new().await;
    for resource in RESOURCES {
        let call = document(&world, &Method::POST, resource).body("text/plain", "abc");
        let _ = call.send().await.expect(204);
        assert_eq!(body(&world, resource).await, "abc");
    }
}

#[tokio::test]
async fn what_is_not_two_json_objects_is_not_merged() {
    let world = World::new().await;
    for resource in RESOURCES {
        for (old_kind, old, new_kind, new) in [
            (JSON, "{}", "text/plain", "{}"),
            ("text/plain", "{}", JSON, "{}"),
            (JSON, "[1]", JSON, "{}"),
            (JSON, "{}", JSON, "[1]"),
            (JSON, "{}", JSON, "12"),
            ("application/octet-stream", "", JSON, "{}"),
        ] {
            let call = document(&world, &Method::PUT, resource).header("if-none-match", "*");
            let _ = call.body(old_kind, old).send().await.expect(204);
            let call = document(&world, &Method::POST, resource).body(new_kind, new);
            let answer = call.send().await.expect(400);
            assert_eq!(
                answer.rules(),
                ["document-merge"],
                "{old_kind} {old} {new_kind} {new}"
            );
            assert_eq!(body(&world, resource).await, old);
            let _ = document(&world, &Method::DELETE, resource)
                .send()
                .await
                .expect(204);
        }
    }
}

#[tokio::test]
async fn json_that_is_none_is_refused_even_where_there_is_no_document() {
    let world = World::new().await;
    for resource in RESOURCES {
        for method in [Method::PUT, Method::POST] {
            for malformed in ["{\"a\":", "", "{}}", "{'a':1}"] {
                let call = document(&world, &method, resource).header("if-none-match", "*");
                let answer = call.body(JSON, malformed).send().await.expect(400);
                assert_eq!(answer.rules(), ["document-json"], "{method} {malformed}");
            }
        }
        let _ = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_parallel_merges_lose_none() {
    let world = World::new().await;
    let mut merges = tokio::task::JoinSet::new();
    for number in 0..100 {
        let call = document(&world, &Method::POST, RESOURCES[0]);
        let call = call.body(JSON, format!(r#"{{"member-{number}":{number}}}"#));
        merges.spawn(call.send());
    }
    while let Some(merged) = merges.join_next().await {
        let _ = merged.unwrap().expect(204);
    }
    let answer = document(&world, &Method::GET, RESOURCES[0])
        .send()
        .await
        .expect(200);
    let members = answer.json().as_object().unwrap().clone();
    assert_eq!(members.len(), 100);
    assert!((0..100).all(|number| members[&format!("member-{number}")] == number));
}
