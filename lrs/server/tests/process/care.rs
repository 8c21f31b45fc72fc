//! Backup, restore, migration and checks, as an operator does them.

use std::fs;
use std::path::Path;
use std::process::Output;

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

#[tokio::test]
async fn a_backup_of_a_running_server_is_restored_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let [data, backup, new] = ["data", "backup", "new"].map(|name| folder.path().join(name));
    furnish(&data);
    let server = Server::start(&data);
    assert_eq!(post(&server, 1).await, StatusCode::OK);
    let to = backup.to_str().expect("a path");
    let made = json_of(&on(&data, &["backup", to, "--json"]));
    assert_eq!(post(&server, 2).await, StatusCode::OK);
    server.terminate();
    assert!(!backup.join("lock").exists() && !backup.join("secrets").exists());

    let restored = json_of(&on(&new, &["restore", to, "--json"]));
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
        on(&data, &["restore", to]).status.code(),
        Some(73),
        "a store is there"
    );
    let from = data.to_str().expect("a path");
    assert_eq!(
        on(&new, &["restore", from]).status.code(),
        Some(65),
        "no backup"
    );
    assert!(!new.exists());
    let mut bytes = fs::read(backup.join("varde.db")).expect("read");
    *bytes.last_mut().expect("bytes") ^= 1;
    fs::write(backup.join("varde.db"), bytes).expect("written");
    let altered = on(&new, &["restore", to]);
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
