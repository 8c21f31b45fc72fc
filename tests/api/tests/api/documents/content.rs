use axum::http::Method;
use serde_json::json;
use varde_api_tests::World;

use super::{JSON, RESOURCES, TAG, about, document, stored};

#[tokio::test]
async fn a_document_comes_back_byte_for_byte_with_its_content_type_tag_and_date() {
    let world = World::new().await;
    for resource in RESOURCES {
        for (kind, bytes) in [
            (
                "application/json; Charset=UTF-8",
                br#" {"a" : 1.50} "#.to_vec(),
            ),
            ("application/octet-stream", vec![0, 255, 13, 10, 0]),
            ("text/plain", Vec::new()),
        ] {
            let call = document(&world, &Method::DELETE, resource);
            let _ = call.send().await.expect(204);
            let call = document(&world, &Method::PUT, resource).header("if-none-match", "*");
            let answer = call.body(kind, bytes.clone()).send().await.expect(204);
            assert!(answer.body.is_empty());
            let found = document(&world, &Method::GET, resource)
                .send()
                .await
                .expect(200);
            assert_eq!(found.body, bytes);
            assert_eq!(found.header("content-type"), kind);
            assert_eq!(
                found.header("last-modified"),
                "Sun, 01 Mar 2026 12:00:00 GMT"
            );
            assert_eq!(found.header("etag").len(), 42);
        }
    }
}

#[tokio::test]
async fn a_tag_is_the_quoted_sha_1_of_the_bytes() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, r#"{"a":1}"#).await;
        let answer = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(200);
        assert_eq!(answer.header("etag"), TAG);
    }
}

#[tokio::test]
async fn a_document_without_a_content_type_is_mere_bytes() {
    let world = World::new().await;
    let call = document(&world, &Method::PUT, RESOURCES[0]).body("x/y", "abc");
    let _ = call.without("content-type").send().await.expect(204);
    let answer = document(&world, &Method::GET, RESOURCES[0])
        .send()
        .await
        .expect(200);
    assert_eq!(answer.header("content-type"), "application/octet-stream");
}

#[tokio::test]
async fn an_absent_document_is_not_found_and_deleting_it_is_no_fault() {
    let world = World::new().await;
    for resource in RESOURCES {
        let _ = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(404);
        let _ = document(&world, &Method::DELETE, resource)
            .send()
            .await
            .expect(204);
        stored(&world, resource, "{}").await;
        let _ = document(&world, &Method::DELETE, resource)
            .send()
            .await
            .expect(204);
        let _ = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn ids_are_listed_with_a_tag_and_since_when_they_changed() {
    let world = World::new().await;
    for (path, id, _) in RESOURCES {
        let list = |since: Option<&str>| {
            let call = about(world.get(path), path);
            since.map_or(call.clone(), |since| call.query("since", since))
        };
        let answer = list(None).send().await.expect(200);
        assert_eq!(answer.json(), json!([]));
        let mut dates = Vec::new();
        for name in ["first", "second"] {
            let call = about(world.put(path), path)
                .query(id, name)
                .header("if-none-match", "*");
            let _ = call.body(JSON, "{}").send().await.expect(204);
            let call = about(world.get(path), path).query(id, name);
            dates.push(
                call.send()
                    .await
                    .expect(200)
                    .header("last-modified")
                    .to_owned(),
            );
            world.clock.advance(1_500_000);
        }
        assert!(dates[0] != dates[1], "{dates:?}");
        let answer = list(None).send().await.expect(200);
        assert_eq!(answer.json(), json!(["first", "second"]));
        assert_eq!(answer.header("content-type"), JSON);
        assert_eq!(answer.header("etag").len(), 42);
        assert_eq!(answer.header("last-modified"), dates[1]);
        let now = varde_core::Clock::now(&*world.clock).0;
        let between = varde_xapi::Stored(now - 2_000_000).to_string();
        let answer = list(Some(&between)).send().await.expect(200);
        assert_eq!(answer.json(), json!(["second"]), "{path}");
        let exactly = varde_xapi::Stored(now - 1_500_000).to_string();
        let answer = list(Some(&exactly)).send().await.expect(200);
        assert_eq!(answer.json(), json!([]), "{path}");
    }
}

#[tokio::test]
async fn state_of_a_registration_is_apart_and_cleared_apart() {
    let world = World::new().await;
    let path = "/xapi/activities/state";
    let registration = "d2d1a5a5-8d1a-4f5c-9c3a-6d1e2f3a4b5c";
    for id in ["a", "b"] {
        let call = about(world.put(path), path)
            .query("stateId", id)
            .body(JSON, "{}");
        let _ = call.clone().send().await.expect(204);
        let _ = call
            .query("registration", registration)
            .send()
            .await
            .expect(204);
    }
    let list = || about(world.get(path), path);
    let _ = about(world.delete(path), path).send().await.expect(204);
    assert_eq!(list().send().await.expect(200).json(), json!([]));
    let call = list().query("registration", &registration.to_uppercase());
    assert_eq!(call.send().await.expect(200).json(), json!(["a", "b"]));
    let other = world
        .delete(path)
        .query("activityId", "https://example.org/other");
    let agent = r#"{"mbox":"mailto:learner-1@example.org"}"#;
    let _ = other.query("agent", agent).send().await.expect(204);
    let call = list().query("registration", registration);
    assert_eq!(call.send().await.expect(200).json(), json!(["a", "b"]));
}

#[tokio::test]
async fn a_document_over_its_limit_is_refused() {
    let world = World::new().await;
    let large = vec![b'x'; varde_core::documents::DOCUMENT_BYTES_MAX + 1];
    let call = document(&world, &Method::PUT, RESOURCES[0]).body("text/plain", large);
    let _ = call.send().await.expect(413);
    let _ = document(&world, &Method::GET, RESOURCES[0])
        .send()
        .await
        .expect(404);
    let fits = vec![b'x'; varde_core::documents::DOCUMENT_BYTES_MAX];
    let call = document(&world, &Method::PUT, RESOURCES[0]).body("text/plain", fits);
    let _ = call.send().await.expect(204);
}

#[tokio::test]
async fn head_of_a_document_is_get_without_the_body() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, r#"{"a":1}"#).await;
        let got = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(200);
        let head = document(&world, &Method::HEAD, resource)
            .send()
            .await
            .expect(200);
        assert!(head.body.is_empty());
        for name in ["etag", "last-modified", "content-type", "content-length"] {
            assert_eq!(head.header(name), got.header(name), "{name}");
        }
    }
}
