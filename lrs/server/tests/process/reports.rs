//! Reports of periods, as the office makes them on the command line.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::binary::{Server, furnish, run, said, varde};

/// The last days of the demonstration project's periods that have passed.
const FIRST: &str = "2025-03-31";
const SECOND: &str = "2025-06-30";

fn on(data: &Path, command: &[&str]) -> Output {
    run(varde().args(command).env("VARDE_DATA", data))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn report(data: &Path, command: &[&str]) -> String {
    out(&on(data, &[&["report"], command].concat()))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The id of the statement by which an attendance of the course is told.
fn id(number: u32) -> String {
    format!("5a4d0000-0000-4000-8000-{number:012}")
}

/// Lets learners of the demonstration begin its course, and one statement void another.
fn tell(data: &Path, statements: &[Value]) {
    let lines = statements
        .iter()
        .fold(String::new(), |lines, one| format!("{lines}{one}\n"));
    let file = data.with_extension("ndjson");
    std::fs::write(&file, lines).expect("written");
    let file = file.to_str().expect("a path");
    out(&on(
        data,
        &["import", "statements", file, "--key", "moodle"],
    ));
}

fn began(number: u32, account: u32, day: &str) -> Value {
    json!({
        "id": id(number),
        "actor": { "account": { "homePage": "https://moodle.example.org", "name": account.to_string() } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/initialized" },
        "object": { "id": "https://moodle.example.org/course/view.php?id=7" },
        "timestamp": format!("{day}T09:00:00Z"),
    })
}

fn voided(number: u32, target: u32) -> Value {
    json!({
        "id": id(number),
        "actor": { "mbox": "mailto:office@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
        "object": { "objectType": "StatementRef", "id": id(target) },
    })
}

/// Returns the figures of the participations, each with its name.
fn figures(report: &Value) -> Value {
    let indicators = report["report"]["indicators"]
        .as_array()
        .expect("indicators");
    let mut participations = indicators.iter().filter(|one| one["code"] == "RCO85");
    participations.next().expect("RCO85")["figures"].clone()
}

#[test]
fn two_reports_of_which_the_second_takes_a_voided_attendance_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = &folder.path().join("store");
    furnish(data);
    out(&on(data, &["key", "create", "moodle", "--space", "demo"]));
    tell(
        data,
        &[began(1, 1001, "2025-02-10"), began(2, 1002, "2025-03-10")],
    );
    report(data, &["open", "demo", FIRST]);
    let submitted = json(&report(data, &["submit", "demo", FIRST, "--json"]));
    let expected = json!({
        "previous": "0", "new": "2", "correction": "0", "current": "2", "total": "2",
    });
    assert_eq!(figures(&submitted), expected);
    let file = folder.path().join("report.json");
    let path = file.to_str().expect("a path");
    let wrote = report(data, &["show", "demo", FIRST, "--output", path]);
    let digest = Sha256::digest(std::fs::read(&file).expect("written"));
    let digest = digest
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    assert!(wrote.contains(&digest), "{wrote}");
    assert_eq!(submitted["hash"], digest.as_str());
    report(data, &["accept", "demo", FIRST]);

    // The rest is done beside a server that has the folder.
    let server = Server::start(data);
    tell(data, &[voided(3, 2)]);
    report(data, &["open", "demo", SECOND]);
    report(
        data,
        &["comment", "demo", SECOND, "RCO85", "One list was wrong."],
    );
    let shown = report(data, &["show", "demo", SECOND]);
    let correction = format!("the statement {} was voided by {}", id(2), id(3));
    assert!(
        shown.contains("RCO85 -1") && shown.contains(&correction),
        "{shown}"
    );
    assert!(shown.contains("One list was wrong."), "{shown}");
    let submitted = json(&report(data, &["submit", "demo", SECOND, "--json"]));
    let expected = json!({
        "previous": "2", "new": "0", "correction": "-1", "current": "-1", "total": "1",
    });
    assert_eq!(figures(&submitted), expected);
    report(
        data,
        &["return", "demo", SECOND, "--reason", "A list is missing."],
    );
    let list = report(data, &["list", "--project", "demo"]);
    for state in ["accepted", "returned", "draft"] {
        assert!(list.contains(state), "{list}");
    }
    server.terminate();

    let explained = report(data, &["explain", "RCO85", "--as-of", SECOND]);
    assert!(
        explained.contains(&id(1)) && !explained.contains(&id(2)),
        "{explained}"
    );
    assert!(
        explained.contains("organiser:"),
        "the rows are told: {explained}"
    );
    let explained = json(&report(
        data,
        &["explain", "RCO85", "--as-of", SECOND, "--json"],
    ));
    assert_eq!(
        explained["indicators"]["tables"][0]["indicators"][0]["value"],
        1
    );
}

#[test]
fn balances_evidence_and_lines_are_written_and_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = &folder.path().join("store");
    furnish(data);
    let list = folder.path().join("list.csv");
    std::fs::write(&list, "name\n").expect("written");
    let list = list.to_str().expect("a path");
    let kept = [
        "evidence",
        "demo",
        list,
        "--title",
        "Attendance list",
        "--media-type",
        "text/csv",
        "--period",
        FIRST,
        "--json",
    ];
    let kept = json(&report(data, &kept));
    let hash = kept["evidence"][0]["sha256"].as_str().expect("a hash");
    assert!(report(data, &["evidence", "demo"]).contains(hash));
    let saved = folder.path().join("saved.csv");
    let to = saved.to_str().expect("a path");
    report(data, &["evidence", "demo", "--save", hash, "--output", to]);
    assert_eq!(std::fs::read_to_string(&saved).expect("written"), "name\n");

    let balance = [
        "balance",
        "demo",
        "RCO85",
        "--value",
        "12",
        "--as-of",
        "2024-12-31",
        "--source",
        "Report 1",
        "--document",
        hash,
    ];
    assert!(report(data, &balance).contains("Report 1"));
    report(data, &["open", "demo", FIRST]);
    let line = [
        "line",
        "demo",
        FIRST,
        "--code",
        "RCO85",
        "--amount",
        "-2",
        "--reason",
        "Counted twice.",
        "--document",
        hash,
    ];
    report(data, &line);
    let own = on(data, &["report", "line", "demo", FIRST, "--approve", "1"]);
    assert_eq!(own.status.code(), Some(65), "{}", said(&own));
    let shown = report(data, &["show", "demo", FIRST]);
    assert!(shown.contains("RCO85 opened at 12"), "{shown}");
    assert!(
        shown.contains("Counted twice.") && shown.contains("not approved"),
        "{shown}"
    );
    report(data, &["line", "demo", FIRST, "--withdraw", "1"]);
    report(data, &["balance", "demo", "RCO85", "--remove"]);
    let refused = on(data, &["report", "open", "demo", "2025-05-31"]);
    assert_eq!(refused.status.code(), Some(65));
    assert!(said(&refused).contains(FIRST), "{}", said(&refused));
}
