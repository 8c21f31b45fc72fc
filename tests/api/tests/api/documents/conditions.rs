use axum::http::Method;
use varde_api_tests::World;

use super::{JSON, RESOURCES, TAG, body, document, stored};

#[tokio::test]
async fn put_without_a_condition_is_judged_by_family_and_resource() {
    let world = World::new().await;
    for resource in RESOURCES {
        let put = |version: &str, body: &str| {
            document(&world, &Method::PUT, resource)
                .version(version)
                .body(JSON, body)
        };
        let (fresh, again) = if resource.2 { (400, 409) } else { (204, 204) };
        let _ = put("1.0.3", r#"{"a":1}"#).send().await.expect(fresh);
        let _ = document(&world, &Method::DELETE, resource)
            .send()
            .await
            .expect(204);
        let _ = put("2.0.0", r#"{"a":1}"#).send().await.expect(204);
        let refused = put("2.0.0", r#"{"b":2}"#).send().await.expect(409);
        assert!(
            refused.text().contains(&TAG.replace('"', "\\\"")),
            "{}",
            refused.text()
        );
        assert_eq!(body(&world, resource).await, r#"{"a":1}"#);
        let answer = put("1.0.3", r#"{"c":3}"#).send().await.expect(again);
        assert_eq!(answer.body.is_empty(), again == 204);
        let kept = if resource.2 {
            r#"{"a":1}"#
        } else {
            r#"{"c":3}"#
        };
        assert_eq!(body(&world, resource).await, kept);
    }
}

#[tokio::test]
async fn a_condition_that_does_not_hold_changes_nothing() {
    let world = World::new().await;
    for resource in RESOURCES {
        stored(&world, resource, r#"{"a":1}"#).await;
        for method in [Method::PUT, Method::POST, Method::DELETE] {
            for (name, value) in [
                ("if-match", "\"1234\""),
                ("if-match", "W/\"1234\", \"5678\""),
                ("if-none-match", "*"),
                ("if-none-match", TAG),
            ] {
                let call = document(&world, &method, resource).header(name, value);
                let answer = call.body(JSON, r#"{"b":2}"#).send().await.expect(412);
                assert!(!answer.body.is_empty(), "{method} {name} {value}");
                assert_eq!(body(&world, resource).await, r#"{"a":1}"#);
            }
        }
    }
}

#[tokio::test]
async fn a_condition_that_holds_lets_the_change_through() {
    let world = World::new().await;
    let bare = TAG.trim_matches('"').to_owned();
    for resource in RESOURCES {
        for (name, value) in [
            ("if-match", TAG.to_owned()),
            ("if-match", "*".to_owned()),
            ("if-match", format!("\"1234\", W/{TAG}")),
            ("if-match", bare.clone()),
            ("if-none-match", "\"1234\"".to_owned()),
        ] {
            stored(&world, resource, r#"{"a":1}"#).await;
            for (method, kept) in [(Method::POST, r#"{"a":1}"#), (Method::PUT, r#"{"b":2}"#)] {
                let sent = if method == Method::POST {
                    r#"{"a":1}"#
                } else {
                    r#"{"b":2}"#
                };
                let call = document(&world, &method, resource).header(name, &value);
                let _ = call.body(JSON, sent).send().await.expect(204);
                assert_eq!(
                    body(&world, resource).await,
                    kept,
                    "{method} {name} {value}"
                );
            }
            let _ = document(&world, &Method::DELETE, resource)
                .send()
                .await
                .expect(204);
        }
    }
}

#[tokio::test]
async fn any_match_demands_that_there_is_a_document() {
    let world = World::new().await;
    for resource in RESOURCES {
        for method in [Method::PUT, Method::POST, Method::DELETE] {
            let call = document(&world, &method, resource).header("if-match", "*");
            let _ = call.body(JSON, "{}").send().await.expect(412);
        }
        let _ = document(&world, &Method::GET, resource)
            .send()
            .await
            .expect(404);
    }
}
