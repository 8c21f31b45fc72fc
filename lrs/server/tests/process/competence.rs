//! What an operator asks of competences: previews before a rule is changed, and reasons afterwards.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::binary::{demo_file, furnish, run, said, varde};

const PLANNING: &str = "https://w3id.org/xapi/interreg/v1/entrecomp/planning-and-management";

fn on(data: &Path, command: &[&str]) -> Output {
    run(varde().args(command).env("VARDE_DATA", data))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// A folder with the demonstration's registers and rules, and quiz attempts of three learners.
pub(crate) fn quizzes(data: &Path) {
    furnish(data);
    out(&on(data, &["key", "create", "moodle", "--space", "sing"]));
    let attempts = [(1001, 9), (1002, 5), (1003, 3)];
    let lines = attempts.map(|(account, points)| {
        let statement = json!({
            "id": format!("5a4d0000-0000-4000-8000-00000000{account}"),
            "actor": {"account": {"homePage": "https://moodle.example.org", "name": account.to_string()}},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
            "object": {
                "id": format!("https://moodle.example.org/mod/quiz/attempt.php?attempt={account}"),
                "definition": {"type": "http://adlnet.gov/expapi/activities/attempt"},
            },
            "result": {"score": {"min": 0, "max": 10, "raw": points}},
            "context": {"contextActivities": {
                "parent": [{"id": "https://moodle.example.org/mod/quiz/view.php?id=45"}],
                "grouping": [{"id": "https://moodle.example.org/course/view.php?id=7"}],
            }},
            "timestamp": "2025-02-10T09:00:00Z",
        });
        format!("{statement}\n")
    });
    let file = data.join("attempts.ndjson");
    std::fs::write(&file, lines.concat()).expect("written");
    let file = file.to_str().expect("a path");
    out(&on(
        data,
        &["import", "statements", file, "--key", "moodle"],
    ));
}

#[test]
fn a_preview_counts_what_would_change_and_changes_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    quizzes(data.path());
    let rule = std::fs::read_to_string(demo_file("rules/planning.yaml")).expect("a rule");
    let milder = rule
        .replace("version: 1", "version: 2")
        .replace("min: 0.40", "min: 0.30")
        .replace("min: 0.60", "min: 0.50");
    let file = data.path().join("milder.yaml");
    std::fs::write(&file, milder).expect("written");
    let file = file.to_str().expect("a path");
    let preview = ["rules", "preview", file, "--as-of", "2025-06-30"];
    for _ in 0..2 {
        let json = out(&on(data.path(), &[&preview[..], &["--json"]].concat()));
        let told: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(
            told["outcomes"],
            json!([{
                "competence": PLANNING, "basis": "assessed",
                "new": 1, "higher": 1, "lower": 0, "lost": 0, "same": 1,
            }])
        );
    }
    let scratch = data.path().join("scratch");
    assert_eq!(
        scratch.read_dir().expect("a folder").count(),
        0,
        "nothing is left"
    );
    let text = out(&on(data.path(), &preview));
    assert!(text.contains("higher") && text.contains(PLANNING), "{text}");
    assert!(!text.contains("p-00"), "nobody is named: {text}");
    let list = out(&on(data.path(), &["rules", "list"]));
    assert!(!list.contains("demo/planning-quiz@2"), "{list}");
}

#[test]
fn a_level_is_explained_in_the_language_that_is_asked_for() {
    let data = tempfile::tempdir().expect("a folder");
    quizzes(data.path());
    let explain = |more: &[&str]| {
        let command = ["report", "explain", "p-001", "--as-of", "2025-06-30"];
        out(&on(data.path(), &[&command[..], more].concat()))
    };
    let english = explain(&[]);
    assert!(
        english.contains(
            "level 4 (Dare), because 9 of 10 (0.9) is at least 0.90. Rule demo/planning-quiz@1"
        ),
        "{english}"
    );
    assert!(explain(&["--language", "nb"]).contains("fordi 9 av 10 (0,9) er minst 0,90"));
    assert!(explain(&["--language", "sv"]).contains("eftersom 9 av 10 (0,9) är minst 0,90"));
    let json: Value = serde_json::from_str(&explain(&["--json"])).expect("JSON");
    assert_eq!(json["explanations"][0]["outcome"]["level"], 4);
    let nobody = on(data.path(), &["report", "explain", "p-999"]);
    assert_eq!(nobody.status.code(), Some(65));
}

#[test]
fn a_framework_is_checked_and_activated() {
    let data = tempfile::tempdir().expect("a folder");
    let package = data.path().join("entrecomp.json");
    std::fs::write(&package, varde_schemas::ENTRECOMP).expect("written");
    let package = package.to_str().expect("a path");
    let store = data.path().join("store");
    assert!(out(&on(&store, &["rules", "check", package])).contains("framework"));
    out(&on(&store, &["rules", "activate", package]));
    let list = out(&on(&store, &["rules", "list"]));
    assert!(
        list.contains("entrecomp@") && list.contains("current"),
        "{list}"
    );
    let broken = varde_schemas::ENTRECOMP.replacen("\"fullStatement\"", "\"fullStatment\"", 1);
    let file = data.path().join("broken.json");
    std::fs::write(&file, broken).expect("written");
    let refused = on(&store, &["rules", "check", file.to_str().expect("a path")]);
    assert_eq!(refused.status.code(), Some(65));
    assert!(said(&refused).contains("CFItems[0]"), "{}", said(&refused));
}
