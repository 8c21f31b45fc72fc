//! Keys from the command line, and what a server makes of them.

use std::path::Path;
use std::process::Output;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::binary::{Client, Server, client, furnish, run, said, send, varde};

fn on(data: &Path, command: &[&str]) -> Output {
    run(varde().args(command).env("VARDE_DATA", data))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Makes a key and returns it as `name:secret`.
fn key(data: &Path, name: &str, flags: &[&str]) -> String {
    let mut command = vec!["key", "create", name, "--json"];
    command.extend(flags);
    let made: Value = serde_json::from_str(&out(&on(data, &command))).expect("JSON");
    let secret = made["secret"].as_str().expect("a secret");
    format!("{name}:{secret}")
}

/// A quiz attempt that the demonstration's rules count.
fn attempt() -> Value {
    let quiz = json!([{ "id": "https://moodle.example.org/mod/quiz/view.php?id=45" }]);
    json!({
        "actor": { "account": { "homePage": "https://moodle.example.org", "name": "1001" } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/completed" },
        "object": {
            "id": "https://moodle.example.org/mod/quiz/attempt.php?attempt=1",
            "definition": { "type": "http://adlnet.gov/expapi/activities/attempt" },
        },
        "result": { "score": { "scaled": 0.7 } },
        "context": { "contextActivities": { "parent": quiz } },
        "timestamp": "2025-03-01T10:00:00Z",
    })
}

async fn seen(client: &Client, server: &Server, key: &str) -> usize {
    let uri = format!("http://{}/xapi/statements", server.http);
    let answer = send(client, Method::GET, &uri, key, &Value::Null).await;
    let (status, page) = answer.expect("an answer");
    assert_eq!(status, StatusCode::OK, "{page}");
    page["statements"].as_array().expect("statements").len()
}

async fn post(client: &Client, server: &Server, key: &str, statement: &Value) {
    let uri = format!("http://{}/xapi/statements?launched=1", server.http);
    let answer = send(client, Method::POST, &uri, key, statement).await;
    let (status, body) = answer.expect("an answer");
    assert_eq!(status, StatusCode::OK, "{body}");
}

fn outcomes(data: &Path) -> usize {
    let csv = out(&on(
        data,
        &["report", "export", "outcomes", "--output", "-"],
    ));
    csv.lines().count() - 1
}

#[tokio::test]
async fn a_test_key_is_apart_from_live_keys_and_its_statements_are_never_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    furnish(data);
    let lenient = ["--scope", "all", "--tolerate", "unknown-parameters"];
    let in_space = |space: &'static str| [&["--space", space][..], &lenient].concat();
    let trial = key(data, "trial", &in_space("demo:test"));
    let live = key(data, "live", &in_space("demo"));

    let server = Server::start(data);
    let client = client();
    post(&client, &server, &trial, &attempt()).await;
    assert_eq!(seen(&client, &server, &trial).await, 1);
    assert_eq!(seen(&client, &server, &live).await, 0);
    assert!(server.terminate().0.success());
    assert_eq!(outcomes(data), 0, "a test is never counted");

    let server = Server::start(data);
    post(&client, &server, &live, &attempt()).await;
    assert_eq!(seen(&client, &server, &live).await, 1);
    assert_eq!(seen(&client, &server, &trial).await, 1);
    let (_, metrics) = server.operator("/metrics").await;
    for line in [
        "varde_tolerance_uses_total{tolerance=\"unknown-parameters\"} 1",
        "varde_tolerance_uses_total{tolerance=\"mislabelled-documents\"} 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{metrics}");
    }
    assert!(server.terminate().0.success());
    assert_eq!(outcomes(data), 1, "a live one is");

    let listed = out(&on(data, &["key", "list", "--json"]));
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    for one in listed["keys"].as_array().expect("keys") {
        assert_eq!(
            one["tolerances"],
            json!({ "unknown-parameters": 1 }),
            "{one}"
        );
    }
}

#[tokio::test]
async fn a_key_is_rotated_and_revoked_beside_a_running_server_and_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    furnish(data);
    let first = key(data, "lms", &["--space", "demo", "--scope", "all/read"]);
    let server = Server::start(data);
    let client = client();
    let status = async |key: &str| {
        let uri = format!("http://{}/xapi/statements", server.http);
        let answer = send(&client, Method::GET, &uri, key, &Value::Null).await;
        answer.expect("an answer").0
    };
    assert_eq!(status(&first).await, StatusCode::OK);
    let rotated = out(&on(data, &["key", "rotate", "lms", "--json"]));
    let rotated: Value = serde_json::from_str(&rotated).expect("JSON");
    let second = format!("lms:{}", rotated["secret"].as_str().expect("a secret"));
    assert_eq!(status(&first).await, StatusCode::OK, "both are let in");
    assert_eq!(status(&second).await, StatusCode::OK);
    out(&on(data, &["key", "rotate", "lms", "--overlap", "0"]));
    assert_eq!(status(&first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&second).await, StatusCode::UNAUTHORIZED);

    let third = key(data, "other", &["--space", "demo", "--scope", "all/read"]);
    assert_eq!(status(&third).await, StatusCode::OK);
    out(&on(data, &["key", "revoke", "other"]));
    assert_eq!(status(&third).await, StatusCode::UNAUTHORIZED);
    for (command, code) in [
        (["key", "revoke", "other"], 73),
        (["key", "rotate", "other"], 73),
        (["key", "create", "other"], 73),
        (["key", "revoke", "nobody"], 66),
    ] {
        let refused = on(data, &command);
        assert_eq!(refused.status.code(), Some(code), "{}", said(&refused));
    }
    assert!(server.terminate().0.success());
    let listed = out(&on(data, &["key", "list"]));
    assert!(listed.contains("revoked 2"), "{listed}");
    assert!(listed.contains("Last use"), "{listed}");
}

#[tokio::test]
async fn what_was_refused_is_noted_beyond_a_restart_and_without_what_was_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    furnish(data);
    let lms = key(data, "lms", &["--space", "demo", "--scope", "all"]);
    let (server, client) = (Server::start(data), client());
    let refused = json!({ "actor": { "mbox": "kari@example.org" } });
    let uri = format!("http://{}/xapi/statements", server.http);
    let sent = send(&client, Method::POST, &uri, &lms, &refused).await;
    assert_eq!(sent.expect("an answer").0, StatusCode::BAD_REQUEST);
    assert!(server.terminate().0.success());

    let server = Server::start(data);
    let uri = format!("http://{}/api/v1/refusals?key=lms", server.http);
    let told = send(&client, Method::GET, &uri, &lms, &Value::Null).await;
    let (status, told) = told.expect("an answer");
    assert_eq!(status, StatusCode::OK, "{told}");
    assert_eq!(told["items"][0]["times"], 1, "{told}");
    let broken = told["items"][0]["broken"].as_array();
    let mut broken = broken.into_iter().flatten();
    let noted = broken.any(|one| one["path"] == "$.actor.mbox" && one["rule"] == "mbox");
    assert!(noted, "{told}");
    assert!(!told.to_string().contains("kari"), "{told}");
    assert!(server.terminate().0.success());
}

#[test]
fn a_key_is_made_once_and_its_secret_never_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let made = out(&on(&data, &["key", "create", "moodle", "--space", "sing"]));
    assert!(
        made.contains("statements/write, statements/read/mine"),
        "{made}"
    );
    let secret = made
        .lines()
        .find_map(|line| line.trim().strip_prefix("secret"))
        .expect("a secret")
        .trim();
    assert!(secret.len() >= 43, "{made}");

    let taken = on(&data, &["key", "create", "moodle"]);
    assert_eq!(taken.status.code(), Some(73), "{}", said(&taken));
    for list in [&["key", "list"][..], &["key", "list", "--json"]] {
        let listed = out(&on(&data, list));
        assert!(
            listed.contains("moodle") && listed.contains("sing"),
            "{listed}"
        );
        assert!(
            !listed.contains(secret) && !listed.contains("argon2"),
            "{listed}"
        );
    }
}

#[test]
fn what_no_key_can_be_given_is_refused_by_name_and_makes_no_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    for (flags, named) in [
        (["--space", "Not a space"], "Not a space"),
        (["--scope", "everything"], "statements/write"),
        (["--tolerate", "everything"], "unknown-parameters"),
        (["--reads", "sing,MERSE"], "MERSE"),
        (["--origin", "course.example.org"], "course.example.org"),
        (["--expires", "tomorrow"], "2027-01-01T00:00:00Z"),
    ] {
        let mut command = vec!["key", "create", "one"];
        command.extend(flags);
        let refused = on(&data, &command);
        assert_eq!(refused.status.code(), Some(64), "{}", said(&refused));
        assert!(said(&refused).contains(named), "{}", said(&refused));
    }
    assert!(!data.exists());
    let refused = on(&data, &["key", "create", "a:colon"]);
    assert_eq!(refused.status.code(), Some(64), "{}", said(&refused));
}
