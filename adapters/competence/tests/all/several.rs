//! Evidence that takes several statements, and evidence that is made of time.

use serde_json::json;
use varde_competence::{Finding, Verdict};

use crate::findings::findings;
use crate::world::Sent;

const ATTENDED: &str = "http://adlnet.gov/expapi/verbs/attended";
const SCORED: &str = "http://adlnet.gov/expapi/verbs/scored";
const PASSED: &str = "http://adlnet.gov/expapi/verbs/passed";

/// Two hours of workshops within ten days, at two different ones, show level 1; four level 2.
const HOURS: &str = "\
rule: sing/hours
version: 1
competence: https://example.org/c
basis: observed
match:
  class: [attended]
measure: duration
count: {min: 2, distinct: object}
window: P10D
levels: [{min: PT2H, level: 1}, {min: PT4H, level: 2}]
";

/// Two different quizzes of 0.5 show level 1, two of 0.8 level 2.
const QUIZZES: &str = "\
rule: sing/quizzes
version: 1
competence: https://example.org/c
basis: assessed
match:
  class: [scored]
measure: score
count: {min: 2, distinct: object}
levels: [{min: 0.5, level: 1}, {min: 0.8, level: 2}]
";

const PASSES: &str = "\
rule: sing/passes
version: 1
competence: https://example.org/c
basis: assessed
match:
  class: [passed]
measure: success
count: {min: 2, distinct: object}
window: P10D
levels: [{level: 1}]
";

fn on(number: u128, verb: &str, object: u32, day: u32) -> Sent {
    Sent::new(
        number,
        1,
        verb,
        &format!("https://lms.example.org/at/{object}"),
        &format!("2026-02-{day:02}T10:00:00Z"),
    )
}

fn level(finding: &Finding) -> Option<u32> {
    match finding.verdict {
        Verdict::Evidence { level, .. } => Some(level),
        Verdict::NearMiss => None,
    }
}

fn told(rule: &str, sent: &[Sent]) -> Vec<(Option<u32>, String)> {
    let found = findings(rule, sent);
    let told = found.iter().map(|f| (level(f), f.comparison.to_string()));
    told.collect()
}

/// Attendance at one workshop for a time on a day.
fn attended(number: u128, (workshop, time, day): (u32, &str, u32)) -> Sent {
    on(number, ATTENDED, workshop, day).with("result", json!({"duration": time}))
}

fn hours(rule: &str, visits: &[(u32, &str, u32)]) -> Vec<(Option<u32>, String)> {
    let sent: Vec<_> = (1..)
        .zip(visits)
        .map(|(number, visit)| attended(number, *visit))
        .collect();
    told(rule, &sent)
}

#[test]
fn time_is_added_up_over_units_each_by_its_longest_statement() {
    let visits = [
        (1, "PT2H30M", 1),
        // The same workshop sent again, then more shortly: neither adds anything.
        (1, "PT2H30M", 2),
        (1, "PT20M", 3),
        (2, "PT1H", 4),
        (3, "PT30M", 5),
    ];
    let expected = [
        (
            None,
            "2 h 30 min is at least 2 h, but the count 1 is below 2",
        ),
        (
            None,
            "2 h 30 min is at least 2 h, but the count 1 is below 2",
        ),
        (
            None,
            "2 h 30 min is at least 2 h, but the count 1 is below 2",
        ),
        (
            Some(1),
            "3 h 30 min is at least 2 h, and the count 2 is at least 2",
        ),
        (
            Some(2),
            "4 h is at least 4 h, and the count 3 is at least 2",
        ),
    ];
    let expected = expected.map(|(level, words)| (level, words.to_owned()));
    assert_eq!(hours(HOURS, &visits), expected);
}

#[test]
fn time_leaves_with_its_window_and_a_time_without_an_exact_length_says_so() {
    let alone = HOURS.replace("count: {min: 2, distinct: object}\n", "");
    let visits = [
        (1, "PT1H59M59.99S", 1),
        (1, "PT0.01S", 2),
        (2, "PT1H", 12),
        (3, "P1M", 13),
        (4, "PT1H", 13),
    ];
    let expected = [
        (None, "1 h 59 min 59.99 s is below 2 h"),
        (Some(1), "2 h is at least 2 h"),
        (None, "1 h is below 2 h"),
        (
            None,
            "the duration is told in years or months, or too finely, and has no exact length",
        ),
        (Some(1), "2 h is at least 2 h"),
    ];
    let expected = expected.map(|(level, words)| (level, words.to_owned()));
    assert_eq!(hours(&alone, &visits), expected);
    let silent = told(&alone, &[on(1, ATTENDED, 1, 1)]);
    assert_eq!(
        silent,
        [(
            None,
            "the statement does not say how long it took".to_owned()
        )]
    );
}

#[test]
fn a_level_is_shown_when_enough_units_reach_it() {
    let scored = |number, (quiz, scaled, day): (u32, f64, u32)| {
        on(number, SCORED, quiz, day).with("result", json!({"score": {"scaled": scaled}}))
    };
    let sent: Vec<_> = (1..)
        .zip([
            (1, 0.9, 1),
            (1, 0.8, 2),
            (2, 0.6, 3),
            (3, 0.2, 4),
            (2, 0.8, 5),
            (3, 0.5, 6),
        ])
        .map(|(number, attempt)| scored(number, attempt))
        .collect();
    let expected = [
        (None, "0.9 is at least 0.5, but the count 1 is below 2"),
        (None, "0.8 is at least 0.5, but the count 1 is below 2"),
        (
            Some(1),
            "0.6 is at least 0.5, and the count 2 is at least 2",
        ),
        (None, "0.2 is below 0.5"),
        (
            Some(2),
            "0.8 is at least 0.8, and the count 2 is at least 2",
        ),
        (
            Some(1),
            "0.5 is at least 0.5, and the count 3 is at least 2",
        ),
    ];
    let expected = expected.map(|(level, words)| (level, words.to_owned()));
    assert_eq!(told(QUIZZES, &sent), expected);
}

#[test]
fn successes_are_counted_inside_a_window() {
    let sent = [
        on(1, PASSED, 1, 1),
        on(2, PASSED, 2, 12),
        on(3, PASSED, 1, 13),
        on(4, PASSED, 3, 14).with("result", json!({"success": false})),
    ];
    let expected = [
        (None, "success is true, but the count 1 is below 2"),
        (None, "success is true, but the count 1 is below 2"),
        (Some(1), "success is true, and the count 2 is at least 2"),
        (None, "success is false"),
    ];
    let expected = expected.map(|(level, words)| (level, words.to_owned()));
    assert_eq!(told(PASSES, &sent), expected);
}
