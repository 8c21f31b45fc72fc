//! A ledger row that is damaged on disk is named, and built again from the log.

use std::path::Path;
use std::process::Output;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::binary::{run, said, varde};
use crate::competence::quizzes;

const RULE: &str = "demo/planning-quiz@1";

fn verify(data: &Path, flags: &[&str]) -> Output {
    let mut command = varde();
    command.args(["verify", "--json"]).args(flags);
    run(command.env("VARDE_DATA", data))
}

fn told(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(output)))
}

/// Has a row of a ledger say that somebody attained another level than the log says; returns the
/// key of its group.
fn damage(data: &Path) -> String {
    let store = Connection::open(data.join("varde.db")).expect("the store");
    let mut entries = store
        .prepare("SELECT key, value FROM record WHERE collection = 'ledger-entry'")
        .expect("a table");
    let entries = entries.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let mut entries = entries.expect("rows").map(|row| row.expect("a row"));
    let level = |row: &Value| row["entry"]["body"]["verdict"]["level"].as_u64();
    let (key, mut row) = entries
        .find_map(|(key, value): (Vec<u8>, Vec<u8>)| {
            // Where no row holds, the record is none.
            let row: Value = serde_json::from_slice(&value).ok()?;
            level(&row).map(|_| (key, row))
        })
        .expect("an entry with a level");
    row["entry"]["body"]["verdict"]["level"] = json!(level(&row).expect("a level") + 1);
    let value = row.to_string().into_bytes();
    let update = "UPDATE record SET value = ?1 WHERE collection = 'ledger-entry' AND key = ?2";
    assert_eq!(store.execute(update, (value, &key)).expect("written"), 1);
    // The group stands in the record's key behind the ledger and the stage, up to a zero byte.
    let group = key[17..].split(|byte| *byte == 0).next();
    String::from_utf8(group.expect("a group").to_vec()).expect("a text")
}

#[test]
fn a_damaged_row_is_named_and_mended_by_building_its_ledger_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    quizzes(data);
    let report = || {
        let mut command = varde();
        command.args([
            "report",
            "export",
            "outcomes",
            "--as-of",
            "2025-06-30",
            "--output",
            "-",
        ]);
        let report = run(command.env("VARDE_DATA", data));
        assert!(report.status.success(), "{}", said(&report));
        let text = String::from_utf8(report.stdout).expect("UTF-8");
        // The last two columns tell until when it is complete, which moves.
        let lines = text.lines().map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            cells[..cells.len() - 2].join(",")
        });
        lines.collect::<Vec<_>>()
    };
    let whole = report();
    assert_eq!(whole.len(), 3, "two have a level: {whole:?}");
    assert_eq!(told(&verify(data, &[]))["findings"], json!([]));

    let key = damage(data);
    assert_ne!(report(), whole, "nothing guards a ledger against the disk");
    let found = verify(data, &[]);
    assert_eq!(found.status.code(), Some(65), "{}", said(&found));
    let found = told(&found);
    let findings = found["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 1, "{found}");
    assert_eq!(findings[0]["kind"], "ledger-row");
    let sentence = findings[0]["sentence"].as_str().expect("a sentence");
    assert!(
        sentence.starts_with(&format!("{RULE}: group `{key}` ")),
        "{sentence}"
    );
    assert!(
        sentence.ends_with("says otherwise than the log"),
        "{sentence}"
    );

    let mended = verify(data, &["--rebuild", RULE]);
    assert!(mended.status.success(), "{}", said(&mended));
    let mended = told(&mended);
    assert_eq!(mended["findings"], json!([]));
    let rebuilt = json!([{ "definition": RULE, "found": 1, "differences": [sentence] }]);
    assert_eq!(mended["rebuilt"], rebuilt);
    let clean = verify(data, &[]);
    assert!(clean.status.success(), "{}", said(&clean));
    assert_eq!(told(&clean)["rebuilt"], json!([]));
    assert_eq!(report(), whole);
}
