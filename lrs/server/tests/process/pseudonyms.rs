//! A key that pseudonymises, on the embedded store: no file holds a name, and what leads from an identifier to
//! its pseudonym is in a backup.

use std::path::Path;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::binary::{Server, client, furnish, run, said, send, varde};
use crate::erase::{NAME, STATE, attempt, files_with_name};

fn out(data: &Path, command: &[&str]) -> String {
    let output = run(varde().args(command).env("VARDE_DATA", data));
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Sends a request of the key `course` to a server.
async fn asked(
    server: &Server,
    key: &str,
    (method, path): (Method, &str),
    body: &Value,
) -> (StatusCode, Value) {
    let uri = format!("http://{}{path}", server.http);
    let answer = send(&client(), method, &uri, key, body).await;
    answer.expect("an answer")
}

const MINE: &str = "/xapi/statements?agent=%7B%22account%22%3A%7B%22homePage%22%3A%22https%3A%2F%2Fmoodle.example.org%22%2C%22name%22%3A%221001%22%7D%7D";

#[tokio::test]
async fn no_file_holds_a_name_and_a_restored_store_knows_the_learner_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let [data, backup, restored] = ["data", "backup", "new"].map(|name| folder.path().join(name));
    furnish(&data);
    let scopes = "statements/write,statements/read/mine,state";
    let create = [
        "key", "create", "course", "--space", "demo", "--scope", scopes,
    ];
    let made = out(
        &data,
        &[&create[..], &["--pseudonymise", "--json"]].concat(),
    );
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let key = format!("course:{}", made["secret"].as_str().expect("a secret"));
    let server = Server::start(&data);
    let post = (Method::POST, "/xapi/statements");
    let posted = asked(&server, &key, post.clone(), &attempt()).await;
    assert_eq!(posted.0, StatusCode::OK, "{}", posted.1);
    let put = asked(&server, &key, (Method::PUT, STATE), &json!({ "page": 7 })).await;
    assert_eq!(put.0, StatusCode::NO_CONTENT, "{}", put.1);
    let (_, mine) = asked(&server, &key, (Method::GET, MINE), &Value::Null).await;
    let account = mine["statements"][0]["actor"]["account"].clone();
    assert_eq!(account["homePage"], json!("https://pseudonym.invalid/"));
    assert_eq!(files_with_name(&data), 0);
    let levels = out(&data, &["report", "export", "outcomes", "--output", "-"]);
    assert!(
        levels.contains("p-001"),
        "the registers know who it is: {levels}"
    );
    out(&data, &["backup", backup.to_str().expect("a path")]);
    assert_eq!(files_with_name(&backup), 0);
    server.terminate();

    std::fs::create_dir_all(restored.join("secrets")).expect("a folder");
    for secret in std::fs::read_dir(data.join("secrets")).expect("a folder") {
        let secret = secret.expect("a file").path();
        let to = restored
            .join("secrets")
            .join(secret.file_name().expect("a name"));
        std::fs::copy(&secret, to).expect("copied");
    }
    let from = backup.to_str().expect("a path");
    out(&restored, &["restore", from, "--no-erasures"]);
    let server = Server::start(&restored);
    let posted = asked(&server, &key, post, &attempt()).await;
    assert_eq!(posted.0, StatusCode::OK, "{}", posted.1);
    let (_, mine) = asked(&server, &key, (Method::GET, MINE), &Value::Null).await;
    let statements = mine["statements"].as_array().expect("a page");
    let accounts: Vec<_> = statements
        .iter()
        .map(|one| &one["actor"]["account"])
        .collect();
    assert_eq!(
        accounts,
        [&account, &account],
        "one learner, before and after"
    );
    let state = asked(&server, &key, (Method::GET, STATE), &Value::Null).await;
    assert_eq!(state, (StatusCode::OK, json!({ "page": 7 })));
    assert_eq!(files_with_name(&restored), 0);
    let (_, log) = server.terminate();
    assert!(!log.iter().any(|line| line.contains(NAME)), "{log:?}");
}
