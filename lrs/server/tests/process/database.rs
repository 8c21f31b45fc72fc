//! Several servers on one MongoDB database.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::binary::{Server, client, demo_file, furnish, run, said, send, varde};
use crate::pull::{GONE_ON, killed_and_gone_on};

const TAKEN: &str = "\"held\":true";

/// A database that only one test uses, and the key of its persons.
struct Database {
    named: varde_replica_set::Database,
    kek: PathBuf,
    folder: TempDir,
}

impl Database {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Self {
            named: varde_replica_set::Database::new(),
            kek: folder.path().join("kek"),
            folder,
        };
        out(&run(
            &mut database.command(&database.data("a"), &["key", "make-kek"])
        ));
        database
    }

    fn uri(&self) -> String {
        self.named.uri()
    }

    /// Names a data folder of one process.
    fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, data: &Path, words: &[&str]) -> Command {
        let mut command = varde();
        command
            .args(words)
            .env("VARDE_DATA", data)
            .env("VARDE_MONGODB", self.uri())
            .env("VARDE_KEK_FILE", &self.kek);
        command
    }

    fn serve(&self, name: &str) -> Server {
        let (uri, kek) = (self.uri(), self.kek.to_str().expect("a path"));
        let flags = ["--mongodb", &uri, "--kek-file", kek];
        Server::start_with(&self.data(name), &flags)
    }
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn attempt(number: u32, points: u32) -> Value {
    json!({
        "id": format!("5a4d0000-0000-4000-8000-00000000{number}"),
        "actor": {"account": {"homePage": "https://moodle.example.org", "name": number.to_string()}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {
            "id": format!("https://moodle.example.org/mod/quiz/attempt.php?attempt={number}"),
            "definition": {"type": "http://adlnet.gov/expapi/activities/attempt"},
        },
        "result": {"score": {"min": 0, "max": 10, "raw": points}},
        "context": {"contextActivities": {
            "parent": [{"id": "https://moodle.example.org/mod/quiz/view.php?id=45"}],
            "grouping": [{"id": "https://moodle.example.org/course/view.php?id=7"}],
        }},
        "timestamp": "2025-02-10T09:00:00Z",
    })
}

async fn post(server: &Server, statement: &Value) {
    let sent = server.send(Method::POST, "/xapi/statements", statement);
    assert_eq!(sent.await.0, StatusCode::OK);
}

/// Reads a statement by its id.
async fn get(server: &Server, statement: &Value) -> StatusCode {
    let id = statement["id"].as_str().expect("an id");
    let path = format!("/xapi/statements?statementId={id}");
    server.send(Method::GET, &path, &Value::Null).await.0
}

/// Waits until the ledgers have taken everything.
async fn caught_up(server: &Server) {
    loop {
        let (_, metrics) = server.operator("/metrics").await;
        let lag = |line: &&str| line.starts_with("varde_ledger_lag_events ");
        let line = metrics.lines().find(lag).expect("the lag is measured");
        if line.ends_with(" 0") {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn servers_share_a_database_and_one_goes_on_when_another_is_killed() {
    let database = Database::new();
    let data = database.data("a");
    let registers = [
        "project.yaml",
        "people.csv",
        "identities.csv",
        "activities.csv",
        "organisations.csv",
        "organisers.csv",
    ];
    let registers = registers.map(|name| demo_file("registers").join(name));
    out(&run(database
        .command(&data, &["import", "registers"])
        .args(registers)));
    let rule = demo_file("rules/planning.yaml");
    out(&run(database
        .command(&data, &["rules", "activate"])
        .arg(rule)));

    let first = database.serve("a");
    first.logs(TAKEN);
    let second = database.serve("b");
    let (one, other) = (attempt(1001, 9), attempt(1002, 5));
    post(&first, &one).await;
    assert_eq!(get(&second, &one).await, StatusCode::OK, "at once");
    post(&second, &one).await;
    post(&second, &other).await;
    assert_eq!(get(&first, &other).await, StatusCode::OK);
    caught_up(&second).await;
    let (_, metrics) = second.operator("/metrics").await;
    for measured in [
        "varde_mongodb_connections{state=\"open\"} ",
        "varde_sync_seconds_count ",
        "varde_group_rows_sum ",
    ] {
        let line = metrics.lines().find_map(|line| line.strip_prefix(measured));
        let value: f64 = line.expect(measured).parse().expect("a number");
        assert!(value > 0.0, "{measured}{value}");
    }

    first.kill();
    post(&second, &attempt(1003, 3)).await;
    second.logs(TAKEN);
    caught_up(&second).await;
    second.terminate();

    // Each row of the ledgers against the log, by a command that is one more process.
    let verified = out(&run(&mut database.command(&data, &["verify", "--json"])));
    let verified: Value = serde_json::from_str(&verified).expect("JSON");
    assert_eq!(verified["findings"], json!([]), "{verified}");
    let sections = verified["sections"].as_array().expect("sections");
    let rows = |name| sections.iter().find(|one| one["what"] == name);
    // Three statements, the imported registers, the activated rule.
    assert_eq!(rows("events of the log").expect("checked")["checked"], 5);
    let ledger = rows("rows of ledgers").expect("checked");
    assert!(
        ledger["checked"].as_u64().expect("a number") > 0,
        "{verified}"
    );

    // No command of the database empties its members' files, and the receipt does not hide it.
    let erased = out(&run(
        &mut database.command(&data, &["people", "erase", "p-001"])
    ));
    assert!(
        erased.contains("left: what the database's own files still hold: "),
        "{erased}"
    );
}

/// Returns what `varde export` writes of a folder, but for what changes with every export.
fn exported(data: &Path, kek: &Path) -> [String; 2] {
    let to = tempfile::tempdir().expect("a folder");
    let mut export = varde();
    export.args(["export", to.path().to_str().expect("a path"), "--data"]);
    out(&run(export.arg(data).arg("--kek-file").arg(kek)));
    ["log.ndjson", "records.ndjson"]
        .map(|name| std::fs::read_to_string(to.path().join(name)).expect("it is written"))
}

/// Returns a table of indicators as of a day and as known at an instant, without when it was made.
fn reported(data: &Path, kek: &Path, flags: &[&str]) -> Vec<String> {
    let to = tempfile::tempdir().expect("a folder");
    let mut export = varde();
    export.args(["report", "export", "indicators", "--output"]);
    export.arg(to.path()).args(flags).arg("--data").arg(data);
    out(&run(export.arg("--kek-file").arg(kek)));
    let table = std::fs::read_to_string(to.path().join("indicators.csv")).expect("written");
    let cells = table.split(',').filter(|cell| !cell.ends_with('Z'));
    cells.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_store_that_moves_to_a_database_and_back_is_the_same() {
    let database = Database::new();
    let [before, after] = ["before", "after"].map(|name| database.data(name));
    let kek = before.join("secrets/kek");
    furnish(&before);
    let lines = [(1001, 9), (1002, 5), (1003, 3)].map(|(number, points)| {
        let statement = attempt(number, points);
        format!("{statement}\n")
    });
    let voiding = json!({
        "id": "5a4d0000-0000-4000-8000-000000009999",
        "actor": {"mbox": "mailto:teacher@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
        "object": {"objectType": "StatementRef", "id": attempt(1003, 3)["id"]},
    });
    let made = ["key", "create", "moodle", "--space", "sing"];
    out(&run(varde().args(made).arg("--data").arg(&before)));
    let import = |statements: String| {
        let file = database.data("attempts.ndjson");
        std::fs::write(&file, statements).expect("written");
        let mut import = varde();
        import.args(["import", "statements", "--key", "moodle", "--data"]);
        out(&run(import.arg(&before).arg(&file)));
    };
    import(lines.concat());
    let [log, _] = exported(&before, &kek);
    let last: Value = serde_json::from_str(log.lines().last().expect("events")).expect("JSON");
    let before_the_voiding = last["stored"].as_str().expect("an instant");
    import(voiding.to_string());

    let migrate = |from: &Path, to: &Path| {
        let mut migrate = varde();
        migrate.arg("migrate").arg(from).arg(to);
        run(migrate.env("VARDE_MONGODB", database.uri()))
    };
    let there = Path::new("mongodb");
    out(&migrate(&before, there));
    let again = migrate(&before, there);
    assert_eq!(again.status.code(), Some(73), "{}", said(&again));
    out(&migrate(there, &after));
    assert_eq!(exported(&before, &kek), exported(&after, &kek));
    let days = [
        "2025-01-31",
        "2025-02-28",
        "2025-06-30",
        "2025-12-31",
        "2026-01-31",
    ];
    for day in days {
        // As known before one of the attempts was voided, and as known now.
        for known in [&["--known-at", before_the_voiding][..], &[]] {
            let flags = [&["--as-of", day], known].concat();
            let two = [&before, &after].map(|data| reported(data, &kek, &flags));
            assert_eq!(two[0], two[1], "{flags:?}");
        }
    }
    let then = ["--as-of", "2026-01-31", "--known-at", before_the_voiding];
    assert_ne!(
        reported(&after, &kek, &then),
        reported(&after, &kek, &then[..2]),
        "the voiding lessens what counts"
    );
    let verified = run(varde()
        .args(["verify", "--data"])
        .arg(&after)
        .arg("--kek-file")
        .arg(&kek));
    out(&verified);
}

#[tokio::test]
async fn a_database_needs_its_key_before_anything_is_made() {
    let database = Database::new();
    std::fs::remove_file(&database.kek).expect("removed");
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--admin-listen",
        "127.0.0.1:0",
    ];
    let refused = run(&mut database.command(&database.data("a"), &serve));
    assert_eq!(refused.status.code(), Some(78), "{}", said(&refused));
    assert!(
        said(&refused).contains("varde key make-kek"),
        "{}",
        said(&refused)
    );
}

#[test]
fn a_database_out_of_reach_is_told_without_its_password() {
    let data = tempfile::tempdir().expect("a folder");
    let uri =
        "mongodb://user:geheimnis@127.0.0.1:1/varde?replicaSet=x&serverSelectionTimeoutMS=100";
    let refused = run(varde()
        .args(["key", "list"])
        .env("VARDE_DATA", data.path())
        .env("VARDE_MONGODB", uri));
    assert_eq!(refused.status.code(), Some(69), "{}", said(&refused));
    assert!(
        said(&refused).contains("cannot be used"),
        "{}",
        said(&refused)
    );
    assert!(!said(&refused).contains("geheimnis"), "{}", said(&refused));
}

#[test]
fn a_pull_into_a_database_that_is_killed_goes_on_where_it_was() {
    let database = Database::new();
    let data = database.data("a");
    let create = ["key", "create", "office", "--space", "demo"];
    out(&run(&mut database.command(&data, &create)));
    assert_eq!(killed_and_gone_on(|| database.command(&data, &[])), GONE_ON);
}

#[tokio::test]
async fn what_two_servers_refused_of_a_key_is_one_note_that_both_tell() {
    let database = Database::new();
    let flags = [
        "key", "create", "lms", "--space", "demo", "--scope", "all", "--json",
    ];
    let made = out(&run(&mut database.command(&database.data("a"), &flags)));
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let lms = format!("lms:{}", made["secret"].as_str().expect("a secret"));
    let client = client();
    for name in ["a", "b"] {
        let server = database.serve(name);
        let uri = format!("http://{}/xapi/statements", server.http);
        let sent = send(
            &client,
            Method::POST,
            &uri,
            &lms,
            &json!({ "verb": "kari" }),
        )
        .await;
        assert_eq!(sent.expect("an answer").0, StatusCode::BAD_REQUEST);
        assert!(server.terminate().0.success());
    }
    let server = database.serve("c");
    let uri = format!("http://{}/api/v1/refusals", server.http);
    let told = send(&client, Method::GET, &uri, &lms, &Value::Null).await;
    let (status, told) = told.expect("an answer");
    assert_eq!(status, StatusCode::OK, "{told}");
    assert_eq!(told["items"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(told["items"][0]["times"], 2, "{told}");
    assert!(!told.to_string().contains("kari"), "{told}");
    assert!(server.terminate().0.success());
}
