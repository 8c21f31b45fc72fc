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

/// Returns what a command says, with how it ended.
fn ended(command: &[&str]) -> (bool, String) {
    let output = run(varde().args(command));
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    let text = String::from_utf8(both).expect("UTF-8");
    (output.status.success(), text)
}

#[test]
fn a_pack_is_written_signed_and_verified_without_the_store_and_keys_are_rotated() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = &folder.path().join("store");
    furnish(data);
    out(&on(data, &["key", "create", "moodle", "--space", "demo"]));
    tell(data, &[began(1, 1001, "2025-02-10")]);
    report(data, &["open", "demo", FIRST]);
    let pack = folder.path().join("pack");
    let to = pack.to_str().expect("a path");
    let write = ["report", "pack", "demo", FIRST, "--output", to];
    report(data, &["submit", "demo", FIRST]);
    let unsigned = on(data, &write);
    assert!(
        said(&unsigned).contains("signing-key make"),
        "{}",
        said(&unsigned)
    );
    out(&on(data, &["signing-key", "make"]));
    out(&on(data, &write));
    let public = folder.path().join("public.pem");
    let public = public.to_str().expect("a path");
    out(&on(data, &["signing-key", "public", "--output", public]));
    let keys = json(&out(&on(data, &["signing-key", "list", "--json"])));
    let first = keys["signing_keys"][0]["fingerprint"]
        .as_str()
        .expect("a fingerprint");

    std::fs::rename(data, folder.path().join("away")).expect("no store is needed");
    for key in [public, first] {
        let (is_intact, text) = ended(&["verify-report", to, "--key", key]);
        assert!(is_intact && text.contains("intact, signed by"), "{text}");
    }
    let (is_intact, text) = ended(&["verify-report", to]);
    assert!(
        is_intact && text.contains("intact, signer unproven"),
        "{text}"
    );
    std::fs::rename(folder.path().join("away"), data).expect("put back");

    // A new key signs now; what the old one signed can still be checked by its public half.
    out(&on(data, &["signing-key", "rotate"]));
    let again = folder.path().join("again");
    let again = again.to_str().expect("a path");
    report(data, &["pack", "demo", FIRST, "--output", again]);
    let (is_intact, text) = ended(&["verify-report", again, "--key", first]);
    assert!(
        !is_intact && text.contains("manifest.json.sig: signed by"),
        "{text}"
    );
    let kept = out(&on(data, &["signing-key", "public", first]));
    assert_eq!(kept, std::fs::read_to_string(public).expect("written"));
    assert!(ended(&["verify-report", to, "--key", public]).0);

    let annex = pack.join("sv/annex.html");
    let text = std::fs::read_to_string(&annex).expect("an annex");
    assert!(text.contains(first), "the annex names who signs");
    std::fs::write(&annex, text + " ").expect("written");
    let (is_intact, text) = ended(&["verify-report", to, "--key", public]);
    assert!(
        !is_intact && text.contains("sv/annex.html: the file was changed"),
        "{text}"
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
