//! Erasing a person while the server runs: nothing of the name is left, and no number moves.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::binary::{Server, furnish, run, said, varde};

pub(crate) const NAME: &str = "Karoline Proofsen";
pub(crate) const STATE: &str = "/xapi/activities/state?activityId=https%3A%2F%2Fexample.org%2Fa&stateId=s&agent=%7B%22account%22%3A%7B%22homePage%22%3A%22https%3A%2F%2Fmoodle.example.org%22%2C%22name%22%3A%221001%22%7D%7D";

fn on(data: &Path, command: &[&str]) -> Command {
    let mut varde = varde();
    varde.args(command).env("VARDE_DATA", data);
    varde
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Runs a command with a text on standard input.
fn with_input(command: &mut Command, text: &str) -> Output {
    let command = command.stdin(Stdio::piped());
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(text.as_bytes()).expect("it is read");
    drop(input);
    child.wait_with_output().expect("it ends")
}

pub(crate) fn attempt() -> Value {
    let quiz = json!([{ "id": "https://moodle.example.org/mod/quiz/view.php?id=45" }]);
    json!({
        "actor": {
            "name": NAME,
            "account": { "homePage": "https://moodle.example.org", "name": "1001" }
        },
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

/// Returns the outcomes, without the instants of the export.
pub(crate) fn outcomes(data: &Path) -> Vec<String> {
    let export = ["report", "export", "outcomes", "--output", "-"];
    let csv = out(&run(&mut on(data, &export)));
    let cells = csv
        .split(',')
        .filter(|cell| !cell.trim_end().ends_with('Z'));
    cells.map(str::to_owned).collect()
}

/// Counts the files below a folder that have the name in their bytes.
pub(crate) fn files_with_name(folder: &Path) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found += files_with_name(&path);
        } else if path.is_file() {
            let bytes = std::fs::read(&path).expect("the file is read");
            let mut windows = bytes.windows(NAME.len());
            found += usize::from(windows.any(|some| some == NAME.as_bytes()));
        }
    }
    found
}

#[tokio::test]
async fn an_erasure_beside_a_running_server_leaves_the_numbers_and_no_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    furnish(data);
    let server = Server::start(data);
    let posted = server
        .send(Method::POST, "/xapi/statements", &attempt())
        .await;
    assert_eq!(posted.0, StatusCode::OK, "{}", posted.1);
    let statement = posted.1[0].as_str().expect("an id").to_owned();
    let document = json!({ "name": NAME });
    let put = server.send(Method::PUT, STATE, &document).await;
    assert_eq!(put.0, StatusCode::NO_CONTENT);
    let before = outcomes(data);
    assert!(
        before.iter().any(|cell| cell.contains("p-001")),
        "{before:?}"
    );
    assert!(files_with_name(data) > 0);

    let identifier = "account:1001|https://moodle.example.org";
    let plan = with_input(&mut on(data, &["people", "erase", "--dry-run"]), identifier);
    assert!(out(&plan).contains("statements: 1"), "{}", out(&plan));
    let erased = with_input(&mut on(data, &["people", "erase", "--json"]), identifier);
    let receipt: Value = serde_json::from_str(&out(&erased)).expect("JSON");
    assert_eq!(receipt["statements"][0][1], json!(statement));
    assert_eq!(receipt["documents"], json!(1));
    assert_eq!(files_with_name(data), 0);

    let uri = format!("/xapi/statements?statementId={statement}");
    let gone = server.send(Method::GET, &uri, &Value::Null).await;
    assert_eq!(gone.0, StatusCode::NOT_FOUND);
    let person = receipt["persons"][0].as_str().expect("an id");
    let named = |cell: &String| cell.replace("p-001", person);
    let expected: Vec<_> = before.iter().map(named).collect();
    assert_eq!(
        outcomes(data),
        expected,
        "the person is an id now, and all else is as it was"
    );
    let again = with_input(&mut on(data, &["people", "erase", "p-001"]), "");
    assert_eq!(again.status.code(), Some(65), "{}", said(&again));
    let list = std::fs::read_dir(data.join("erasures")).expect("a list");
    assert_eq!(list.count(), 1);
    out(&run(&mut on(data, &["verify"])));

    let (_, log) = server.terminate();
    assert!(
        log.iter().any(|line| line.contains("people erase")),
        "{log:?}"
    );
    assert!(!log.iter().any(|line| line.contains("roofsen")), "{log:?}");
    assert_eq!(files_with_name(data), 0);
}

#[tokio::test]
async fn what_is_restricted_is_shown_to_the_operator_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    furnish(data);
    let server = Server::start(data);
    let posted = server
        .send(Method::POST, "/xapi/statements", &attempt())
        .await;
    assert_eq!(posted.0, StatusCode::OK, "{}", posted.1);
    let restrict = [
        "people",
        "restrict",
        "p-001",
        "--reason",
        "contested",
        "--until",
    ];
    let restrict = [&restrict[..], &["2099-12-31"]].concat();
    let receipt = out(&run(&mut on(data, &restrict)));
    assert!(
        receipt.contains("held through 2099-12-31: 1 statements (contested)"),
        "{receipt}"
    );
    let all = server
        .send(Method::GET, "/xapi/statements", &Value::Null)
        .await;
    assert_eq!(all.1["statements"], json!([]));
    let list = out(&run(&mut on(data, &["people", "held"])));
    assert!(list.contains("contested") && !list.contains(NAME), "{list}");
    let opened = out(&run(&mut on(data, &["people", "held", "--statements"])));
    assert!(opened.contains(NAME), "{opened}");
    let people = out(&run(&mut on(data, &["people", "list"])));
    assert!(
        people.contains("restricted") && !people.contains("p-001"),
        "{people}"
    );
    let erase = run(&mut on(data, &["people", "erase", "p-001"]));
    assert_eq!(erase.status.code(), Some(65), "{}", said(&erase));
    assert!(said(&erase).contains("--lift"), "{}", said(&erase));
    let verified = out(&run(&mut on(data, &["verify"])));
    assert!(!verified.contains("sealed"), "{verified}");

    let restriction = list.lines().nth(1).expect("a line").trim();
    let restriction = restriction.split_whitespace().next().expect("an id");
    assert_lifted(&server, data, restriction).await;
    server.terminate();
}

/// Lifts a restriction, after which its person is one like others.
async fn assert_lifted(server: &Server, data: &Path, restriction: &str) {
    let lifted = out(&run(&mut on(
        data,
        &["people", "restrict", "--lift", restriction],
    )));
    assert!(lifted.contains("statements in use again: 1"), "{lifted}");
    let all = server
        .send(Method::GET, "/xapi/statements", &Value::Null)
        .await;
    assert!(all.1.to_string().contains(NAME), "{}", all.1);
    let show = out(&run(&mut on(data, &["people", "show", "p-001"])));
    assert!(
        show.contains("state: active") && !show.contains("1001"),
        "{show}"
    );
    let nobody = run(&mut on(data, &["people", "show", "p-999"]));
    assert_eq!(nobody.status.code(), Some(65), "{}", said(&nobody));
    let again = run(&mut on(
        data,
        &["people", "restrict", "--lift", restriction],
    ));
    assert_eq!(again.status.code(), Some(65), "{}", said(&again));
    let page = out(&run(&mut on(
        data,
        &["people", "list", "--json", "--limit", "1"],
    )));
    let page: Value = serde_json::from_str(&page).expect("JSON");
    assert_eq!(page["persons"].as_array().map(Vec::len), Some(1));
    assert_eq!(page["next"], page["persons"][0]["person"]);
    out(&run(&mut on(data, &["verify"])));
    let audit = out(&run(&mut on(data, &["audit", "list"])));
    for told in ["held()", "restrict(lift)", "list()", "show(person)"] {
        assert!(audit.contains(&format!("people {told}")), "{told}: {audit}");
    }
}

/// Copies a folder with the files in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the folder is read") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
    }
}

#[tokio::test]
async fn a_restore_asks_for_the_list_of_erasures_and_does_them_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = ["data", "backup", "apart", "restored", "sealed"];
    let [data, backup, apart, restored, sealed] = names.map(|name| folder.path().join(name));
    furnish(&data);
    let server = Server::start(&data);
    let posted = server
        .send(Method::POST, "/xapi/statements", &attempt())
        .await;
    assert_eq!(posted.0, StatusCode::OK, "{}", posted.1);
    let made = backup.to_str().expect("a path");
    out(&run(&mut on(&data, &["backup", made])));
    out(&run(&mut on(&data, &["people", "erase", "p-001"])));
    server.terminate();
    assert!(files_with_name(&backup) > 0, "the backup is from before");
    copy(&data.join("erasures"), &apart);
    let list = apart.to_str().expect("a path");

    let refused = run(&mut on(&restored, &["restore", made]));
    assert_eq!(refused.status.code(), Some(66), "{}", said(&refused));
    assert!(said(&refused).contains("--erasures"), "{}", said(&refused));
    assert!(said(&refused).contains("--no-erasures"));
    let nowhere = ["restore", made, "--erasures", "/nowhere"];
    let refused = run(&mut on(&restored, &nowhere));
    assert_eq!(refused.status.code(), Some(66), "{}", said(&refused));
    assert!(!restored.exists(), "nothing is made");

    copy(&data.join("secrets"), &restored.join("secrets"));
    let with_list = ["restore", made, "--erasures", list];
    let report = out(&run(&mut on(&restored, &with_list)));
    assert!(report.contains("1 listed erasures done again"), "{report}");
    assert_eq!(files_with_name(&restored), 0);
    let kept = std::fs::read_dir(restored.join("erasures")).expect("a list");
    assert_eq!(kept.count(), 1, "the list goes on beside the store");

    // Without the key nobody can be found by the list: the first start does it, once the key is there.
    let refused = run(&mut on(&sealed, &with_list));
    assert_eq!(refused.status.code(), Some(78), "{}", said(&refused));
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--admin-listen",
        "127.0.0.1:0",
    ];
    let refused = run(&mut on(&sealed, &serve));
    assert_eq!(refused.status.code(), Some(78), "{}", said(&refused));
    copy(&data.join("secrets"), &sealed.join("secrets"));
    assert!(files_with_name(&sealed) > 0);
    let server = Server::start(&sealed);
    assert_eq!(files_with_name(&sealed), 0, "before it serves");
    server.terminate();
}
