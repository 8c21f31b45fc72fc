//! What no duty keeps any longer goes beside a running server, and no number moves.

use std::path::Path;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::binary::{Server, demo_file, furnish, run, said, varde};
use crate::erase::{NAME, STATE, attempt, files_with_name, outcomes};

const KEEP: &str = "
keep:
  - { class: audit, years: 0, after: 2025-12-31, source: \"a rule\" }
  - { class: learning, years: 0, after: 2025-12-31, source: \"another rule\" }
";

fn out(data: &Path, command: &[&str]) -> String {
    let output = run(varde().args(command).env("VARDE_DATA", data));
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn receipt(data: &Path, flags: &[&str]) -> Value {
    let text = out(data, &[&["retention", "run", "--json"], flags].concat());
    serde_json::from_str(&text).expect("JSON")
}

/// Has duties to keep that ended with 2025.
fn end_duties(data: &Path) {
    let project = std::fs::read_to_string(demo_file("registers/project.yaml")).expect("a file");
    let file = tempfile::Builder::new().suffix(".yaml").tempfile();
    let file = file.expect("a file");
    std::fs::write(file.path(), project + KEEP).expect("written");
    let file = file.path().to_str().expect("a path");
    out(data, &["import", "registers", file]);
}

#[tokio::test]
async fn what_no_duty_keeps_goes_once_its_period_is_reported_and_leaves_the_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    furnish(data);
    end_duties(data);
    let server = Server::start(data);
    let attempt = attempt();
    let posted = server.send(Method::POST, "/xapi/statements", &attempt);
    assert_eq!(posted.await.0, StatusCode::OK);
    let put = server
        .send(Method::PUT, STATE, &json!({ "name": NAME }))
        .await;
    assert_eq!(put.0, StatusCode::NO_CONTENT);
    let before = outcomes(data);

    let waits = receipt(data, &[]);
    assert_eq!(
        (&waits["waiting"], &waits["records"]),
        (&json!(1), &json!([]))
    );
    assert_eq!(waits["waiting_for"], json!(["demo"]));
    for period in ["2025-03-31", "2025-06-30"] {
        out(data, &["report", "open", "demo", period]);
        out(data, &["report", "submit", "demo", period]);
    }

    let planned = receipt(data, &["--dry-run"]);
    assert_eq!(planned["records"][0]["class"], json!("audit"));
    assert_eq!(planned["records"][0]["until"], json!("2025-12-31"));
    assert_eq!(planned["records"][0]["statements"], json!(1));
    assert!(files_with_name(data) > 0, "a dry run changes nothing");
    let done = receipt(data, &[]);
    assert_eq!(done["records"], planned["records"]);
    assert_eq!(done["persons"], planned["persons"]);
    assert_eq!(done["documents"], json!(1));
    assert_eq!(files_with_name(data), 0);
    let person = done["persons"][0].as_str().expect("an id");
    let expected: Vec<_> = before
        .iter()
        .map(|cell| cell.replace("p-001", person))
        .collect();
    assert_eq!(
        outcomes(data),
        expected,
        "the person is an id now, and all else is as it was"
    );
    assert!(out(data, &["retention", "run"]).contains("identifiers: 0"));
    out(data, &["verify"]);

    let (_, log) = server.terminate();
    assert!(!log.iter().any(|line| line.contains("roofsen")), "{log:?}");
}

#[tokio::test]
async fn a_server_that_is_told_to_erases_of_itself_when_it_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    furnish(data);
    let server = Server::start(data);
    let attempt = attempt();
    let posted = server.send(Method::POST, "/xapi/statements", &attempt);
    assert_eq!(posted.await.0, StatusCode::OK);
    for period in ["2025-03-31", "2025-06-30"] {
        out(data, &["report", "open", "demo", period]);
        out(data, &["report", "submit", "demo", period]);
    }
    end_duties(data);
    server.terminate();
    assert!(files_with_name(data) > 0);
    let config = folder.path().join("varde.toml");
    std::fs::write(&config, "[retention]\nevery_days = 30\n").expect("written");
    let config = config.to_str().expect("a path").to_owned();
    let server = Server::start_with(data, &["--config", &config]);
    server.logs("erased what no duty keeps any longer");
    assert_eq!(files_with_name(data), 0);
    server.terminate();
}
