//! The commands that take files in and write files out.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::binary::{demo_file, furnish, run, said, varde};

fn on(data: &Path, command: &[&str]) -> Output {
    run(varde().args(command).env("VARDE_DATA", data))
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

#[test]
fn registers_come_in_once() {
    let data = tempfile::tempdir().expect("a folder");
    let people = demo_file("registers/people.csv");
    let people = people.to_str().expect("a path");
    let import = ["import", "registers", people, "--json"];

    let dry = on(
        data.path(),
        &["import", "registers", people, "--json", "--dry-run"],
    );
    let dry: Value = serde_json::from_str(&out(&dry)).expect("JSON");
    assert_eq!(
        (&dry["dry_run"], &dry["added"]),
        (&Value::Bool(true), &Value::Null)
    );

    let first: Value = serde_json::from_str(&out(&on(data.path(), &import))).expect("JSON");
    assert_eq!(
        (&first["added"], &first["unchanged"]),
        (&Value::from(120), &Value::from(0))
    );
    let second: Value = serde_json::from_str(&out(&on(data.path(), &import))).expect("JSON");
    assert_eq!(
        (&second["added"], &second["unchanged"]),
        (&Value::from(0), &Value::from(120))
    );
}

#[test]
fn a_faulty_register_file_changes_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let faulty = data.path().join("people.csv");
    let text = "pseudonym,gender,birth_year_band,nuts3\np-1,female,1980-1989,NO060\n\
                p-2,female,1980-1989,Trondheim\n";
    std::fs::write(&faulty, text).expect("written");
    let store = data.path().join("store");
    let refused = on(
        &store,
        &["import", "registers", faulty.to_str().expect("a path")],
    );
    assert_eq!(refused.status.code(), Some(65));
    let said = said(&refused);
    assert!(said.contains("line 3") && said.contains("nuts3"), "{said}");
    assert!(!store.exists(), "not even a store was made");
}

#[test]
fn definitions_are_checked_installed_and_listed() {
    let data = tempfile::tempdir().expect("a folder");
    furnish(data.path());
    let list = out(&on(data.path(), &["rules", "list"]));
    for name in ["demo/planning-quiz@1", "demo/teamwork-unit@1", "demo@1"] {
        let line = list.lines().find(|line| line.contains(name)).expect(name);
        assert!(line.ends_with("current"), "{line}");
    }
    let rule = demo_file("rules/planning.yaml");
    let again = on(
        data.path(),
        &["rules", "activate", rule.to_str().expect("a path")],
    );
    assert!(out(&again).contains("was known already"));
}

#[test]
fn a_definition_that_breaks_its_schema_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(demo_file("rules/planning.yaml")).expect("a rule");
    let faulty = folder.path().join("faulty.yaml");
    std::fs::write(&faulty, text.replace("measure: score", "measur: score")).expect("written");
    let good = demo_file("rules/teamwork.yaml");
    let (good, faulty) = (
        good.to_str().expect("a path"),
        faulty.to_str().expect("a path"),
    );
    let store = folder.path().join("store");
    for command in [
        ["rules", "check", good, faulty],
        ["rules", "activate", good, faulty],
    ] {
        let refused = on(&store, &command);
        assert_eq!(refused.status.code(), Some(65));
        let said = said(&refused);
        assert!(said.contains("line ") && said.contains("measur"), "{said}");
        assert!(!store.exists(), "not even a store was made");
    }
}

#[test]
fn a_definition_is_held_to_its_examples() {
    let folder = tempfile::tempdir().expect("a folder");
    let rule = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../schemas/examples/competence/planning-quiz.yaml"
    );
    let checked = out(&on(folder.path(), &["rules", "check", rule]));
    let lines: Vec<_> = checked
        .lines()
        .filter(|line| line.contains(" ok "))
        .collect();
    assert_eq!(lines.len(), 4, "{checked}");
    assert!(lines[0].contains("found level 3, because 0.72 is at least 0.60"));

    let text = std::fs::read_to_string(rule).expect("a rule");
    let expected = text.lines().position(|line| line.contains("because: 0.72"));
    let expected = expected.expect("what the first example expects") + 1;
    let other = folder.path().join("other.yaml");
    std::fs::write(&other, text.replace("min: 0.60", "min: 0.75")).expect("written");
    let (good, other) = (
        demo_file("rules/teamwork.yaml"),
        other.to_str().expect("a path"),
    );
    let store = folder.path().join("store");
    let checked = on(&store, &["rules", "check", other]);
    assert_eq!(checked.status.code(), Some(65));
    let table = String::from_utf8(checked.stdout.clone()).expect("UTF-8");
    let failed = table.lines().find(|line| line.contains("failed"));
    let failed = failed.expect("a line for the example that fails");
    assert!(
        failed.contains("expected level 3") && failed.contains(&format!("line {expected}")),
        "{failed}"
    );

    let good = good.to_str().expect("a path");
    let refused = on(&store, &["rules", "activate", good, other]);
    assert_eq!(refused.status.code(), Some(65));
    let said = said(&refused);
    let place = format!("{other}, line {expected}, column 9, examples[0].expect[0]: the example");
    assert!(said.contains(&place), "{said}");
    assert!(
        said.contains("found level 2, because 0.72 is at least 0.40"),
        "{said}"
    );
    let list = out(&on(&store, &["rules", "list"]));
    assert!(
        list.contains("no definitions yet"),
        "none of the set:\n{list}"
    );
}

#[test]
fn a_changed_definition_needs_a_higher_version() {
    let data = tempfile::tempdir().expect("a folder");
    furnish(data.path());
    let text = std::fs::read_to_string(demo_file("rules/planning.yaml")).expect("a rule");
    let changed = data.path().join("changed.yaml");
    std::fs::write(&changed, text.replace("min: 0.40", "min: 0.30")).expect("written");
    let unknown = demo_file("rules/ideas.yaml");
    let (unknown, path) = (
        unknown.to_str().expect("a path"),
        changed.to_str().expect("a path"),
    );

    let refused = on(data.path(), &["rules", "activate", unknown, path]);
    assert_eq!(refused.status.code(), Some(65));
    assert!(
        said(&refused).contains("higher version"),
        "{}",
        said(&refused)
    );
    let list = out(&on(data.path(), &["rules", "list"]));
    assert!(
        !list.contains("demo/ideas-book"),
        "none of the set was installed:\n{list}"
    );

    let text = text
        .replace("min: 0.40", "min: 0.30")
        .replace("version: 1", "version: 2");
    std::fs::write(&changed, text).expect("written");
    let taken = on(data.path(), &["rules", "activate", path]);
    assert!(out(&taken).contains("demo/planning-quiz@2"));
    let list = out(&on(data.path(), &["rules", "list"]));
    let old = list
        .lines()
        .find(|line| line.contains("demo/planning-quiz@1"))
        .expect("kept");
    assert!(old.ends_with("superseded"), "{old}");
}

#[test]
fn tables_are_written_as_files() {
    let data = tempfile::tempdir().expect("a folder");
    furnish(data.path());
    let output = data.path().join("out");
    let folder = output.to_str().expect("a path");
    let day = ["--as-of", "2025-06-30"];
    for table in ["outcomes", "indicators"] {
        let command = [
            "report", "export", table, "--output", folder, day[0], day[1],
        ];
        out(&on(data.path(), &command));
    }
    let read = |name: &str| std::fs::read_to_string(output.join(name)).expect(name);
    assert!(read("outcomes.csv").starts_with("person,competence,"));
    let indicators = read("indicators.csv");
    assert!(
        indicators.contains("RCO85") && indicators.contains("RCR81"),
        "{indicators}"
    );
    assert!(read("keys.csv").contains("person"));
    let csv = out(&on(
        data.path(),
        &["report", "export", "outcomes", "--output", "-"],
    ));
    assert!(csv.starts_with("person,competence,"));
    // The same as JSON, as the API tells it.
    let outcomes = [
        "report", "export", "outcomes", "--format", "json", "--output", "-",
    ];
    let json: Value = serde_json::from_str(&out(&on(data.path(), &outcomes))).expect("JSON");
    let told = json["outcomes"].as_array().expect("a list").len();
    assert_eq!(told, csv.lines().count() - 1);
    let indicators = [
        "report",
        "export",
        "indicators",
        "--format",
        "json",
        "--output",
        folder,
        day[0],
        day[1],
    ];
    out(&on(data.path(), &indicators));
    let json: Value = serde_json::from_str(&read("indicators.json")).expect("JSON");
    assert_eq!(json["tables"][0]["as_of"], "2025-06-30");
}

#[test]
fn a_folder_that_is_not_there_is_not_made_by_reading() {
    let parent = tempfile::tempdir().expect("a folder");
    let data = parent.path().join("mistyped");
    for command in [&["rules", "list"][..], &["report", "export", "outcomes"]] {
        let refused = on(&data, command);
        assert_eq!(refused.status.code(), Some(66));
        assert!(said(&refused).contains("mistyped"), "{}", said(&refused));
    }
    assert!(!data.exists());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let refused = run(varde().args(["rules", "check", "no-such-file.yaml"]));
    assert_eq!(refused.status.code(), Some(66));
    assert!(
        said(&refused).contains("no-such-file.yaml"),
        "{}",
        said(&refused)
    );
}
