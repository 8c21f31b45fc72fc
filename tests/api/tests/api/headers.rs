//! What browsers are told that open an answer as a page.

use varde_api_tests::{Answer, World};

fn assert_hardened(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
    assert!(policy.contains("sandbox"), "{what}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
}

#[tokio::test]
async fn every_answer_runs_nothing_and_is_taken_for_what_it_says() {
    let world = World::new().await;
    for target in [
        "/xapi/about",
        "/xapi/statements",
        "/xapi/statements?attachments=true",
        "/api/v1/openapi.json",
        "/api/v1/outcomes",
        "/nowhere",
    ] {
        assert_hardened(&world.get(target).send().await, target);
        let refused = world.get(target).without("authorization").send().await;
        assert_hardened(&refused, target);
    }
}

#[tokio::test]
async fn a_page_that_somebody_kept_as_a_document_runs_no_script_from_here() {
    let world = World::new().await;
    let profile = |call: varde_api_tests::Call| {
        let call = call.query("activityId", "https://example.org/courses/welding");
        call.query("profileId", "page")
    };
    let call = profile(world.put("/xapi/activities/profile")).header("if-none-match", "*");
    let kept = call
        .body("text/html", "<script>alert(1)</script>")
        .send()
        .await;
    let _ = kept.expect(204);
    let answer = profile(world.get("/xapi/activities/profile")).send().await;
    let answer = answer.expect(200);
    assert_eq!(answer.header("content-type"), "text/html");
    assert_hardened(&answer, "a document");
}
