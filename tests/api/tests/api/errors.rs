use varde_api_tests::{World, statement};
use varde_http::Limits;

#[tokio::test]
async fn an_error_is_json_unless_text_is_preferred() {
    let world = World::new().await;
    for accept in [
        "",
        "*/*",
        "application/json",
        "application/json, text/plain",
        "image/png",
    ] {
        let call = world
            .get("/xapi/statements?foo=bar")
            .header("accept", accept);
        let answer = call.send().await.expect(400);
        assert_eq!(
            answer.header("content-type"),
            "application/json",
            "{accept}"
        );
        assert_eq!(answer.json()["total"], 1, "{accept}");
    }
    for accept in ["text/plain", "text/html;q=0.9", "text/*, application/json"] {
        let call = world
            .get("/xapi/statements?foo=bar")
            .header("accept", accept);
        let answer = call.send().await.expect(400);
        assert_eq!(
            answer.header("content-type"),
            "text/plain; charset=utf-8",
            "{accept}"
        );
        let first = answer.text().lines().next().unwrap().to_owned();
        assert!(
            first.starts_with("foo: expected only statementId, "),
            "{first}"
        );
    }
}

#[tokio::test]
async fn a_path_without_a_resource_is_absent_in_the_form_of_its_surface() {
    let world = World::new().await;
    let xapi = world.get("/xapi/nowhere").send().await.expect(404);
    assert_eq!(xapi.json()["code"], "unknown-path");
    assert_eq!(xapi.header("x-experience-api-version"), "1.0.3");
    for path in ["/api/v1/nowhere", "/nowhere", "/nowhere/at/all"] {
        let answer = world.get(path).send().await.expect(404);
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{path}"
        );
        assert_eq!(answer.json()["status"], 404, "{path}");
        assert_eq!(answer.json()["title"], "Not Found", "{path}");
    }
}

#[tokio::test]
async fn a_method_that_a_resource_does_not_know_is_refused_with_those_it_knows() {
    let world = World::new().await;
    let answer = world.delete("/xapi/statements").send().await.expect(405);
    for method in ["GET", "HEAD", "PUT", "POST"] {
        assert!(
            answer.header("allow").contains(method),
            "{}",
            answer.header("allow")
        );
    }
    assert_eq!(answer.json()["code"], "method-not-allowed");
    let answer = world.put("/xapi/about").send().await.expect(405);
    assert_eq!(answer.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_changes_nothing() {
    let limits = Limits {
        body_bytes_max: 300,
        ..Limits::default()
    };
    let world = World::with(limits).await;
    let body = statement(1).to_string();
    let fits = format!("{body:<300}");
    let over = format!("{body:<301}");
    let answer = world
        .post("/xapi/statements")
        .body("application/json", over)
        .send()
        .await;
    let answer = answer.expect(413);
    assert!(answer.text().contains("300 bytes"), "{}", answer.text());
    let answer = world.get("/xapi/statements").send().await.expect(200);
    assert!(answer.statement_ids().is_empty());
    let call = world
        .post("/xapi/statements")
        .body("application/json", fits);
    let _ = call.send().await.expect(200);
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let world = World::new().await;
    let first = world.get("/xapi/about").send().await;
    let second = world.get("/xapi/nowhere").send().await;
    assert_eq!(first.header("x-request-id").len(), 32);
    assert_eq!(second.header("x-request-id").len(), 32);
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}
