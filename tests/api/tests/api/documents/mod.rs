//! What holds for all three document resources.

mod conditions;
mod content;
mod merging;
mod parameters;

use axum::http::Method;
use serde_json::json;
use varde_api_tests::{Call, World};

pub(super) const JSON: &str = "application/json";
/// SHA-1 of `{"a":1}`.
pub(super) const TAG: &str = "\"9f89c740ceb46d7418c924a78ac57941d5e96520\"";

/// The three resources: path, the parameter that names a document, whether it is a profile.
pub(super) const RESOURCES: [(&str, &str, bool); 3] = [
    ("/xapi/activities/state", "stateId", false),
    ("/xapi/activities/profile", "profileId", true),
    ("/xapi/agents/profile", "profileId", true),
];

/// Adds the parameters of a subject.
pub(super) fn about(call: Call, path: &str) -> Call {
    let agent = json!({ "mbox": "mailto:learner-1@example.org" }).to_string();
    let activity = "https://example.org/courses/welding";
    match path {
        "/xapi/activities/state" => call.query("activityId", activity).query("agent", &agent),
        "/xapi/activities/profile" => call.query("activityId", activity),
        _ => call.query("agent", &agent),
    }
}

/// Starts a request for the document `bookmark` of each resource.
pub(super) fn document(world: &World, method: &Method, (path, id, _): (&str, &str, bool)) -> Call {
    about(world.call(method.clone(), path), path).query(id, "bookmark")
}

pub(super) async fn stored(world: &World, resource: (&str, &str, bool), body: &str) {
    let call = document(world, &Method::PUT, resource).header("if-none-match", "*");
    let _ = call.body(JSON, body).send().await.expect(204);
}

pub(super) async fn body(world: &World, resource: (&str, &str, bool)) -> String {
    let answer = document(world, &Method::GET, resource)
        .send()
        .await
        .expect(200);
    answer.text().to_owned()
}
