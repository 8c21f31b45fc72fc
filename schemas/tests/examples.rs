//! The ready-made definitions fit their schemas.

use varde_schemas::{Kind, read};

#[test]
fn the_ready_made_rules_fit_their_schema() {
    for (name, text) in [
        (
            "planning-quiz",
            include_str!("../examples/competence/planning-quiz.yaml"),
        ),
        (
            "opportunities-assessment",
            include_str!("../examples/competence/opportunities-assessment.yaml"),
        ),
        (
            "reflection-completed",
            include_str!("../examples/competence/reflection-completed.yaml"),
        ),
        (
            "workshops-attended",
            include_str!("../examples/competence/workshops-attended.yaml"),
        ),
    ] {
        let document = read(text).unwrap();
        assert_eq!(document.kind, Kind::EvidenceRule);
        assert_eq!(document.id, format!("sing/{name}"));
    }
}

#[test]
fn every_schema_is_valid_and_names_its_key() {
    for kind in Kind::EACH {
        let wrong = format!("{}: 7\n", kind.key());
        let faults = read(&wrong).unwrap_err();
        assert!(
            faults.iter().any(|fault| fault.path == kind.key()),
            "{faults:?}"
        );
    }
}

#[test]
fn both_kinds_of_definition_have_examples_of_one_form() {
    let schemas = [
        include_str!("../schemas/evidence-rule.json"),
        include_str!("../schemas/indicator-set.json"),
    ];
    let [rule, set] = schemas.map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
    assert_eq!(
        rule["properties"]["examples"],
        set["properties"]["examples"]
    );
    for name in [
        "example",
        "example_registers",
        "example_lines",
        "example_statement",
        "learner",
        "day",
    ] {
        let form = |schema: &serde_json::Value| schema["$defs"][name].clone();
        assert!(form(&rule).is_object(), "{name}");
        assert_eq!(form(&rule), form(&set), "{name}");
    }
}

#[test]
fn what_is_wrong_with_an_example_is_told_with_its_place() {
    let rule = include_str!("../examples/competence/planning-quiz.yaml");
    for (was, is, told) in [
        (
            "score: 0.72",
            "score: 72",
            "examples[0].statements[0].score: expected a scaled score from -1 to 1, found the number 72",
        ),
        (
            "level: 3, because",
            "levl: 3, because",
            "unknown key `levl`; did you mean `level`?",
        ),
        (
            "as_of: 2029-03-31",
            "as_of: 2029-02-30",
            "expected a day such as 2026-03-31",
        ),
        (
            "{learner: ola, level: none}",
            "{learner: ola, level: nothing}",
            "expected a level from 1 to 100, or none",
        ),
    ] {
        let faults = read(&rule.replace(was, is)).unwrap_err();
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert!(
            faults.iter().any(|fault| fault.contains(told)),
            "{faults:?}"
        );
    }
}
