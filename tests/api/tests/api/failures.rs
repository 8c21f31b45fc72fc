use varde_api_tests::{Answer, World, statement};
use varde_core::StoreError;

async fn failing(fault: fn() -> StoreError) -> [Answer; 3] {
    let world = World::new().await;
    let _ = world.get("/xapi/about").send().await.expect(200);
    world.log.fail_with(fault);
    [
        world.get("/xapi/statements").send().await,
        world
            .post("/xapi/statements")
            .json(&statement(1))
            .send()
            .await,
        world
            .call(axum::http::Method::HEAD, "/xapi/statements")
            .send()
            .await,
    ]
}

#[tokio::test]
async fn a_busy_store_asks_to_try_again() {
    for answer in failing(|| StoreError::Busy).await {
        let answer = answer.expect(503);
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.header("x-experience-api-version"), "1.0.3");
        assert!(!answer.header("access-control-expose-headers").is_empty());
    }
}

#[tokio::test]
async fn a_damaged_index_asks_to_try_again_later() {
    let fault = || StoreError::Index {
        reason: "an entry leads elsewhere".to_owned(),
    };
    for answer in failing(fault).await {
        let answer = answer.expect(503);
        assert_eq!(answer.header("retry-after"), "30");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_written_says_why() {
    let fault = || StoreError::Unwritable {
        reason: "the disk is full".to_owned(),
    };
    let [_, posted, _] = failing(fault).await;
    let error = posted.expect(507).json()["error"].clone();
    assert_eq!(error, "the store cannot be written: the disk is full");
}

#[tokio::test]
async fn a_failure_inside_tells_the_sender_only_the_requests_id() {
    for fault in [
        || StoreError::failed("a driver's words"),
        || StoreError::Damaged {
            position: varde_core::Position(7),
            id: None,
        },
    ] {
        let [got, posted, head] = failing(fault).await;
        for answer in [got, posted] {
            let answer = answer.expect(500);
            let body = answer.json();
            assert_eq!(body["error"], "internal error");
            assert_eq!(body["request"], answer.header("x-request-id"));
            assert_eq!(body.as_object().unwrap().len(), 3, "{body}");
        }
        assert!(head.expect(500).body.is_empty());
    }
}

#[tokio::test]
async fn a_failure_beyond_the_standard_is_a_problem_with_the_requests_id() {
    let world = World::new().await;
    world
        .log
        .fail_with(|| StoreError::failed("a driver's words"));
    let answer = world.get("/api/v1/indicators").send().await.expect(500);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["detail"], "internal error");
    assert_eq!(answer.json()["request"], answer.header("x-request-id"));
}
