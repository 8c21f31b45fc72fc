//! Files as people write them, right and wrong.

use proptest::prelude::*;
use varde_schemas::{Kind, Place, read};

const RULE: &str = "\
rule: sing/quiz            # a comment
version: 1
competence: https://example.org/fw/entrecomp/1/planning-management
basis: assessed
phase: post
match:
  class: [scored, passed]
  where:
    - {path: result.completion, op: ne, value: false}
measure: score
levels:
  - {min: 0, level: 1}
  - {min: 0.60, level: 3, name: Experiment}
";

fn faults(text: &str) -> Vec<String> {
    match read(text) {
        Ok(document) => panic!("read as {}", document.value),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_rule_is_read_with_its_kind_id_and_version() {
    let document = read(RULE).unwrap();
    assert_eq!(document.kind, Kind::EvidenceRule);
    assert_eq!((document.id.as_str(), document.version), ("sing/quiz", 1));
}

#[test]
fn yaml_and_json_give_the_same_value() {
    let document = read(RULE).unwrap();
    let json = serde_json::to_string_pretty(&document.value).unwrap();
    assert_eq!(read(&json).unwrap().value, document.value);
}

#[test]
fn a_number_keeps_its_text() {
    let document = read(RULE).unwrap();
    assert_eq!(document.value["levels"][0]["min"], 0);
    assert_eq!(document.value["levels"][1]["min"], "0.60");
    let long = RULE.replace("0.60", "0.600000000000000001");
    assert_eq!(
        read(&long).unwrap().value["levels"][1]["min"],
        "0.600000000000000001"
    );
    let whole = RULE.replace("level: 3,", "level: 3.0,");
    assert_eq!(read(&whole).unwrap().value["levels"][1]["level"], 3);
}

#[test]
fn a_place_is_found_again_by_its_path() {
    let document = read(RULE).unwrap();
    for (path, line, column) in [
        ("$", 1, 1),
        ("match.class", 7, 3),
        ("match.class[1]", 7, 19),
        ("levels[1].min", 13, 6),
        ("levels[1].max", 13, 5),
        ("lev", 1, 1),
    ] {
        assert_eq!(document.place(path), Place { line, column }, "{path}");
    }
}

#[test]
fn a_wrong_file_is_refused_with_the_place_and_a_sentence() {
    let cases = [
        ("", "line 1, column 1, $: the file is empty"),
        (
            "a: 1",
            "line 1, column 1, $: expected one of the keys `rule`, `indicator-set`, `CFDocument`, `project`, which tells the kind",
        ),
        (
            "- rule",
            "line 1, column 1, $: expected one of the keys `rule`, `indicator-set`, `CFDocument`, `project`, which tells the kind",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(faults(text), [expected], "{text}");
    }
}

/// What stands in the rule, what stands there instead, and what is told of it.
const SLIPS: &[(&str, &str, &str)] = &[
    (
        "measure: score\n",
        "",
        "line 1, column 1, $: the key `measure` is missing",
    ),
    (
        "match:\n  class: [scored, passed]\n  where:\n    - {path: result.completion, op: ne, value: false}\n",
        "match: {}\n",
        "line 6, column 8, match: expected an object of conditions, found 0 keys with values",
    ),
    (
        "op: ne",
        "op: like",
        "line 9, column 37, match.where[0].op: expected one of eq, ne, lt, lte, gt, gte, in, exists, found the text \"like\"",
    ),
    (
        "version: 1",
        "version: 1\nversion: 2",
        "line 3, column 1, version: the key `version` stands here twice",
    ),
    (
        "version: 1\n",
        "",
        "line 1, column 1, $: the key `version` is missing",
    ),
    (
        "version: 1",
        "version: 0",
        "line 2, column 10, version: expected a whole number from 1, found the number 0",
    ),
    (
        "version: 1",
        "version: 1.5",
        "line 2, column 10, version: expected a whole number from 1, found the number 1.5",
    ),
    (
        "version: 1",
        "version: 1e0",
        "line 2, column 10, version: write the number 1e0 without an exponent",
    ),
    (
        "measure: score",
        "mesure: score",
        "line 10, column 1, mesure: unknown key `mesure`; did you mean `measure`?",
    ),
    (
        "measure: score",
        "measure: scor",
        "line 10, column 10, measure: expected one of score, success, completion, count, duration, level (`score`?), found the text \"scor\"",
    ),
    (
        "phase: post",
        "phas: post",
        "line 5, column 1, phas: unknown key `phas`; did you mean `phase`?",
    ),
    (
        "class: [scored, passed]",
        "class: [scored, past]",
        "line 7, column 19, match.class[1]: expected one of registered, left, started, completed, undone, satisfied, passed, failed, scored, attended, credential, found the text \"past\"",
    ),
    (
        "class: [scored, passed]",
        "class: [scored, scored]",
        "line 7, column 3, match.class: an item stands here twice",
    ),
    (
        "class: [scored, passed]",
        "class: scored",
        "line 7, column 10, match.class: expected a list of verb classes, found the text \"scored\"",
    ),
    (
        "min: 0.60",
        "min: about 0.6",
        "line 13, column 11, levels[1].min: expected a decimal number such as 0.6, or a duration such as PT2H, found the text \"about 0.6\"",
    ),
    (
        "min: 0.60",
        "min:",
        "line 13, column 9, levels[1].min: expected a decimal number such as 0.6, or a duration such as PT2H, found nothing",
    ),
    (
        "level: 3",
        "level: high",
        "line 13, column 24, levels[1].level: expected a whole number from 1 to 100, found the text \"high\"",
    ),
    (
        "competence: https:",
        "competence: ",
        "line 3, column 13, competence: expected an absolute IRI such as https://example.org/course/1, found the text \"//example.org/fw/entrecomp/1/planning-management\"",
    ),
    (
        "basis: assessed",
        "basis: &b assessed",
        "line 4, column 11, basis: anchors and aliases are not read; write the value out",
    ),
    (
        "basis: assessed",
        "basis: !!str assessed",
        "line 4, column 14, basis: tags are not read; write the value without",
    ),
    (
        "basis: assessed\n",
        "basis: assessed\n---\n",
        "line 6, column 1, $: expected one document, found a second one",
    ),
];

#[test]
fn one_change_to_a_right_rule_gives_one_sentence() {
    for (right, wrong, expected) in SLIPS.iter().copied() {
        assert!(RULE.contains(right), "{right}");
        let told = faults(&RULE.replacen(right, wrong, 1));
        assert!(
            told.iter().any(|fault| *fault == expected),
            "{wrong}:\n{}",
            told.join("\n")
        );
    }
}

#[test]
fn a_slip_in_json_is_placed_too() {
    let json = "{\"rule\": \"r\",\n \"version\": 1,\n \"basis\": \"asessed\",\n \"competence\": \"https://example.org/c\",\n \"match\": {\"verb\": [\"https://example.org/v\"]},\n \"measure\": \"success\",\n \"levels\": [{\"level\": 1}]}";
    assert_eq!(
        faults(json),
        [
            "line 3, column 11, basis: expected one of assessed, observed, self (`assessed`?), found the text \"asessed\""
        ]
    );
    assert_eq!(
        read(&json.replace("asessed", "self")).unwrap().kind,
        Kind::EvidenceRule
    );
    let cut = faults(&json.replace(']', ""));
    assert!(
        cut.iter()
            .all(|fault| fault.contains("neither YAML nor JSON")),
        "{cut:?}"
    );
}

#[test]
fn nesting_and_size_are_bounded() {
    let deep = format!("rule: {}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(faults(&deep).len(), 1);
    let large = format!("rule: {}", "a".repeat(2_000_000));
    assert_eq!(
        faults(&large),
        ["line 1, column 1, $: expected at most 1048576 bytes (1 MiB), found 2000006"]
    );
    let many: Vec<_> = (0..2_000).map(|n| format!("k{n}: 1")).collect();
    let many = format!("rule: r\n{}", many.join("\n"));
    assert_eq!(faults(&many).len(), 100);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(cut in 0..RULE.len(), put in "\\PC{0,12}", drop in 0_usize..12) {
        let (before, after) = RULE.split_at(cut);
        let after: String = after.chars().skip(drop).collect();
        if let Err(faults) = read(&format!("{before}{put}{after}")) {
            prop_assert!(!faults.is_empty());
            prop_assert!(faults.iter().all(|fault| fault.line >= 1 && fault.column >= 1));
        }
    }
}
