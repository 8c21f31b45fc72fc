//! The key-encryption key, and persons on the command line.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Output, Stdio};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::binary::{Server, furnish, run, said, varde};

fn on(data: &Path, command: &[&str]) -> Output {
    run(varde().args(command).env("VARDE_DATA", data))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Runs a command that reads from standard input.
fn given(data: &Path, command: &[&str], input: &str) -> Output {
    let mut child = varde()
        .args(command)
        .env("VARDE_DATA", data)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input.as_bytes()).expect("taken");
    drop(stdin);
    child.wait_with_output().expect("an end")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

fn furnished() -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a folder");
    furnish(data.path());
    data
}

#[test]
fn the_key_is_made_once_for_its_owner_alone_and_a_copy_is_compared() {
    let data = tempfile::tempdir().expect("a folder");
    let first = on(data.path(), &["key", "create", "course"]);
    out(&first);
    assert!(
        said(&first).contains("varde key escrow"),
        "{}",
        said(&first)
    );
    let second = on(data.path(), &["key", "create", "other"]);
    assert!(!said(&second).contains("escrow"), "said once");

    let file = data.path().join("secrets/kek");
    assert_eq!(
        (mode(&file), mode(&data.path().join("secrets"))),
        (0o600, 0o700)
    );
    let printed = out(&on(data.path(), &["key", "escrow"]));
    assert_eq!(fs::read_to_string(&file).expect("a key"), printed);
    assert!(printed.starts_with("varde-kek-1:"));

    let copy = data.path().join("copy");
    let check = || {
        let copy = copy.to_str().expect("a path");
        on(data.path(), &["key", "escrow", "--check", copy])
    };
    fs::write(&copy, &printed).expect("written");
    let same = out(&check());
    assert!(!same.contains(printed.trim()), "the key is not printed");
    let other = tempfile::tempdir().expect("a folder");
    out(&on(other.path(), &["key", "create", "course"]));
    fs::copy(other.path().join("secrets/kek"), &copy).expect("copied");
    assert_eq!(check().status.code(), Some(65));
    fs::write(&copy, &printed[..40]).expect("written");
    assert_eq!(check().status.code(), Some(65));
    fs::remove_file(&copy).expect("removed");
    assert_eq!(check().status.code(), Some(66));
}

#[test]
fn the_key_may_lie_elsewhere() {
    let (data, elsewhere) = (tempfile::tempdir(), tempfile::tempdir());
    let (data, elsewhere) = (data.expect("a folder"), elsewhere.expect("a folder"));
    let file = elsewhere.path().join("held/kek");
    let kek_file = file.to_str().expect("a path");
    out(&on(
        data.path(),
        &["key", "create", "course", "--kek-file", kek_file],
    ));
    assert!(file.exists());
    assert!(!data.path().join("secrets").exists());
}

#[test]
fn a_store_refuses_another_key_than_its_own() {
    let (data, other) = (furnished(), tempfile::tempdir().expect("a folder"));
    out(&on(other.path(), &["key", "create", "course"]));
    fs::copy(
        other.path().join("secrets/kek"),
        data.path().join("secrets/kek"),
    )
    .expect("copied");
    let refused = on(data.path(), &["key", "list"]);
    assert_eq!(refused.status.code(), Some(78));
    assert!(
        said(&refused).contains("was founded with"),
        "{}",
        said(&refused)
    );
}

#[tokio::test]
async fn a_sealed_store_takes_statements_and_goes_on_by_itself_when_the_key_is_back() {
    let data = furnished();
    let (file, away) = (data.path().join("secrets/kek"), data.path().join("away"));
    fs::rename(&file, &away).expect("moved");
    let server = Server::start(data.path());
    let (status, ready) = server.operator("/readyz").await;
    assert_eq!(
        (status, ready.as_str()),
        (StatusCode::OK, "ready\nsealed: 40\n")
    );
    let statement = json!({
        "actor": { "account": { "homePage": "https://moodle.example.org", "name": "1001" } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/completed" },
        "object": { "id": "https://moodle.example.org/course/view.php?id=7" },
    });
    let (status, _) = server
        .send(Method::POST, "/xapi/statements", &statement)
        .await;
    assert_eq!(status, StatusCode::OK);
    for path in ["/api/v1/outcomes", "/api/v1/indicators"] {
        let (status, problem) = server.send(Method::GET, path, &Value::Null).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(problem.to_string().contains("sealed"), "{problem}");
    }
    let import = on(data.path(), &["people", "merge", "p-001", "p-002"]);
    assert_eq!(import.status.code(), Some(78), "{}", said(&import));
    assert!(said(&import).contains("sealed"), "{}", said(&import));
    let verified = out(&on(data.path(), &["verify"]));
    assert!(verified.contains("sealed: 40"), "{verified}");
    server.logs("cannot go on");

    fs::rename(&away, &file).expect("moved back");
    server.logs("goes on again");
    let (_, ready) = server.operator("/readyz").await;
    assert_eq!(ready, "ready\n");
    let (status, _) = server
        .send(Method::GET, "/api/v1/indicators", &Value::Null)
        .await;
    assert_eq!(status, StatusCode::OK);
}

#[test]
fn a_person_is_found_by_an_identifier_from_standard_input() {
    let data = furnished();
    let find = |input: &str| given(data.path(), &["people", "find", "--json"], input);
    let found: Value =
        serde_json::from_str(&out(&find("account:1003|https://moodle.example.org\n")))
            .expect("JSON");
    assert_eq!(found["person"], "p-003");
    let id = found["id"].as_str().expect("an id");
    assert_eq!(id.len(), 32);
    let nobody: Value = serde_json::from_str(&out(&find("mailto:x@example.org"))).expect("JSON");
    assert_eq!(nobody["person"], Value::Null);
    let wrong = find("secret-learner");
    assert_eq!(wrong.status.code(), Some(65));
    assert!(!said(&wrong).contains("secret-learner"), "{}", said(&wrong));
    let text = out(&given(
        data.path(),
        &["people", "find"],
        "account:1003|https://moodle.example.org",
    ));
    assert!(text.contains("p-003") && text.contains(id), "{text}");
}

#[tokio::test]
async fn persons_are_merged_and_parted_beside_a_running_server() {
    let data = furnished();
    let server = Server::start(data.path());
    let merge = on(
        data.path(),
        &["people", "merge", "p-001", "p-002", "--json"],
    );
    let merged: Value = serde_json::from_str(&out(&merge)).expect("JSON");
    assert!(merged["stored"].is_string(), "{merged}");
    let cycle = on(data.path(), &["people", "merge", "p-002", "p-001"]);
    assert_eq!(cycle.status.code(), Some(65));
    let unknown = on(data.path(), &["people", "merge", "nobody", "p-001"]);
    assert_eq!(unknown.status.code(), Some(65));
    let parted = on(
        data.path(),
        &["people", "unmerge", "p-001", "--from", "2025-03-01"],
    );
    assert!(out(&parted).contains("two again"));
    assert_eq!(
        on(data.path(), &["people", "unmerge", "p-003"])
            .status
            .code(),
        Some(65)
    );
    server.terminate();
}

#[test]
fn a_dry_run_tells_of_each_line_what_it_would_do_and_writes_nothing() {
    let data = furnished();
    let file = data.path().join("people.csv");
    let lines = "p-001,female,1995-2004,NO060\np-002,male,1975-1984,NO060\np-900,,,\n";
    let table = format!("pseudonym,gender,birth_year_band,nuts3\n{lines}");
    fs::write(&file, &table).expect("written");
    let name = file.to_str().expect("a path");
    let dry = |more: &[&str]| {
        let command = ["import", "registers", name, "--dry-run"];
        on(data.path(), &[&command, more].concat())
    };
    let told = |output: &Output| -> Vec<String> {
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let verdicts = told["verdicts"].as_array().expect("verdicts").iter();
        let told = verdicts.map(|v| {
            let fields = v["fields"].as_array().expect("fields");
            format!("{} {} {}", v["line"], v["verdict"], json!(fields))
        });
        told.collect()
    };
    let expected = [
        r#"2 "unchanged" []"#,
        r#"3 "changed" ["birth-year-band"]"#,
        r#"4 "new" []"#,
    ];
    for _ in 0..2 {
        let output = dry(&["--json"]);
        out(&output);
        assert_eq!(told(&output), expected, "and nothing was written");
    }
    let text = out(&dry(&[]));
    assert!(
        text.contains("birth-year-band") && text.contains("nothing was changed"),
        "{text}"
    );
    assert!(!text.contains("p-00"), "{text}");

    fs::write(&file, format!("{table}p-901,woman,,\n")).expect("written");
    let refused = dry(&["--json"]);
    assert_eq!(refused.status.code(), Some(65));
    assert_eq!(
        told(&refused).last().map(String::as_str),
        Some(r#"5 "refused" []"#)
    );
}

#[test]
fn what_is_held_of_a_person_is_printed_for_programs_and_for_people() {
    let data = furnished();
    let record = |words: &[&str], input: &str| given(data.path(), words, input);
    let by_name = record(&["people", "export", "p-001"], "");
    let by_name: Value = serde_json::from_str(&out(&by_name)).expect("JSON");
    assert_eq!(by_name["pseudonyms"], json!(["p-001"]));
    let identifier = by_name["identifiers"][0].as_str().expect("an identifier");
    assert!(!identifier.is_empty());
    let page = [
        "person",
        "export",
        "p-001",
        "--format",
        "html",
        "--language",
        "sv",
    ];
    let page = out(&record(&page, ""));
    assert!(page.starts_with("<!doctype html>") && page.contains("sparat om dig"));
    let nobody = record(&["people", "export", "p-nobody"], "");
    assert_eq!(nobody.status.code(), Some(65), "{}", said(&nobody));
    let nonsense = record(&["people", "export"], "no identifier");
    assert_eq!(nonsense.status.code(), Some(65), "{}", said(&nonsense));
}
