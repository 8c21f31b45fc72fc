//! Rules are held to their own examples.

use std::sync::Arc;

use varde_competence::EvidenceRule;
use varde_core::examples::{Shown, play};
use varde_core::ledger::Adapter;

use crate::world::{ASSESSMENT, QUIZ, REFLECTION, WORKSHOPS, definition};

async fn shown(rule: &str) -> Vec<Shown> {
    let adapter: Arc<dyn Adapter> = Arc::new(EvidenceRule);
    let shown = play(&definition(rule), &adapter, &[]).await;
    shown.expect("the examples can be played")
}

#[tokio::test]
async fn the_ready_made_rules_do_what_their_examples_say() {
    for rule in [QUIZ, ASSESSMENT, REFLECTION, WORKSHOPS] {
        let shown = shown(rule).await;
        assert!(shown.len() >= 2, "{rule}");
        let failed: Vec<_> = shown.iter().filter(|shown| !shown.answer.holds).collect();
        assert!(failed.is_empty(), "{failed:?}");
    }
}

#[tokio::test]
async fn a_rule_that_asks_for_more_fails_its_examples_and_says_by_what() {
    let stricter = QUIZ.replace("min: 0.60", "min: 0.75");
    assert_ne!(stricter, QUIZ);
    let shown = shown(&stricter).await;
    assert_eq!(
        shown[0].to_string(),
        "the example \"A score of 0.72 shows the third level\" fails: kari: found level 2, because \
         0.72 is at least 0.40, expected level 3, because 0.72 is at least 0.60"
    );
    assert_eq!(shown[0].path, "examples[0].expect[0]");
    assert!(!shown[0].answer.holds);
    let whom: Vec<_> = shown
        .iter()
        .map(|shown| shown.answer.what.as_str())
        .collect();
    assert_eq!(whom, ["kari", "kari", "ola", "kari"]);
    assert_eq!(
        shown[2].answer.found,
        "no level, because no statement of theirs is looked at"
    );
    assert_eq!(
        shown[3].answer.found,
        "level 2 (lapsed), because 0.45 is at least 0.40"
    );
}
