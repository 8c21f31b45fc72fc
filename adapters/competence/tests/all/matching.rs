//! Which statements a rule looks at.

use serde_json::json;
use varde_competence::DERIVED;

use crate::findings::{AT, findings};
use crate::world::{QUIZ, Sent};

#[test]
fn a_statement_that_the_rule_does_not_match_says_nothing() {
    let quiz = || Sent::quiz(1, 1, "0.9", AT);
    let derived = json!({"contextActivities": {
        "parent": [{"id": "https://lms.example.org/mod/quiz/view.php?id=42"}],
        "category": [{"id": DERIVED}],
    }});
    let elsewhere = json!({"contextActivities": {"parent": [{"id": "https://lms.example.org/mod/quiz/view.php?id=43"}]}});
    let team = json!({"objectType": "Group", "member": [{"mbox": "mailto:learner-1@example.org"}]});
    for (why, sent) in [
        ("derived by the store", quiz().with("context", derived)),
        ("another quiz", quiz().with("context", elsewhere)),
        ("no context", quiz().with("context", json!({}))),
        ("a team's result", quiz().with("actor", team)),
        (
            "another class",
            quiz().with(
                "verb",
                json!({"id": "http://adlnet.gov/expapi/verbs/attempted"}),
            ),
        ),
        (
            "broken off",
            quiz().with(
                "result",
                json!({"score": {"scaled": 0.9}, "completion": false}),
            ),
        ),
        (
            "about an agent",
            quiz()
                .with(
                    "object",
                    json!({"objectType": "Agent", "mbox": "mailto:a@example.org"}),
                )
                .with("context", json!({})),
        ),
    ] {
        assert_eq!(findings(QUIZ, &[sent]), [], "{why}");
    }
    assert_eq!(findings(QUIZ, &[quiz()]).len(), 1);
}

/// Replaces the quiz rule's `match`.
fn matching(keys: &str) -> String {
    let (before, rest) = QUIZ.split_once("match:").expect("the rule has a match");
    let (_, after) = rest.split_once("measure:").expect("the rule has a measure");
    format!("{before}match: {keys}\nmeasure:{after}")
}

#[test]
fn each_key_of_match_narrows() {
    let sent = Sent::quiz(1, 1, "0.9", AT)
        .with("authority", json!({"account": {"homePage": "https://lms.example.org", "name": "writer"}}))
        .with("object", json!({"id": "https://lms.example.org/q", "definition": {"type": "http://adlnet.gov/expapi/activities/attempt"}}));
    for (keys, matches) in [
        ("{class: [scored]}", true),
        ("{class: [attended, completed]}", true),
        ("{class: [attended]}", false),
        ("{verb: ['http://adlnet.gov/expapi/verbs/completed']}", true),
        ("{verb: ['http://adlnet.gov/expapi/verbs/passed']}", false),
        ("{object: ['https://lms.example.org/q']}", true),
        ("{object: ['https://lms.example.org/q/']}", false),
        (
            "{object_type: ['http://adlnet.gov/expapi/activities/attempt']}",
            true,
        ),
        (
            "{object_type: ['http://adlnet.gov/expapi/activities/course']}",
            false,
        ),
        (
            "{within: ['https://lms.example.org/course/view.php?id=5']}",
            true,
        ),
        ("{within: ['https://lms.example.org/q']}", false),
        ("{authority: ['https://lms.example.org']}", true),
        (
            "{authority: ['https://other.example.org', 'https://lms.example.org']}",
            true,
        ),
        ("{authority: ['https://other.example.org']}", false),
        (
            "{class: [scored], verb: ['http://adlnet.gov/expapi/verbs/passed']}",
            false,
        ),
    ] {
        let found = findings(&matching(keys), std::slice::from_ref(&sent));
        assert_eq!(found.len(), usize::from(matches), "{keys}");
    }
}

#[test]
fn where_compares_exactly_and_knows_what_is_absent() {
    let sent = Sent::quiz(1, 1, "0.9", AT)
        .with("result", json!({"score": {"scaled": 0.9, "raw": 9.0, "max": 10}, "success": true, "response": "b",
            "extensions": {"https://example.org/tries": 3, "https://example.org/list": [1]}}))
        .with("context", json!({"platform": "Quizzes", "extensions": {"https://example.org/mode": "exam"}}));
    for (condition, holds) in [
        ("path: result.completion, op: ne, value: false", true),
        ("path: result.completion, op: eq, value: false", false),
        ("path: result.completion, op: exists, value: false", true),
        ("path: result.success, op: eq, value: true", true),
        ("path: result.score.scaled, op: gte, value: 0.9", true),
        ("path: result.score.scaled, op: gt, value: 0.90", false),
        ("path: result.score.raw, op: eq, value: 9", true),
        ("path: result.score.max, op: lte, value: 10.0", true),
        ("path: result.score.max, op: lt, value: '10'", false),
        ("path: result.score.min, op: lt, value: 1", false),
        ("path: result.response, op: in, value: [a, b]", true),
        ("path: result.response, op: in, value: [a, c]", false),
        ("path: context.platform, op: eq, value: Quizzes", true),
        ("path: context.platform, op: eq, value: quizzes", false),
        (
            "path: 'result.extensions[\"https://example.org/tries\"]', op: lt, value: 4",
            true,
        ),
        (
            "path: 'result.extensions[\"https://example.org/list\"]', op: exists, value: true",
            true,
        ),
        (
            "path: 'result.extensions[\"https://example.org/list\"]', op: eq, value: 1",
            false,
        ),
        (
            "path: 'context.extensions[\"https://example.org/mode\"]', op: eq, value: exam",
            true,
        ),
        (
            "path: 'object.definition.extensions[\"https://example.org/x\"]', op: exists, value: true",
            false,
        ),
    ] {
        let rule = matching(&format!("{{where: [{{{condition}}}]}}"));
        assert_eq!(
            findings(&rule, std::slice::from_ref(&sent)).len(),
            usize::from(holds),
            "{condition}"
        );
    }
}
