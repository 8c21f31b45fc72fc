//! Backup, restore, migration and checks, as an operator does them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::binary::{Server, furnish, run, said, varde};
use crate::competence::quizzes;

fn on(data: &Path, command: &[&str]) -> Output {
    run(varde().args(command).env("VARDE_DATA", data))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&out(output)).expect("JSON")
}

fn statement(number: u32) -> Value {
    json!({
        "id": format!("6690e6c9-3ef0-4ed3-8b37-{number:012}"),
        "actor": { "mbox": "mailto:learner-1@example.org" },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/completed" },
        "object": { "id": "https://course.example.org/1" },
    })
}

async fn post(server: &Server, number: u32) -> StatusCode {
    let statement = statement(number);
    let sent = server.send(Method::POST, "/xapi/statements", &statement);
    sent.await.0
}

async fn has(server: &Server, number: u32) -> bool {
    let id = statement(number)["id"].as_str().expect("an id").to_owned();
    let path = format!("/xapi/statements?statementId={id}");
    let (status, _) = server.send(Method::GET, &path, &Value::Null).await;
    status == StatusCode::OK
}

/// Looks for bytes in every file of a folder.
fn holds_nowhere(folder: &Path, secret: &[u8]) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            holds_nowhere(&path, secret);
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        let found = bytes.windows(secret.len()).any(|part| part == secret);
        assert!(!found, "{}", path.display());
    }
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_restored_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let [data, backup, new] = ["data", "backup", "new"].map(|name| folder.path().join(name));
    furnish(&data);
    let _ = out(&on(&data, &["signing-key", "make"]));
    let server = Server::start(&data);
    assert_eq!(post(&server, 1).await, StatusCode::OK);
    let to = backup.to_str().expect("a path");
    let made = json_of(&on(&data, &["backup", to, "--json"]));
    assert_eq!(post(&server, 2).await, StatusCode::OK);
    server.terminate();
    assert!(!backup.join("lock").exists() && !backup.join("secrets").exists());
    for secret in ["kek", "signing-key.pem"] {
        let secret = std::fs::read_to_string(data.join("secrets").join(secret)).expect("a key");
        let secret = secret.lines().rev().find(|line| !line.starts_with('-'));
        holds_nowhere(&backup, secret.expect("a line").as_bytes());
    }

    let restored = json_of(&on(&new, &["restore", to, "--no-erasures", "--json"]));
    assert_eq!(
        (&restored["head"], &restored["bytes"]),
        (&made["head"], &made["bytes"])
    );
    let server = Server::start(&new);
    assert!(
        has(&server, 1).await,
        "it was there when the backup was begun"
    );
    assert!(!has(&server, 2).await, "it came later");
    assert!(
        out(&on(&new, &["verify"])).contains("whole"),
        "beside the server"
    );
    assert!(out(&on(&new, &["rules", "list"])).contains("demo@1"));
    server.terminate();
}

#[test]
fn what_cannot_be_copied_is_said_with_an_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let [data, backup, new] = ["data", "backup", "new"].map(|name| folder.path().join(name));
    let to = backup.to_str().expect("a path");
    assert_eq!(
        on(&data, &["backup", to]).status.code(),
        Some(66),
        "no store"
    );
    out(&on(&data, &["key", "create", "course"]));
    out(&on(&data, &["backup", to]));
    assert_eq!(
        on(&data, &["backup", to]).status.code(),
        Some(73),
        "not empty"
    );
    assert_eq!(
        on(&data, &["restore", to, "--no-erasures"]).status.code(),
        Some(73),
        "a store is there"
    );
    let from = data.to_str().expect("a path");
    assert_eq!(
        on(&new, &["restore", from, "--no-erasures"]).status.code(),
        Some(65),
        "no backup"
    );
    assert!(!new.exists());
    let mut bytes = fs::read(backup.join("varde.db")).expect("read");
    *bytes.last_mut().expect("bytes") ^= 1;
    fs::write(backup.join("varde.db"), bytes).expect("written");
    let altered = on(&new, &["restore", to, "--no-erasures"]);
    assert_eq!(altered.status.code(), Some(65));
    assert!(
        said(&altered).contains("varde.db has"),
        "{}",
        said(&altered)
    );
    assert!(!new.exists(), "nothing is made of a damaged backup");
}

#[tokio::test]
async fn a_store_moves_to_another_folder_while_no_server_has_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let [data, new] = ["data", "new"].map(|name| folder.path().join(name));
    let server = Server::start(&data);
    assert_eq!(post(&server, 1).await, StatusCode::OK);
    let [from, to] = [&data, &new].map(|path| path.to_str().expect("a path"));
    let refused = run(varde().args(["migrate", from, to]));
    assert_eq!(refused.status.code(), Some(75), "{}", said(&refused));
    server.terminate();
    out(&run(varde().args(["migrate", from, to])));
    let server = Server::start(&new);
    assert!(has(&server, 1).await);
    server.terminate();
}

/// Returns every file below a folder, by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut left) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below it");
                let content = fs::read(&path).expect("read");
                found.insert(name.display().to_string(), content);
            }
        }
    }
    found
}

/// What a store exports, and what its reports say, file by file.
fn exported(data: &Path, to: &Path) -> [BTreeMap<String, Vec<u8>>; 2] {
    let [all, reports] = ["all", "reports"].map(|name| to.join(name));
    let [to_all, to_reports] = [&all, &reports].map(|path| path.to_str().expect("a path"));
    out(&on(data, &["export", to_all]));
    for table in ["outcomes", "indicators"] {
        let report = ["report", "export", table, "--output", to_reports];
        let days = ["--as-of", "2025-06-30"];
        out(&on(data, &[&report[..], &days[..]].concat()));
    }
    [files(&all), files(&reports)]
}

/// Returns the lines of a file but for when it was made, and how far the store was known by then.
fn unmoved(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let head: Vec<&str> = text.lines().next().unwrap_or_default().split(',').collect();
    let is_moment = |column: usize| {
        let name = head.get(column);
        name.is_some_and(|name| ["known_at", "complete_through"].contains(name))
    };
    let lines = text.lines().filter(|line| !line.contains("\"made_at\""));
    lines
        .map(|line| {
            let fields = line.split(',').enumerate();
            let kept = fields.filter(|(column, _)| !is_moment(*column));
            kept.map(|(_, field)| field).collect::<Vec<_>>().join(",")
        })
        .collect()
}

#[tokio::test]
async fn a_migrated_store_exports_and_reports_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let [data, new] = ["data", "new"].map(|name| folder.path().join(name));
    // The server makes its first key, and then there is one for the quizzes too.
    let server = Server::start(&data);
    quizzes(&data);
    for number in 1..6 {
        assert_eq!(post(&server, number).await, StatusCode::OK);
    }
    let mut voiding = statement(6);
    voiding["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/voided");
    voiding["object"] = json!({ "objectType": "StatementRef", "id": statement(2)["id"] });
    let (status, _) = server
        .send(Method::POST, "/xapi/statements", &voiding)
        .await;
    assert_eq!(status, StatusCode::OK);
    let state = "/xapi/activities/state?activityId=https://course.example.org/1&stateId=place\
                 &agent=%7B%22mbox%22:%22mailto:learner-1@example.org%22%7D";
    let (status, _) = server.send(Method::PUT, state, &json!({ "page": 7 })).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    server.terminate();
    // So that both stores export the same ledgers, they come to the end of the log first.
    out(&on(
        &data,
        &["report", "export", "outcomes", "--output", "-"],
    ));
    let [from, to] = [&data, &new].map(|path| path.to_str().expect("a path"));
    out(&run(varde().args(["migrate", from, to])));
    let (keys, new_keys) = (data.join("secrets"), new.join("secrets"));
    fs::create_dir_all(&new_keys).expect("made");
    for (name, key) in files(&keys) {
        fs::write(new_keys.join(name), key).expect("the keys are moved by hand");
    }

    let [old, new] = [&data, &new].map(|data| exported(data, &data.with_extension("export")));
    let names: Vec<_> = old[0].keys().map(String::as_str).collect();
    assert_eq!(names, ["export.json", "log.ndjson", "records.ndjson"]);
    let names: Vec<_> = old[1].keys().map(String::as_str).collect();
    assert_eq!(names, ["indicators.csv", "keys.csv", "outcomes.csv"]);
    let outcomes = String::from_utf8_lossy(&old[1]["outcomes.csv"]);
    assert!(
        outcomes.lines().count() > 2,
        "levels of persons: {outcomes}"
    );
    for (old, new) in old.iter().zip(&new) {
        for (name, old) in old {
            assert_eq!(unmoved(&new[name]), unmoved(old), "{name}");
        }
        assert_eq!(new.len(), old.len());
    }
}

#[tokio::test]
async fn an_audit_line_that_was_altered_is_found_by_verify() {
    let data = tempfile::tempdir().expect("a folder");
    quizzes(data.path());
    for _ in 0..3 {
        let report = ["report", "explain", "p-001", "--as-of", "2025-06-30"];
        out(&on(data.path(), &report));
    }
    let verified = out(&on(data.path(), &["verify"]));
    for part in [
        "tables of the database",
        "entries of the index",
        "counters",
        "audit log",
    ] {
        let line = verified.lines().find(|line| line.contains(part));
        assert!(
            line.is_some_and(|line| line.ends_with("whole")),
            "{part}: {verified}"
        );
    }
    let file = data.path().join("varde.db");
    let mut bytes = fs::read(&file).expect("read");
    let query = br#""query":""#;
    let lines: Vec<_> = (0..bytes.len() - query.len())
        .filter(|at| bytes[*at..].starts_with(query))
        .collect();
    assert!(lines.len() >= 3, "the lines of the audit log are there");
    for line in lines {
        bytes[line + query.len()] ^= 1;
    }
    fs::write(&file, bytes).expect("written");
    let damaged = on(data.path(), &["verify", "--json"]);
    assert_eq!(damaged.status.code(), Some(65), "{}", said(&damaged));
    let damaged: Value = serde_json::from_slice(&damaged.stdout).expect("JSON");
    let kinds = damaged["findings"].as_array().expect("findings").iter();
    let kinds: Vec<_> = kinds.map(|finding| finding["kind"].clone()).collect();
    assert!(
        !kinds.is_empty() && kinds.iter().all(|kind| kind == "audit-line"),
        "{damaged}"
    );
}

#[tokio::test]
async fn damage_is_found_by_its_place() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    for number in 1..4 {
        assert_eq!(post(&server, number).await, StatusCode::OK);
    }
    server.terminate();
    let whole = json_of(&on(data.path(), &["verify", "--json"]));
    assert_eq!(whole["findings"], json!([]));
    assert_eq!(whole["sections"][1]["checked"], json!(3));

    let file = data.path().join("varde.db");
    let mut bytes = fs::read(&file).expect("read");
    let id = statement(2)["id"].as_str().expect("an id").replace('-', "");
    let id: Vec<u8> = (0..16)
        .map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).expect("hexadecimal"))
        .collect();
    let places: Vec<_> = (0..bytes.len() - 16)
        .filter(|at| bytes[*at..at + 16] == id)
        .collect();
    assert!(!places.is_empty(), "the row has the id");
    for at in places {
        bytes[at + 15] ^= 8;
    }
    fs::write(&file, bytes).expect("written");
    let damaged = on(data.path(), &["verify", "--json"]);
    assert_eq!(damaged.status.code(), Some(65), "{}", said(&damaged));
    let damaged: Value = serde_json::from_slice(&damaged.stdout).expect("JSON");
    let row = &damaged["findings"][0];
    assert_eq!(
        (&row["kind"], &row["position"]),
        (&json!("row"), &json!(2)),
        "{damaged}"
    );
}

#[tokio::test]
async fn a_ledger_is_built_again_with_a_server_and_without() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    furnish(data.path());
    for number in 1..4 {
        assert_eq!(post(&server, number).await, StatusCode::OK);
    }
    let all = json_of(&on(data.path(), &["verify", "--rebuild", "--json"]));
    assert_eq!(all["rebuilt"], json!([]), "none differs");
    let rebuild = ["verify", "--rebuild", "demo@1", "--json"];
    let beside = json_of(&on(data.path(), &rebuild));
    server.terminate();
    let alone = json_of(&on(data.path(), &rebuild));
    for told in [beside, alone] {
        let none_differs = json!([{ "definition": "demo@1", "found": 0, "differences": [] }]);
        assert_eq!(told["rebuilt"], none_differs, "{told}");
        assert_eq!(told["findings"], json!([]), "{told}");
    }
    let unknown = on(data.path(), &["verify", "--rebuild", "demo@7"]);
    assert_eq!(unknown.status.code(), Some(66), "{}", said(&unknown));
    let left = fs::read_dir(data.path().join("scratch")).expect("a folder");
    assert_eq!(left.count(), 0, "the scratch stores are gone");
}

#[tokio::test]
async fn a_server_whose_disk_is_nearly_full_goes_on_reading() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    assert_eq!(post(&server, 1).await, StatusCode::OK);
    server.terminate();
    let server = Server::start_with(data.path(), &["--free-bytes-min", "9000000000000000000"]);
    assert_eq!(post(&server, 2).await, StatusCode::INSUFFICIENT_STORAGE);
    assert!(has(&server, 1).await);
    let (status, said) = server.operator("/readyz").await;
    assert_eq!(status, StatusCode::OK);
    assert!(said.starts_with("ready to read only: "), "{said}");
    let (_, metrics) = server.operator("/metrics").await;
    assert!(metrics.contains("varde_store_free_bytes "), "{metrics}");
    server.terminate();
}

#[tokio::test]
async fn everything_is_exported_as_files_with_their_digests() {
    let folder = tempfile::tempdir().expect("a folder");
    let [data, export] = ["data", "export"].map(|name| folder.path().join(name));
    furnish(&data);
    let server = Server::start(&data);
    assert_eq!(post(&server, 1).await, StatusCode::OK);
    let written = json_of(&on(
        &data,
        &["export", export.to_str().expect("a path"), "--json"],
    ));
    server.terminate();
    let read = |name: &str| fs::read_to_string(export.join(name)).expect("written");
    let lines = |name: &str| -> Vec<Value> {
        let lines = read(name);
        let lines = lines.lines().map(serde_json::from_str);
        lines
            .collect::<Result<_, _>>()
            .expect("one JSON value a line")
    };
    let log = lines("log.ndjson");
    assert_eq!(json!(log.len()), written["head"]);
    let last = log.last().expect("events");
    assert_eq!(
        (&last["kind"], &last["space"]),
        (&json!("statement"), &json!("demo"))
    );
    assert_eq!(last["statement"]["id"], statement(1)["id"]);
    assert!(
        log.iter()
            .any(|line| line["kind"] == "registers" && line["event"].is_object())
    );
    let records = lines("records.ndjson");
    assert!(
        records
            .iter()
            .any(|record| record["value"]["name"] == "office"),
        "the first key"
    );
    let contents: Value = serde_json::from_str(&read("export.json")).expect("JSON");
    for file in contents["files"].as_array().expect("files") {
        let name = file["path"].as_str().expect("a path");
        let digest = std::process::Command::new("sha256sum")
            .arg(export.join(name))
            .output();
        let digest = String::from_utf8(digest.expect("it runs").stdout).expect("UTF-8");
        assert!(
            digest.starts_with(file["sha256"].as_str().expect("a digest")),
            "{name}"
        );
        assert_eq!(json!(read(name).len()), file["bytes"], "{name}");
    }
}

#[tokio::test]
async fn statements_of_another_store_come_in_once_and_what_is_faulty_is_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    let server = Server::start(&old);
    for number in 1..4 {
        assert_eq!(post(&server, number).await, StatusCode::OK);
    }
    let export = folder.path().join("export");
    out(&on(&old, &["export", export.to_str().expect("a path")]));
    server.terminate();

    let array = folder.path().join("array.json");
    let mut conflict = statement(1);
    conflict["object"]["id"] = json!("https://course.example.org/another");
    let mut nameless = statement(8);
    nameless.as_object_mut().expect("an object").remove("id");
    let mut faulty = statement(9);
    faulty["verb"] = json!({ "id": "no address" });
    let listed = json!([statement(7), conflict, nameless, faulty]);
    fs::write(&array, listed.to_string()).expect("written");

    let server = Server::start(&new);
    let files = [export.join("log.ndjson"), array].map(|path| path.display().to_string());
    let import = [
        "import",
        "statements",
        &files[0],
        &files[1],
        "--key",
        "office",
        "--json",
    ];
    for _ in 0..2 {
        let done = on(&new, &import);
        assert_eq!(done.status.code(), Some(65), "{}", said(&done));
        let report: Value = serde_json::from_slice(&done.stdout).expect("JSON");
        assert_eq!(
            (&report["taken"], &report["refused"]),
            (&json!(4), &json!(3)),
            "{report}"
        );
        let refusals = report["refusals"].as_array().expect("refusals");
        let of = |at: usize| {
            refusals.iter().any(|refusal| {
                refusal["place"]
                    .as_str()
                    .is_some_and(|place| place.ends_with(&format!("$[{at}]")))
            })
        };
        assert!(of(1) && of(2) && of(3), "{report}");
    }
    for number in [1, 2, 3, 7] {
        assert!(has(&server, number).await, "{number}");
    }
    assert!(!has(&server, 9).await);
    let unknown = on(
        &new,
        &["import", "statements", &files[1], "--key", "nobody"],
    );
    assert_eq!(unknown.status.code(), Some(66), "{}", said(&unknown));
    server.terminate();
    let verified = json_of(&on(&new, &["verify", "--json"]));
    assert_eq!(verified["findings"], json!([]));
}
