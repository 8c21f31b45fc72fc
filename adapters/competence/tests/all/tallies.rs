//! One more statement of a person is settled as if all of them were read.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use varde_competence::EvidenceRule;
use varde_core::ledger::{Adapter, KnownFact, Rulebook};
use varde_test_support::{Draft, assert_tally_law, facts_of};

use crate::findings::registers;
use crate::world::{QUIZ, REFLECTION, Sent, WORKSHOPS, definition};

const REFLECTED: &str = "https://h5p.example.org/h5p/reflection";
const COURSE: &str = "https://lms.example.org/course/view.php?id=7";

/// A statement that one of the rules looks at, by its kind and its day.
fn sent(number: u64, (kind, day): (&str, u32)) -> Sent {
    let at = format!("2026-{:02}-{:02}T10:00:00Z", 1 + day / 28, 1 + day % 28);
    let of = |verb: &str, object: &str| Sent::new(number.into(), 1, verb, object, &at);
    match kind {
        "quiz" => Sent::quiz(number.into(), 1, "0.55", &at),
        "reflected" => of("http://adlnet.gov/expapi/verbs/completed", REFLECTED),
        "undone" => of(
            "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted",
            REFLECTED,
        ),
        _ => {
            let workshop = format!("https://lms.example.org/mod/workshop/{}", day % 5);
            let within = json!({"contextActivities": {"parent": [{"id": COURSE}]}});
            of("http://adlnet.gov/expapi/verbs/attended", &workshop).with("context", within)
        }
    }
}

fn facts(rulebook: &dyn Rulebook, statements: &[(&str, u32)]) -> Vec<KnownFact> {
    let drafts = (1..).zip(statements).map(|(number, statement)| {
        let body = sent(number, *statement).0;
        Draft::new(number).with(|new| {
            let at = body["timestamp"].as_str().expect("a timestamp");
            new.timestamp = Some(at.parse().expect("an instant"));
            new.body = body.to_string();
        })
    });
    facts_of(rulebook, drafts.collect())
}

fn settled_alone(rule: &str, statements: &[(&str, u32)]) -> usize {
    let rulebook = EvidenceRule
        .compile(&definition(rule))
        .expect("the rule compiles");
    let facts = facts(&*rulebook, statements);
    assert_tally_law(&*rulebook, &facts, &registers(&json!([])))
}

proptest! {
    #[test]
    fn one_more_statement_is_settled_as_if_all_were_read(
        statements in vec((select(vec!["quiz", "reflected", "reflected", "undone", "attended"]), 0..300_u32), 1..40),
        rule in select(vec![QUIZ, REFLECTION, WORKSHOPS]),
    ) {
        settled_alone(rule, &statements);
    }
}

#[test]
fn statements_in_the_order_of_their_days_are_settled_without_the_others() {
    for (rule, kind) in [
        (QUIZ, "quiz"),
        (REFLECTION, "reflected"),
        (WORKSHOPS, "attended"),
    ] {
        let statements: Vec<_> = (0..50).map(|day| (kind, day * 6)).collect();
        assert_eq!(settled_alone(rule, &statements), 49, "{kind}");
    }
}
