use axum::http::Method;
use varde_api_tests::World;

const PATHS: [&str; 3] = ["/xapi/statements", "/xapi/about", "/xapi/nowhere"];

#[tokio::test]
async fn a_preflight_request_needs_neither_credentials_nor_a_version() {
    let world = World::new().await;
    for path in PATHS {
        let call = world.call(Method::OPTIONS, path).without("authorization");
        let answer = call
            .without("x-experience-api-version")
            .header("origin", "https://course.example.org")
            .header("access-control-request-method", "PUT")
            .header(
                "access-control-request-headers",
                "authorization,x-experience-api-version",
            )
            .send()
            .await
            .expect(200);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        for method in ["HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS"] {
            assert!(
                answer
                    .header("access-control-allow-methods")
                    .contains(method),
                "{method}"
            );
        }
        let allowed = answer.header("access-control-allow-headers").to_lowercase();
        for name in [
            "authorization",
            "content-type",
            "x-experience-api-version",
            "if-match",
            "if-none-match",
            "accept",
            "accept-language",
        ] {
            assert!(
                allowed.split(',').any(|allowed| allowed.trim() == name),
                "{name}"
            );
        }
        assert_eq!(answer.header("x-experience-api-version"), "2.0.0");
    }
}

#[tokio::test]
async fn a_script_may_read_answers_and_errors_with_their_headers() {
    let world = World::new().await;
    let calls = [
        world.get("/xapi/statements"),
        world.get("/xapi/statements?LIMIT=1"),
        world.get("/xapi/statements").without("authorization"),
        world.get("/xapi/nowhere"),
        world.delete("/xapi/statements"),
    ];
    for call in calls {
        let answer = call
            .header("origin", "https://course.example.org")
            .send()
            .await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "{}",
            answer.status
        );
        let exposed = answer
            .header("access-control-expose-headers")
            .to_lowercase();
        for name in [
            "etag",
            "last-modified",
            "www-authenticate",
            "retry-after",
            "x-experience-api-version",
            "x-experience-api-consistent-through",
        ] {
            assert!(
                exposed.split(',').any(|exposed| exposed.trim() == name),
                "{name}"
            );
        }
    }
}
