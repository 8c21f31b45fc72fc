//! The project office's files on the command line, alone and beside a server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::binary::{Server, client, run, said, send, varde};

fn on(data: &Path, command: &[&str]) -> Output {
    run(varde().args(command).env("VARDE_DATA", data))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn project() -> PathBuf {
    let examples = "../../schemas/examples/interreg/sing.yaml";
    Path::new(env!("CARGO_MANIFEST_DIR")).join(examples)
}

/// A data folder with a key of the office, and a folder of filled templates.
struct Office {
    data: tempfile::TempDir,
    templates: tempfile::TempDir,
    key: String,
}

impl Office {
    fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let templates = tempfile::tempdir().expect("a folder");
        let made = on(
            data.path(),
            &[
                "key", "create", "office", "--space", "sing", "--scope", "all", "--json",
            ],
        );
        let made: Value = serde_json::from_str(&out(&made)).expect("JSON");
        let secret = made["secret"].as_str().expect("a secret");
        let written = on(
            data.path(),
            &[
                "import",
                "templates",
                "--output",
                path(templates.path()),
                "--example",
            ],
        );
        assert!(out(&written).contains("15 files"));
        Self {
            key: format!("office:{secret}"),
            data,
            templates,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.templates.path().join(name)
    }

    /// Imports files and returns the report.
    fn import(&self, files: &[&Path], flags: &[&str]) -> (Output, Value) {
        let mut command = vec!["import", "office", "--key", "office", "--json"];
        command.extend(files.iter().map(|file| path(file)));
        command.extend(flags);
        let output = on(self.data.path(), &command);
        let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output, report)
    }
}

#[test]
fn a_workbook_of_registers_and_facts_is_judged_imported_and_known_again() {
    let office = Office::new();
    let (book, project) = (office.file("varde-import.xlsx"), project());
    let files = [project.as_path(), &book];
    let (dry, judged) = office.import(&files, &["--dry-run"]);
    out(&dry);
    assert_eq!(judged["dry_run"], json!(true));
    let (imported, report) = office.import(&files, &[]);
    out(&imported);
    assert_eq!(report["counts"], judged["counts"]);
    assert_eq!(
        report["counts"],
        json!({ "new": report["rows"].as_array().expect("rows").len() })
    );
    let (_, again) = office.import(&files, &["--replace"]);
    assert_eq!(
        again["counts"]["unchanged"], report["counts"]["new"],
        "{again}"
    );

    let shown = out(&on(
        office.data.path(),
        &["import", "office", "--key", "office", path(&book)],
    ));
    assert!(
        shown.contains("unchanged") && !shown.contains("p-001"),
        "{shown}"
    );
}

#[test]
fn a_fault_names_its_cell_and_leaves_everything_as_it_was() {
    let office = Office::new();
    let faulty = office.data.path().join("partners.csv");
    fs::write(&faulty, "orgnr;role;date\n100000024;guest;2025-01-01\n").expect("written");
    let organisations = office.file("organisations.csv");
    let (refused, report) = office.import(&[&organisations, &faulty], &[]);
    assert_eq!(refused.status.code(), Some(65), "{}", said(&refused));
    assert!(
        said(&refused).contains("partners.csv, line 2, role: found `guest`"),
        "{}",
        said(&refused)
    );
    assert_eq!(report["faults"][0]["line"], json!(2));
    let (_, report) = office.import(&[&organisations], &["--dry-run"]);
    assert_eq!(report["counts"], json!({ "new": 5 }), "nothing had come in");
}

#[test]
fn registers_alone_are_taken_from_workbooks_and_windows_1252_and_facts_are_not() {
    let office = Office::new();
    let windows = office.data.path().join("organisations.csv");
    let line = b"country;orgnr;name\r\nSE;402000-0008;F\xf6rening\r\n";
    fs::write(&windows, line).expect("written");
    let import = |file: &Path| on(office.data.path(), &["import", "registers", path(file)]);
    assert!(out(&import(&windows)).contains("1 rows added"));
    let refused = import(&office.file("varde-import.xlsx"));
    assert_eq!(refused.status.code(), Some(65));
    let sentence = "sheet support: found support, a table of facts; expected registers: `varde \
                    import office` takes both";
    assert!(said(&refused).contains(sentence), "{}", said(&refused));
}

#[test]
fn templates_are_not_written_over() {
    let office = Office::new();
    let folder = path(office.templates.path()).to_owned();
    let before = fs::read(office.file("people.csv")).expect("there");
    let refused = on(
        office.data.path(),
        &["import", "templates", "--output", &folder],
    );
    assert_eq!(refused.status.code(), Some(73), "{}", said(&refused));
    assert_eq!(fs::read(office.file("people.csv")).expect("there"), before);
}

#[test]
fn a_key_that_is_not_there_or_may_not_import_is_told() {
    let office = Office::new();
    let made = [
        "key",
        "create",
        "course",
        "--space",
        "sing",
        "--scope",
        "statements/write",
    ];
    out(&on(office.data.path(), &made));
    let people = office.file("people.csv");
    for (key, code) in [("nobody", 66), ("course", 77)] {
        let refused = on(
            office.data.path(),
            &["import", "office", "--key", key, path(&people)],
        );
        assert_eq!(refused.status.code(), Some(code), "{}", said(&refused));
    }
}

#[tokio::test]
async fn the_command_works_beside_a_server_which_answers_with_what_came_in() {
    let office = Office::new();
    let server = Server::start(office.data.path());
    let (project, partners) = (project(), office.file("partners.csv"));
    let organisations = office.file("organisations.csv");
    let (imported, report) = office.import(&[&project, &organisations, &partners], &[]);
    out(&imported);
    let uri = format!("http://{}/xapi/statements", server.http);
    let answer = send(&client(), Method::GET, &uri, &office.key, &Value::Null).await;
    let (status, page) = answer.expect("an answer");
    assert_eq!(status, StatusCode::OK);
    let ids: Vec<_> = page["statements"]
        .as_array()
        .expect("statements")
        .iter()
        .map(|statement| statement["id"].clone())
        .collect();
    assert_eq!(ids.len(), 4);
    let rows = report["rows"].as_array().expect("rows").iter();
    for row in rows.filter(|row| row["table"] == "partners") {
        assert!(ids.contains(&row["statement"]), "{row}");
    }
    server.terminate();
}
