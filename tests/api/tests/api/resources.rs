//! What holds for every resource alike.

use axum::http::Method;
use serde_json::json;
use varde_api_tests::{Call, SECRET, World, statement};
use varde_http::Limits;

const ID: &str = "5b0c8a6e-4a9e-4b0f-8a63-0f6d5e1c9a01";
const JSON: &str = "application/json";
const VERSION: &str = "x-experience-api-version";
const AGENT: &str = r#"{"mbox":"mailto:learner-1@example.org"}"#;
const ACTIVITY: &str = "https://example.org/courses/welding";

/// The parameters that a request must have or may have, each with a right value.
type Given = &'static [(&'static str, &'static str)];

/// Each resource with the methods it knows and the parameters of each; what is read was put before.
const RESOURCES: [(&str, &[(&str, Given)]); 7] = [
    (
        "/xapi/statements",
        &[
            ("GET", SELECTED),
            ("PUT", &[("statementId", ID)]),
            ("POST", &[]),
        ],
    ),
    ("/xapi/activities", &[("GET", &[("activityId", ACTIVITY)])]),
    ("/xapi/agents", &[("GET", &[("agent", AGENT)])]),
    (
        "/xapi/activities/state",
        &[
            ("PUT", STATE),
            ("GET", STATE),
            ("POST", STATE),
            ("DELETE", STATE),
        ],
    ),
    (
        "/xapi/activities/profile",
        &[
            ("PUT", ACTIVITY_PROFILE),
            ("GET", ACTIVITY_PROFILE),
            ("POST", ACTIVITY_PROFILE),
            ("DELETE", ACTIVITY_PROFILE),
        ],
    ),
    (
        "/xapi/agents/profile",
        &[
            ("PUT", AGENT_PROFILE),
            ("GET", AGENT_PROFILE),
            ("POST", AGENT_PROFILE),
            ("DELETE", AGENT_PROFILE),
        ],
    ),
    ("/xapi/about", &[("GET", &[])]),
];
const SELECTED: Given = &[
    ("agent", AGENT),
    ("verb", "https://example.org/verbs/finished"),
    ("activity", ACTIVITY),
    ("registration", ID),
    ("related_activities", "true"),
    ("related_agents", "true"),
    ("since", "2026-01-01T00:00:00Z"),
    ("until", "2026-12-31T00:00:00Z"),
    ("limit", "1"),
    ("format", "ids"),
    ("attachments", "false"),
    ("ascending", "true"),
];
const STATE: Given = &[
    ("activityId", ACTIVITY),
    ("agent", AGENT),
    ("registration", ID),
    ("stateId", "bookmark"),
];
const ACTIVITY_PROFILE: Given = &[("activityId", ACTIVITY), ("profileId", "bookmark")];
const AGENT_PROFILE: Given = &[("agent", AGENT), ("profileId", "bookmark")];

/// Starts a request that each resource takes, and leaves it so whatever was stored before.
fn call(world: &World, path: &str, method: &str, given: &[(&str, &str)]) -> Call {
    let method: Method = method.parse().expect("a method");
    let mut call = world.call(method.clone(), path);
    for (name, value) in given {
        call = call.query(name, value);
    }
    match method {
        Method::PUT if path.ends_with("statements") => call.json(&statement(1)),
        Method::PUT => call.header("if-none-match", "\"none\"").body(JSON, "{}"),
        Method::POST if path.ends_with("statements") => call.json(&json!([])),
        Method::POST => call.body(JSON, "{}"),
        _ => call,
    }
}

/// Each resource, method and list of parameters.
fn each() -> impl Iterator<Item = (&'static str, &'static str, Given)> {
    let methods = |(path, methods): (&'static str, &'static [(&'static str, Given)])| {
        methods
            .iter()
            .map(move |(method, given)| (path, *method, *given))
    };
    RESOURCES.into_iter().flat_map(methods)
}

#[tokio::test]
async fn each_resource_names_the_methods_it_knows() {
    let world = World::new().await;
    for (path, known) in RESOURCES {
        let known: Vec<_> = known.iter().map(|(method, _)| *method).collect();
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "TRACE", "QUERY"] {
            let answer = world.call(method.parse().unwrap(), path).send().await;
            if known.contains(&method) {
                assert_ne!(answer.status, 405, "{method} {path}");
                continue;
            }
            let answer = answer.expect(405);
            for known in known.iter().chain(&["HEAD"]) {
                assert!(answer.header("allow").contains(known), "{known} {path}");
            }
        }
        for (method, given) in each().filter(|one| one.0 == path).map(|one| (one.1, one.2)) {
            let answer = call(&world, path, method, given).send().await;
            assert!(
                answer.status.is_success(),
                "{method} {path} {}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn every_resource_names_its_version_in_answers_and_errors() {
    let world = World::new().await;
    for (path, method, given) in each().filter(|(path, ..)| !path.ends_with("about")) {
        for (asked, answered) in [("1.0.1", "1.0.3"), ("2.0", "2.0.0")] {
            let answer = call(&world, path, method, given)
                .version(asked)
                .send()
                .await;
            assert_eq!(answer.header(VERSION), answered, "{method} {path}");
        }
        let without = call(&world, path, method, given)
            .without(VERSION)
            .send()
            .await;
        let without = without.expect(400);
        assert_eq!(without.rules(), ["header-missing"], "{method} {path}");
        for wrong in ["0.95", "1.1.0", "2.1.0", "x"] {
            let answer = call(&world, path, method, given)
                .version(wrong)
                .send()
                .await;
            let answer = answer.expect(400);
            assert_eq!(answer.rules(), ["version-header"], "{method} {path}");
            assert_eq!(answer.header(VERSION), "2.0.0");
        }
    }
}

#[tokio::test]
async fn nothing_is_stored_under_a_refused_version() {
    let world = World::new().await;
    for (path, method, given) in each().filter(|(_, method, _)| ["PUT", "POST"].contains(method)) {
        let mut refused = call(&world, path, method, given).version("1.1.0");
        if method == "POST" && path.ends_with("statements") {
            refused = refused.json(&statement(1));
        }
        let _ = refused.send().await.expect(400);
    }
    let list = world.get("/xapi/statements").send().await.expect(200);
    assert!(list.statement_ids().is_empty());
    for (path, _, given) in each().filter(|(_, method, _)| *method == "DELETE") {
        let _ = call(&world, path, "GET", given).send().await.expect(404);
    }
}

#[tokio::test]
async fn no_resource_takes_an_unknown_parameter_by_any_method() {
    let world = World::new().await;
    for (path, method, given) in each() {
        for name in ["foo", "method", "content", "Authorization"] {
            if (method, name) == ("POST", "method") {
                continue;
            }
            let answer = call(&world, path, method, given)
                .query(name, "x")
                .send()
                .await;
            assert_eq!(
                answer.expect(400).rules(),
                ["parameter-unknown"],
                "{method} {path} {name}"
            );
        }
    }
}

#[tokio::test]
async fn no_parameter_is_known_in_another_letter_case() {
    let world = World::new().await;
    for (path, method, given) in each() {
        for (name, value) in given {
            for other in [
                name.to_uppercase(),
                name.to_lowercase(),
                name.replacen('a', "A", 1),
            ] {
                if other == *name {
                    continue;
                }
                let mut altered: Vec<_> = given.iter().filter(|one| one.0 != *name).collect();
                let other = (other.as_str(), *value);
                altered.push(&other);
                let altered: Vec<_> = altered.into_iter().copied().collect();
                let answer = call(&world, path, method, &altered)
                    .send()
                    .await
                    .expect(400);
                assert_eq!(
                    answer.rules()[0],
                    "parameter-unknown",
                    "{method} {path} {other:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_agent_that_names_a_member_twice_is_refused() {
    let world = World::new().await;
    let twice = r#"{"mbox":"mailto:a@example.org","mbox":"mailto:b@example.org"}"#;
    for (path, method, given) in each() {
        if !given.iter().any(|(name, _)| *name == "agent") {
            continue;
        }
        let given: Vec<_> = given
            .iter()
            .map(|(name, value)| (*name, if *name == "agent" { twice } else { value }))
            .collect();
        let answer = call(&world, path, method, &given).send().await.expect(400);
        assert_eq!(answer.rules(), ["json-duplicate-key"], "{method} {path}");
    }
}

#[tokio::test]
async fn faults_are_told_in_the_order_version_credentials_parameters_body() {
    let world = World::new().await;
    let wrong = world
        .put("/xapi/statements?foo=bar")
        .version("1.1.0")
        .by("front-end", "not it")
        .body(JSON, "{");
    let answer = wrong.clone().send().await.expect(400);
    assert_eq!(answer.rules(), ["version-header"]);
    let wrong = wrong.version("1.0.3");
    let _ = wrong.clone().send().await.expect(401);
    let wrong = wrong.by("front-end", SECRET);
    let answer = wrong.send().await.expect(400);
    assert_eq!(answer.rules(), ["parameter-unknown"]);
    let wrong = world.put("/xapi/statements").query("statementId", ID);
    let answer = wrong.body(JSON, "{").send().await.expect(400);
    assert_eq!(answer.rules(), ["json-syntax"]);
}

#[tokio::test]
async fn a_preflight_answer_allows_each_header_that_the_standard_names() {
    let world = World::new().await;
    for (path, _) in RESOURCES {
        let call = world.call(Method::OPTIONS, path).without("authorization");
        let call = call
            .without(VERSION)
            .header("origin", "https://course.example.org");
        let call = call.header("access-control-request-method", "POST");
        let answer = call.send().await.expect(200);
        let allowed = answer.header("access-control-allow-headers").to_lowercase();
        for name in [
            "authorization",
            "content-type",
            "content-length",
            "accept",
            "accept-language",
            "if-match",
            "if-none-match",
            VERSION,
        ] {
            assert!(
                allowed.split(',').any(|one| one.trim() == name),
                "{path} {name}"
            );
        }
    }
}

#[tokio::test]
async fn every_error_is_open_to_scripts_of_other_origins() {
    let limits = Limits {
        body_bytes_max: 1_000,
        ..Limits::default()
    };
    let world = World::with(limits).await;
    world
        .key("reader", "sing", &[varde_core::Scope::AllRead])
        .await;
    let profile = |call: Call| call.query("activityId", ACTIVITY).query("profileId", "p");
    let put = |body: String| profile(world.put("/xapi/activities/profile")).body(JSON, body);
    let _ = put("{}".into())
        .header("if-none-match", "*")
        .send()
        .await
        .expect(204);
    let calls = [
        (400, world.get("/xapi/agents")),
        (401, world.get("/xapi/agents").by("nobody", SECRET)),
        (
            403,
            world
                .post("/xapi/statements")
                .by("reader", SECRET)
                .json(&statement(1)),
        ),
        (404, world.get("/xapi/statements").query("statementId", ID)),
        (405, world.delete("/xapi/about")),
        (409, put("{}".into())),
        (412, put("{}".into()).header("if-match", "\"x\"")),
        (413, put("1".repeat(1_001)).header("if-match", "*")),
    ];
    for (status, call) in calls {
        let answer = call
            .header("origin", "https://course.example.org")
            .send()
            .await;
        let answer = answer.expect(status);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "{status}"
        );
        let exposed = answer
            .header("access-control-expose-headers")
            .to_lowercase();
        for name in [
            "etag",
            "last-modified",
            "cache-control",
            "content-type",
            "content-length",
            "www-authenticate",
            VERSION,
            "x-experience-api-consistent-through",
        ] {
            assert!(
                exposed.split(',').any(|one| one.trim() == name),
                "{status} {name}"
            );
        }
    }
}

#[tokio::test]
async fn every_resource_is_reached_by_a_form() {
    let world = World::new().await;
    let escape = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    for (path, method, given) in each() {
        let body = match (method, path.ends_with("statements")) {
            ("PUT" | "POST", true) => statement(1).to_string(),
            ("PUT" | "POST", false) => "{}".to_owned(),
            _ => String::new(),
        };
        let mut fields: Vec<_> = given.to_vec();
        if !body.is_empty() {
            fields.push(("content", &body));
        }
        if method == "PUT" {
            fields.push(("If-None-Match", "\"none\""));
        }
        let form: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        let call = world.post(&format!("{path}?method={method}"));
        let answer = call
            .body("application/x-www-form-urlencoded", form.join("&"))
            .send()
            .await;
        let direct = match (method, path.ends_with("statements")) {
            ("PUT" | "DELETE", _) | ("POST", false) => 204,
            _ => 200,
        };
        assert_eq!(answer.status, direct, "{method} {path} {}", answer.text());
    }
}

#[tokio::test]
async fn put_takes_statements_of_no_other_content_type() {
    let world = World::new().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
    ] {
        let call = world.put("/xapi/statements").query("statementId", ID);
        let answer = call
            .body(kind, statement(1).to_string())
            .send()
            .await
            .expect(400);
        assert_eq!(answer.rules(), ["content-type"], "{kind}");
    }
    let _ = world
        .get("/xapi/statements")
        .query("statementId", ID)
        .send()
        .await
        .expect(404);
}
