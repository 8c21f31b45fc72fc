//! The list of requirements has no hole, and the page shows it.

use std::collections::BTreeSet;
use std::fs;

use varde_conformance::requirements::{Chapter, Requirement, read};
use varde_conformance::{PAGE, page, root, sources};
use varde_xapi::Rule;

fn chapters() -> Vec<Chapter> {
    read(&root().join("tests/conformance/requirements")).expect("the files can be read")
}

/// Returns the id of each requirement for which `wrong` has something to say, with that.
fn faults(wrong: impl Fn(&Requirement) -> Vec<String>) -> Vec<String> {
    let chapters = chapters();
    let each = chapters.iter().flat_map(Chapter::requirements);
    each.flat_map(|one| {
        wrong(one)
            .into_iter()
            .map(|fault| format!("{}: {fault}", one.id))
    })
    .collect()
}

#[test]
fn each_requirement_names_a_test_or_says_why_the_case_never_arises() {
    let holes = faults(|one| match (one.tests.is_empty(), &one.never) {
        (true, None) => vec!["no test holds it".to_owned()],
        (false, Some(_)) => vec!["it has tests and `never`".to_owned()],
        _ => vec![],
    });
    assert!(holes.is_empty(), "{}", holes.join("\n"));
}

#[test]
fn each_test_that_is_named_is_there() {
    let tests = sources::tests(&root()).unwrap();
    let missing = |one: &Requirement| {
        let absent = one.tests.iter().filter(|test| !tests.contains_key(*test));
        absent
            .map(|test| format!("there is no test {test}"))
            .collect()
    };
    let missing = faults(missing);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn each_rule_of_statements_is_required_somewhere() {
    let chapters = chapters();
    let each = chapters.iter().flat_map(Chapter::requirements);
    let named: BTreeSet<_> = each
        .flat_map(|one| &one.rules)
        .map(String::as_str)
        .collect();
    let known: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(named, known);
}

#[test]
fn no_id_is_given_twice() {
    let chapters = chapters();
    let mut seen = BTreeSet::new();
    for one in chapters.iter().flat_map(Chapter::requirements) {
        assert!(seen.insert(&one.id), "{} is given twice", one.id);
        let plain = one
            .id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        assert!(plain, "{} has other characters than a-z, 0-9 and -", one.id);
    }
}

#[test]
fn the_page_is_up_to_date() {
    let written = page::write(&chapters(), &sources::tests(&root()).unwrap());
    let committed = fs::read_to_string(root().join(PAGE)).unwrap_or_default();
    let difference = written
        .lines()
        .zip(committed.lines())
        .find(|(new, old)| new != old);
    assert!(
        written == committed,
        "{PAGE} is out of date; write it anew with: cargo run -p varde-conformance\n{difference:#?}"
    );
}
