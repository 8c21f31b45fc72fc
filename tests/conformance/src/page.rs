//! The page that lists every requirement with the tests that hold it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::requirements::{Chapter, Requirement, Section, Versions};
use crate::sources::Tests;

const HEAD: &str = "# Conformance

Every requirement of xAPI 1.0.3 and 2.0 (IEEE 9274.1.1) on a record store, in words of our own,
with the tests that hold it. Where the texts leave room, the rule that Varde keeps stands here too.
`cargo run -p varde-conformance` writes this page from `tests/conformance/requirements`; a test
fails while it is out of date, a requirement has no test, or a test is missing. The codes in brackets
are those that an error names where the rule is broken.

";

/// Writes the page.
pub fn write(chapters: &[Chapter], tests: &Tests) -> String {
    let mut page = HEAD.to_owned();
    page.push_str(&counts(chapters));
    for chapter in chapters {
        let _ = write!(page, "\n## {}\n", chapter.title);
        for section in &chapter.section {
            page.push_str(&of_section(section, tests));
        }
    }
    page
}

fn counts(chapters: &[Chapter]) -> String {
    let head = "| Chapter | Requirements | 1.0.3 alone | 2.0 alone | Tests |\n\
                | --- | ---: | ---: | ---: | ---: |\n";
    let row = |title: &str, of: &[&Requirement]| {
        let versions = |wanted| of.iter().filter(|one| one.versions == wanted).count();
        let tests: BTreeSet<_> = of.iter().flat_map(|one| &one.tests).collect();
        let (old, new) = (versions(Versions::V1), versions(Versions::V2));
        format!(
            "| {title} | {} | {old} | {new} | {} |\n",
            of.len(),
            tests.len()
        )
    };
    let rows: String = chapters
        .iter()
        .map(|chapter| {
            let of: Vec<_> = chapter.requirements().collect();
            row(
                &format!("[{}](#{})", chapter.title, anchor(&chapter.title)),
                &of,
            )
        })
        .collect();
    let all: Vec<_> = chapters.iter().flat_map(Chapter::requirements).collect();
    format!("{head}{rows}{}", row("All", &all))
}

/// Returns what a reader of the page jumps to a heading by.
fn anchor(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-'].contains(c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn of_section(section: &Section, tests: &Tests) -> String {
    let rows: String = section
        .requirement
        .iter()
        .map(|one| of_requirement(one, tests))
        .collect();
    format!(
        "\n### {}\n\n{}\n\n| Id | Requirement | Versions | Held by |\n| --- | --- | --- | --- |\n\
         {rows}",
        section.title, section.source,
    )
}

fn of_requirement(one: &Requirement, tests: &Tests) -> String {
    let links: Vec<_> = one.tests.iter().map(|test| link(test, tests)).collect();
    let held = one.never.clone().unwrap_or_else(|| links.join("<br>"));
    let (id, text, versions) = (&one.id, one.text.replace('|', "\\|"), one.versions);
    let rules = match one.rules.as_slice() {
        [] => String::new(),
        rules => format!(" (`{}`)", rules.join("`, `")),
    };
    format!("| {id} | {text}{rules} | {versions} | {held} |\n")
}

fn link(test: &str, tests: &Tests) -> String {
    let name = test.rsplit("::").next().unwrap_or(test);
    let file = tests.get(test).map(String::as_str).unwrap_or_default();
    format!("[{}](../{file})", name.replace('_', " "))
}
