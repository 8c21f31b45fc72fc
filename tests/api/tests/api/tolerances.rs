//! What keys can be let off, for front ends that break the standard in known ways.

use serde_json::json;
use varde_api_tests::{SECRET, World, statement};
use varde_core::Tolerance;

const COURSE: &str = "https://example.org/courses/welding";
const AGENT: &str = r#"{"mbox":"mailto:learner-1@example.org"}"#;
const ID: &str = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee";

async fn world() -> World {
    let world = World::new().await;
    world.let_off("older", &Tolerance::EACH).await;
    world
}

#[tokio::test]
async fn an_unknown_parameter_is_refused_and_the_tolerance_named() {
    let world = world().await;
    let answer = world
        .get("/xapi/statements")
        .query("cachebuster", "1700000000")
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["parameter-unknown"]);
    assert!(answer.text().contains("unknown-parameters"));
    assert_eq!(world.uses(Tolerance::UnknownParameters), 0);
}

#[tokio::test]
async fn launch_parameters_on_every_request_are_ignored_and_counted_for_a_key_that_is_let_off() {
    let world = world().await;
    let _ = world
        .put("/xapi/statements")
        .by("older", SECRET)
        .query("statementId", ID)
        .query("content_token", "a-token")
        .query("externalRegistration", "7")
        .json(&statement(1))
        .send()
        .await
        .expect(204);
    let found = world
        .get("/xapi/statements")
        .by("older", SECRET)
        .query("cachebuster", "1")
        .send()
        .await
        .expect(200);
    assert_eq!(found.statement_ids(), [ID]);
    assert_eq!(world.uses(Tolerance::UnknownParameters), 2);
}

#[tokio::test]
async fn launch_parameters_in_a_form_are_ignored_alike() {
    let world = world().await;
    let form = format!(
        "Authorization={}&X-Experience-API-Version=1.0.2&content_token=a",
        varde_api_tests::basic("older", SECRET)
            .replace('=', "%3D")
            .replace('+', "%2B"),
    );
    let _ = world
        .post("/xapi/statements?method=GET")
        .without("authorization")
        .without("x-experience-api-version")
        .body("application/x-www-form-urlencoded", form)
        .send()
        .await
        .expect(200);
    assert_eq!(world.uses(Tolerance::UnknownParameters), 1);
}

/// Ignoring these would make another request of it: a filter that falls away selects more.
#[tokio::test]
async fn a_name_of_the_standard_that_is_out_of_place_is_refused_to_every_key() {
    let world = world().await;
    for name in ["Agent", "stateId", "VERB"] {
        let answer = world
            .get("/xapi/statements")
            .by("older", SECRET)
            .query(name, "x")
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["parameter-unknown"], "{name}");
        assert!(!answer.text().contains("unknown-parameters"), "{name}");
    }
    assert_eq!(world.uses(Tolerance::UnknownParameters), 0);
}

#[tokio::test]
async fn our_own_endpoints_ignore_nothing() {
    let world = world().await;
    let answer = world
        .get("/api/v1/outcomes?as_off=2025-01-01")
        .by("older", SECRET)
        .send()
        .await
        .expect(400);
    assert_eq!(answer.rules(), ["parameter-unknown"]);
}

#[tokio::test]
async fn a_tolerance_admits_no_statement_that_breaks_a_rule() {
    let world = world().await;
    let mut broken = statement(1);
    broken["verb"] = json!("attempted");
    for body in [broken.to_string(), "page=3".to_owned()] {
        let _ = world
            .post("/xapi/statements?cachebuster=1")
            .by("older", SECRET)
            .body("application/json", body)
            .send()
            .await
            .expect(400);
    }
}

#[tokio::test]
async fn state_that_is_not_the_json_it_says_is_kept_as_octets_for_a_key_that_is_let_off() {
    let world = world().await;
    let state = |call: varde_api_tests::Call| {
        call.query("activityId", COURSE)
            .query("agent", AGENT)
            .query("stateId", "bookmark")
    };
    let put = || state(world.put("/xapi/activities/state")).body("application/json", "slide=3");
    let refused = put().send().await.expect(400);
    assert_eq!(refused.rules(), ["document-json"]);
    assert!(refused.text().contains("mislabelled-documents"));

    let _ = put().by("older", SECRET).send().await.expect(204);
    let kept = state(world.get("/xapi/activities/state"))
        .send()
        .await
        .expect(200);
    assert_eq!(kept.header("content-type"), "application/octet-stream");
    assert_eq!(kept.text(), "slide=3");
    assert_eq!(world.uses(Tolerance::MislabelledDocuments), 1);
}

#[tokio::test]
async fn a_new_profile_without_a_condition_is_stored_for_a_key_that_is_let_off() {
    let world = world().await;
    let put = || {
        world
            .put("/xapi/agents/profile")
            .query("agent", AGENT)
            .query("profileId", "preferences")
            .json(&json!({ "language": "nb" }))
    };
    let refused = put().send().await.expect(400);
    assert_eq!(refused.rules(), ["condition-missing"]);
    assert!(refused.text().contains("unconditional-profiles"));

    let _ = put().by("older", SECRET).send().await.expect(204);
    let _ = put().by("older", SECRET).send().await.expect(409);
    assert_eq!(world.uses(Tolerance::UnconditionalProfiles), 1);
}
