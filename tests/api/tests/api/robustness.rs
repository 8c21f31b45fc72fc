//! Whatever is sent, the server answers, and never with a failure of its own.

use axum::http::Method;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use tokio::runtime::Runtime;
use varde_api_tests::{Answer, Call, World, statement};

const PATHS: [&str; 9] = [
    "/xapi/statements",
    "/xapi/activities/state",
    "/xapi/activities/profile",
    "/xapi/agents/profile",
    "/xapi/agents",
    "/xapi/activities",
    "/xapi/about",
    "/api/v1/outcomes",
    "/api/v1/indicators",
];
const NAMES: [&str; 14] = [
    "statementId",
    "agent",
    "verb",
    "activityId",
    "stateId",
    "profileId",
    "registration",
    "since",
    "limit",
    "format",
    "more",
    "as_of",
    "known_at",
    "method",
];
const VALUES: [&str; 10] = [
    "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01",
    "%7B%22mbox%22%3A%22mailto%3Alearner-1%40example.org%22%7D",
    "https://example.org/a",
    "2026-03-01T12:00:00Z",
    "2026-03-01",
    "1",
    "true",
    "GET",
    "",
    "%7B",
];

fn method() -> impl Strategy<Value = Method> {
    select(vec![
        Method::GET,
        Method::HEAD,
        Method::PUT,
        Method::POST,
        Method::DELETE,
    ])
}

fn value() -> impl Strategy<Value = String> {
    let any = "[a-zA-Z0-9%:/?@!$'()*+,;=._~-]{0,40}";
    prop_oneof![3 => select(&VALUES[..]).prop_map(str::to_owned), 1 => any]
}

fn query() -> impl Strategy<Value = String> {
    let name =
        prop_oneof![8 => select(&NAMES[..]).prop_map(str::to_owned), 1 => "[a-zA-Z%=+]{0,8}"];
    let pair = (name, value()).prop_map(|(name, value)| format!("{name}={value}"));
    vec(pair, 0..5).prop_map(|pairs| pairs.join("&"))
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let json = select(vec![
        json!({}),
        json!([]),
        statement(1),
        json!([statement(1), 7]),
    ]);
    prop_oneof![
        json.prop_map(|json| json.to_string().into_bytes()),
        query().prop_map(String::into_bytes),
        vec(any::<u8>(), 0..200),
    ]
}

fn kind() -> impl Strategy<Value = String> {
    let known = select(vec![
        "application/json",
        "multipart/mixed; boundary=a",
        "multipart/mixed",
        "text/plain",
        "",
    ]);
    prop_oneof![known.prop_map(str::to_owned), "[ -~]{0,30}"]
}

fn send(runtime: &Runtime, call: Call) -> Answer {
    runtime.block_on(call.send())
}

#[test]
fn no_request_makes_the_server_fail() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let request = (
        select(&PATHS[..]),
        method(),
        query(),
        kind(),
        body(),
        select(vec!["1.0.3", "2.0.0"]),
    );
    proptest!(ProptestConfig::with_cases(2_000), |((path, method, query, kind, body, version) in request)| {
        let call = world.call(method, &format!("{path}?{query}")).version(version);
        let answer = send(&runtime, call.body(&kind, body));
        prop_assert!(answer.status.as_u16() < 500, "{} {}", answer.status, answer.text());
    });
}

#[test]
fn no_header_makes_the_server_fail() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let names = [
        "x-experience-api-version",
        "accept",
        "accept-language",
        "accept-encoding",
        "if-match",
        "if-none-match",
        "content-encoding",
        "origin",
    ];
    let values = prop_oneof!["[ -~]{0,40}", "[a-z0-9.;=,*/\" W-]{0,40}"];
    let path = select(&PATHS[..]);
    let request = (path, method(), select(names.to_vec()), values);
    proptest!(ProptestConfig::with_cases(1_000), |((path, method, name, value) in request)| {
        let call = world.call(method, path).header(name, &value);
        let answer = send(&runtime, call);
        prop_assert!(answer.status.as_u16() < 500, "{} {}", answer.status, answer.text());
    });
}

#[test]
fn no_credential_makes_the_server_fail() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let credential = prop_oneof![
        "[ -~]{0,40}",
        "Basic [A-Za-z0-9+/=]{0,10}[^A-Za-z0-9+/=\\x00-\\x1f\\x7f]"
    ];
    proptest!(ProptestConfig::with_cases(300), |(credential in credential)| {
        let call = world.get("/xapi/statements").header("authorization", &credential);
        prop_assert_eq!(send(&runtime, call).status.as_u16(), 401);
    });
}

#[test]
fn no_altered_more_link_is_followed() {
    let runtime = Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    runtime.block_on(world.stored(&json!([statement(1), statement(2)])));
    let first = send(&runtime, world.get("/xapi/statements?limit=1")).expect(200);
    let more = first.json()["more"].as_str().unwrap().to_owned();
    let sealed = more
        .strip_prefix("/xapi/statements?more=")
        .unwrap()
        .to_owned();
    proptest!(|(place in 0..sealed.len(), letter in "[A-Za-z0-9_-]")| {
        let mut altered = sealed.clone();
        altered.replace_range(place..=place, &letter);
        prop_assume!(altered != sealed);
        let answer = send(&runtime, world.get(&format!("/xapi/statements?more={altered}")));
        prop_assert_eq!(answer.status.as_u16(), 400);
    });
}
