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
