//! Commands beside a running server, which has the folder: it does their work through its control
//! socket.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Output, Stdio};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::binary::{Server, client, demo_file, furnish, run, said, send, varde};

fn on(data: &Path, command: &[&str]) -> Output {
    run(varde().args(command).env("VARDE_DATA", data))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

#[tokio::test]
async fn a_key_made_while_the_server_runs_is_good_at_once() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let made = out(&on(data.path(), &["key", "create", "course", "--json"]));
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let key = format!("course:{}", made["secret"].as_str().expect("a secret"));
    let uri = format!("http://{}/xapi/statements", server.http);
    let answer = send(&client(), Method::GET, &uri, &key, &Value::Null).await;
    assert_eq!(answer.expect("an answer").0, StatusCode::OK);

    let refused = on(data.path(), &["key", "create", "course"]);
    assert_eq!(
        refused.status.code(),
        Some(73),
        "the exit code is that of the command"
    );
    assert!(
        said(&refused).contains("varde key list"),
        "{}",
        said(&refused)
    );

    let (_, log) = server.terminate();
    let called: Vec<_> = log
        .iter()
        .filter(|line| line.contains("the operator calls"))
        .collect();
    assert_eq!(called.len(), 2, "{log:?}");
    let owner = fs::metadata(data.path()).expect("there").uid();
    for line in called {
        assert!(line.contains("\"command\":\"key create\""), "{line}");
        assert!(line.contains(&format!("\"peer.uid\":{owner}")), "{line}");
    }
    assert!(
        !data.path().join("control.sock").exists(),
        "it went with the server"
    );
}

/// Returns a table without the instants of its making.
fn timeless(table: &Path) -> Vec<String> {
    let text = fs::read_to_string(table).expect("written");
    let cells = text.split(',').filter(|cell| !cell.ends_with('Z'));
    cells.map(str::to_owned).collect()
}

#[tokio::test]
async fn files_go_in_and_come_out_through_the_server() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    furnish(data.path());
    let rule = demo_file("rules/ideas.yaml");
    let activated = out(&on(
        data.path(),
        &["rules", "activate", rule.to_str().expect("a path")],
    ));
    assert!(activated.contains("now current"), "{activated}");
    let listed = out(&on(data.path(), &["rules", "list"]));
    assert!(listed.contains("demo/ideas-book@1"), "{listed}");

    let written = tempfile::tempdir().expect("a folder");
    let into = written.path().join("new");
    let export = [
        "report",
        "export",
        "indicators",
        "--output",
        into.to_str().expect("a path"),
    ];
    out(&on(data.path(), &export));
    let mut names: Vec<_> = fs::read_dir(&into)
        .expect("made")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["indicators.csv", "keys.csv"]);
    let beside = timeless(&into.join("indicators.csv"));
    server.terminate();
    out(&on(data.path(), &export));
    let alone = timeless(&into.join("indicators.csv"));
    assert_eq!(
        beside, alone,
        "with a server or without, it is the same command"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_read_or_is_faulty_changes_nothing_in_the_server() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let people = demo_file("registers/people.csv");
    let people = people.to_str().expect("a path");
    let absent = on(
        data.path(),
        &["import", "registers", people, "/no/such/file.csv"],
    );
    assert_eq!(absent.status.code(), Some(66), "{}", said(&absent));
    let faulty = data.path().join("people.csv");
    let text = "pseudonym,gender,birth_year_band,nuts3\np-2,female,1980-1989,Trondheim\n";
    fs::write(&faulty, text).expect("written");
    let faulty = faulty.to_str().expect("a path");
    let refused = on(
        data.path(),
        &["import", "registers", people, faulty, "--json"],
    );
    assert_eq!(refused.status.code(), Some(65), "{}", said(&refused));
    let listed: Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert_eq!(listed["faults"][0]["line"], json!(2));
    let dry = out(&on(data.path(), &["import", "registers", people, "--json"]));
    let dry: Value = serde_json::from_str(&dry).expect("JSON");
    assert_eq!(dry["unchanged"], json!(0), "nothing had come in");
    server.terminate();
}

#[test]
fn the_socket_is_the_owners_alone_and_a_long_path_does_no_harm() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder
        .path()
        .join("a-long-name".repeat(12))
        .join("b".repeat(120));
    let server = Server::start(&data);
    let socket = fs::metadata(data.join("control.sock")).expect("the socket");
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    out(&on(&data, &["key", "list"]));
    server.terminate();
}

#[test]
fn a_socket_that_a_killed_server_left_is_in_nobodys_way() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    server.kill();
    assert!(data.path().join("control.sock").exists(), "it was left");
    out(&on(data.path(), &["key", "list"]));
    let server = Server::start(data.path());
    out(&on(data.path(), &["key", "list"]));
    server.terminate();
}

#[test]
fn a_folder_held_by_a_process_without_a_socket_is_to_be_tried_later() {
    let data = tempfile::tempdir().expect("a folder");
    let lock = fs::File::create(data.path().join("lock")).expect("made");
    lock.lock().expect("locked");
    let refused = on(data.path(), &["key", "list"]);
    assert_eq!(refused.status.code(), Some(75), "{}", said(&refused));
    drop(UnixListener::bind(data.path().join("control.sock")).expect("bound"));
    let refused = on(data.path(), &["key", "list"]);
    assert_eq!(refused.status.code(), Some(75), "a stale socket is none");
}

/// Root goes on as the owner. Anybody else owns the folder, and is told what to type where another
/// does.
#[test]
fn a_command_works_as_the_owner_of_the_folder() {
    let data = tempfile::tempdir().expect("a folder");
    out(&on(data.path(), &["key", "create", "course"]));
    let files = ["lock", "varde.db", "secrets", "secrets/kek"];
    let files = files.map(|name| data.path().join(name));
    let owner = 65_534;
    for path in files
        .iter()
        .map(std::path::PathBuf::as_path)
        .chain([data.path()])
    {
        if std::os::unix::fs::chown(path, Some(owner), Some(owner)).is_err() {
            // Not root: the folder of the system's root stands for somebody else's.
            let refused = on(Path::new("/"), &["key", "list"]);
            assert_eq!(refused.status.code(), Some(77));
            let line = "type: sudo -u '#0' varde key list --data /";
            assert!(said(&refused).contains(line), "{}", said(&refused));
            return;
        }
    }
    fs::remove_dir_all(data.path().join("attachments")).expect("removed");
    let listed = varde()
        .args(["key", "create", "other"])
        .env("VARDE_DATA", data.path())
        .stdout(Stdio::piped())
        .output()
        .expect("the binary starts");
    assert!(listed.status.success(), "{}", said(&listed));
    let made = fs::metadata(data.path().join("attachments")).expect("made anew");
    assert_eq!((made.uid(), made.gid()), (owner, owner));
}
