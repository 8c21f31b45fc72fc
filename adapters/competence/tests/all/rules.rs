//! Which rules are carried out, and what is said of the others.

use varde_competence::EvidenceRule;
use varde_core::ledger::Adapter;

use crate::world::{ASSESSMENT, QUIZ, REFLECTION, WORKSHOPS, definition};

#[test]
fn the_ready_made_rules_compile() {
    for rule in [QUIZ, ASSESSMENT, REFLECTION, WORKSHOPS] {
        assert!(EvidenceRule.compile(&definition(rule)).is_ok(), "{rule}");
    }
}

#[test]
fn the_layout_of_a_file_does_not_change_its_hash() {
    let yaml = definition(QUIZ);
    let json = definition(&serde_json::to_string(&yaml.body).unwrap());
    assert_eq!(json.hash(), yaml.hash());
}

/// Compiles a rule that its schema accepts and returns what is told, each with its line.
fn told(rule: &str) -> Vec<String> {
    let document = varde_schemas::read(rule).expect("the rule fits its schema");
    let faults = match EvidenceRule.compile(&definition(rule)) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.0,
    };
    let with_line = faults.iter().map(|fault| {
        format!(
            "line {}, {}: {}",
            document.place(&fault.path).line,
            fault.path,
            fault.sentence
        )
    });
    with_line.collect()
}

/// What stands in the quiz rule, what stands there instead, and what is told of it.
const SLIPS: &[(&str, &str, &str)] = &[
    (
        "measure: score",
        "measure: duration",
        "line 17, levels[0].min: `duration` expects a duration of days or less, such as PT2H, found 0.20",
    ),
    (
        "measure: score",
        "at_least: 2\nmeasure: score",
        "line 15, at_least: `at_least` goes with `any_of`, which is missing",
    ),
    (
        "measure: score",
        "measure: level",
        "line 9, match: `level` believes what is asserted, so name whom: the key `authority` is missing",
    ),
    (
        "measure: score",
        "measure: count",
        "line 17, levels[0].min: `count` expects a whole number, at least 1, found 0.20",
    ),
    (
        "measure: score",
        "measure: count\nwindow: P0D",
        "line 16, window: expected more than nothing and at most P100Y, found \"P0D\"",
    ),
    (
        "measure: score",
        "measure: completion\ncount: {min: 2}",
        "line 16, count: a completion shows for itself, since it may be taken back; to count completions take `measure: count` with `class: [completed]`",
    ),
    (
        "measure: score",
        "measure: score\nwindow: P1Y",
        "line 16, window: `window` bounds the statements that are counted: the key `count` is missing",
    ),
    (
        "measure: score",
        "measure: score\nall_of: [sing/a, sing/b]",
        "line 15, measure: `measure` does not go with `all_of` and `any_of`",
    ),
    (
        "measure: score",
        "measure: success",
        "line 16, levels: `success` is true or not and shows one level, found 4",
    ),
    (
        "measure: score",
        "measure: completion",
        "line 17, levels[0].min: `completion` is true or not and has no least value; leave it out",
    ),
    (
        "{min: 0.40, level: 2, name: Explore}",
        "{level: 2, name: Explore}",
        "line 18, levels[1]: a level of this measure needs its least value: `min: 0.6`",
    ),
    (
        "min: 0.60",
        "min: 0.4",
        "line 19, levels[2].min: expected more than 0.40, the value before, found 0.4",
    ),
    (
        "level: 3",
        "level: 2",
        "line 19, levels[2].level: expected more than 2, the level before, found 2",
    ),
    (
        "min: 0.80",
        "min: PT2H",
        "line 20, levels[3].min: expected a number, found \"PT2H\"; a duration goes with `measure: duration`",
    ),
    (
        "min: 0.80",
        "min: 0.80000000000000000000000000000000000000001",
        "line 20, levels[3].min: the least value has too many digits",
    ),
    (
        "valid_for: P3Y",
        "valid_for: P0D",
        "line 21, valid_for: expected more than nothing and at most P100Y, found \"P0D\"",
    ),
    (
        "path: result.completion, op: ne",
        "path: result.duration, op: ne",
        "line 14, match.where[0].path: no value to look at; known are result.score.scaled, result.score.raw, result.score.min, result.score.max, result.success, result.completion, result.response, context.registration, context.platform, context.language, context.revision, and result.extensions[\"IRI\"], context.extensions[\"IRI\"], object.definition.extensions[\"IRI\"]",
    ),
    (
        "op: ne, value: false",
        "op: gte, value: false",
        "line 14, match.where[0].value: `gte` expects a number, found false",
    ),
    (
        "op: ne, value: false",
        "op: in, value: 3",
        "line 14, match.where[0].value: `in` expects a list of values, found 3",
    ),
    (
        "op: ne, value: false",
        "op: exists, value: 1",
        "line 14, match.where[0].value: `exists` expects true or false, found 1",
    ),
    (
        "op: ne, value: false",
        "op: eq, value: [1]",
        "line 14, match.where[0].value: `eq` expects true, false, a number or a text, found [1]",
    ),
];

#[test]
fn a_rule_that_cannot_be_carried_out_is_refused_with_its_line() {
    for (right, wrong, expected) in SLIPS {
        assert!(QUIZ.contains(right), "{right}");
        let told = told(&QUIZ.replacen(right, wrong, 1));
        assert!(
            told.iter().any(|fault| fault == expected),
            "{wrong}:\n{}",
            told.join("\n")
        );
    }
}

/// A rule that is met when two of three others are.
const COMPOSITE: &str = "\
rule: sing/two-of-three
version: 1
competence: https://example.org/c
basis: assessed
any_of: [sing/a, sing/b, sing/c]
at_least: 2
levels: [{level: 1}]
";

#[test]
fn a_rule_made_of_rules_needs_no_match() {
    assert_eq!(told(COMPOSITE), Vec::<String>::new());
    let without_levels = COMPOSITE.replace("levels: [{level: 1}]\n", "");
    assert_eq!(told(&without_levels), Vec::<String>::new());
}

#[test]
fn a_rule_made_of_rules_that_cannot_be_carried_out_is_refused_with_its_line() {
    for (right, wrong, expected) in [
        (
            "at_least: 2",
            "at_least: 4",
            "line 6, at_least: expected at most 3, the number of rules in `any_of`, found 4",
        ),
        (
            "sing/b",
            "sing/two-of-three",
            "line 5, any_of[1]: a rule cannot be made of itself",
        ),
        (
            "{level: 1}",
            "{level: 1, min: 2}",
            "line 7, levels[0].min: a rule made of other rules is true or not and has no least value; leave it out",
        ),
        (
            "[{level: 1}]",
            "[{level: 1}, {level: 2}]",
            "line 7, levels: a rule made of other rules shows one level, or without `levels` the one that enough of them reach; found 2",
        ),
        (
            "at_least: 2",
            "at_least: 2\nvalid_for: P1Y",
            "line 7, valid_for: `valid_for` does not go with `all_of` and `any_of`",
        ),
    ] {
        assert_eq!(told(&COMPOSITE.replace(right, wrong)), [expected]);
    }
}

#[test]
fn no_level_is_shown_by_fewer_than_the_count_asks_for() {
    assert_eq!(
        told(&WORKSHOPS.replace("min: 3, level", "min: 2, level")),
        ["line 15, levels[0].min: `count` expects a whole number, at least 3, found 2"]
    );
    assert_eq!(
        told(&WORKSHOPS.replace("min: 5, level", "min: 5.5, level")),
        ["line 16, levels[1].min: `count` expects a whole number, at least 3, found 5.5"]
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let wrong = QUIZ
        .replace("level: 3", "level: 1")
        .replace("valid_for: P3Y", "valid_for: PT0S")
        .replace("op: ne", "op: lt");
    assert_eq!(told(&wrong).len(), 3, "{:?}", told(&wrong));
}
