//! The demonstration's results as a page of text, 80 columns wide.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::material::AS_OF;
use super::play::Played;
use super::programme::FrontEnd;
use super::reporting::{Figures, Submitted};
use super::results::{Change, Indicator, Outcome, Results};
use crate::terminal::{Look, columns};

/// How wide the bar of progress towards a target is.
const PROGRESS_COLUMNS: u64 = 30;
/// How wide the longest bar of a table is.
/// How much of a report's hash is shown.
const HASH_CHARS: usize = 12;
/// How wide sentences are.
const SENTENCE_COLUMNS: usize = 76;
const BAR_COLUMNS: u64 = 24;

/// What IRIs and codes of the demonstration are called.
const NAMES: [(&str, &str); 11] = [
    ("NO", "Norway"),
    ("SE", "Sweden"),
    ("NO060", "Trøndelag"),
    ("SE321", "Västernorrland"),
    ("SE322", "Jämtland"),
    (
        "https://moodle.example.org/course/view.php?id=7",
        "Start a business together",
    ),
    (
        "https://cmi5.example.net/courses/across-the-border",
        "Working across the border",
    ),
    (
        "https://w3id.org/xapi/interreg/v1/entrecomp/planning-and-management",
        "Planning and management",
    ),
    (
        "https://w3id.org/xapi/interreg/v1/entrecomp/spotting-opportunities",
        "Spotting opportunities",
    ),
    (
        "https://w3id.org/xapi/interreg/v1/entrecomp/working-with-others",
        "Working with others",
    ),
    ("not-joint", "the scheme is not joint"),
];

fn name(of: &str) -> &str {
    NAMES
        .iter()
        .find(|(known, _)| *known == of)
        .map_or(of, |(_, name)| name)
}

/// Says what was played.
pub(crate) fn opening(look: Look, played: &Played, learners: usize) -> String {
    let total: usize = played.statements.values().sum();
    let each = FrontEnd::EACH.map(|front_end| {
        let sent = played.statements.get(&front_end).copied().unwrap_or(0);
        format!("{} {sent}", front_end.name())
    });
    let dot = if look.blocks { " · " } else { ", " };
    format!(
        "\n  {}\n\n  {total} statements over HTTP: {}\n  \
         {learners} learners in Trøndelag, Jämtland and Västernorrland\n  \
         2 joint schemes, 1 scheme that is not joint\n  {}\n",
        look.heading("A made-up programme, played in"),
        each.join(dot),
        look.quiet("with a second account, a repeat, a replay, two late ones and a voided one"),
    )
}

/// Lays the results out.
pub(crate) fn results(look: Look, results: &Results) -> String {
    let mut page = format!(
        "\n  {}\n",
        look.heading(&format!("Indicators as of {AS_OF}"))
    );
    for indicator in &results.indicators {
        page.push_str(&indicator_part(look, indicator));
    }
    let heading = look.heading(&format!("Competence outcomes as of {AS_OF}"));
    let _ = write!(
        page,
        "\n  {heading}\n\n{}",
        outcome_part(look, &results.outcomes)
    );
    page.push_str(&change_part(look, &results.change));
    if let Some(example) = results.outcomes.iter().max_by_key(|outcome| outcome.level) {
        page.push_str(&example_part(look, example));
    }
    page
}

fn indicator_part(look: Look, indicator: &Indicator) -> String {
    let Indicator {
        code,
        value,
        target,
        ..
    } = indicator;
    let english = |texts: &BTreeMap<String, String>| texts.get("en").cloned().unwrap_or_default();
    let mut part = format!("\n  {}  {}\n", look.heading(code), english(&indicator.name));
    let bar = look.bar(*value, *target, PROGRESS_COLUMNS, true);
    let percent = if *target == 0 {
        100
    } else {
        value * 100 / target
    };
    let unit = english(&indicator.unit);
    let _ = writeln!(part, "  {bar}  {value} of {target} {unit} ({percent} %)");
    if let Some(baseline) = &indicator.baseline {
        let _ = writeln!(
            part,
            "  {}",
            look.quiet(&format!("from a baseline of {}", baseline.value))
        );
    }
    part.push('\n');
    part.push_str(&breakdown_part(look, indicator));
    for (n, (reason, count)) in indicator.excluded.iter().enumerate() {
        let line = format!("{count} not counted: {}", name(reason));
        let _ = writeln!(
            part,
            "{}  {}",
            if n == 0 { "\n" } else { "" },
            look.quiet(&line)
        );
    }
    part
}

/// The breakdowns by country, region and scheme as one table, so that bars can be compared.
fn breakdown_part(look: Look, indicator: &Indicator) -> String {
    let mut rows = Vec::new();
    for (dimension, title) in [
        ("country", "Country"),
        ("nuts3", "NUTS 3"),
        ("scheme", "Scheme"),
    ] {
        let Some(cells) = indicator.breakdowns.get(dimension) else {
            continue;
        };
        if !rows.is_empty() {
            rows.push(vec![String::new(); 4]);
        }
        for (n, (cell, count)) in cells.iter().enumerate() {
            let title = if n == 0 { title } else { "" };
            rows.push(vec![
                title.to_owned(),
                name(cell).to_owned(),
                count.to_string(),
                look.bar(*count, indicator.value, BAR_COLUMNS, false),
            ]);
        }
    }
    columns(&rows, &[2])
}

fn outcome_part(look: Look, outcomes: &[Outcome]) -> String {
    let levels = distribution(outcomes);
    let most = levels.values().copied().max().unwrap_or(0);
    let mut rows = Vec::new();
    let mut last = "";
    for ((competence, level, level_name), count) in &levels {
        let title = if *competence == last {
            ""
        } else {
            name(competence)
        };
        last = competence;
        rows.push(vec![
            title.to_owned(),
            format!("{level} {level_name}"),
            count.to_string(),
            look.bar(*count, most, BAR_COLUMNS, false),
        ]);
    }
    columns(&rows, &[2])
}

/// Says how far those came who showed something before the course and after.
fn change_part(look: Look, change: &Change) -> String {
    let (Some(before), Some(after)) = (&change.mean_pre, &change.mean_post) else {
        return String::new();
    };
    let paired = change.paired;
    let line = format!(
        "Before and after, {paired} who took both quizzes: from level {before} to {after}",
    );
    format!("\n  {}\n", look.quiet(&line))
}

/// Returns how many learners are at which level of which competence.
pub(crate) fn distribution(outcomes: &[Outcome]) -> BTreeMap<(&str, u32, &str), u64> {
    let mut levels = BTreeMap::new();
    for outcome in outcomes {
        let level_name = outcome.level_name.as_deref().unwrap_or_default();
        *levels
            .entry((outcome.competence.as_str(), outcome.level, level_name))
            .or_insert(0) += 1;
    }
    levels
}

/// One outcome with what it rests on.
fn example_part(look: Look, outcome: &Outcome) -> String {
    let Outcome {
        person,
        level,
        comparison,
        statements,
        ..
    } = outcome;
    let statement = statements.first().map_or("", String::as_str);
    let text = format!(
        "For example {person}: level {level} in {},\n  as {comparison}, by statement {statement}",
        name(&outcome.competence).to_lowercase(),
    );
    let lines: Vec<_> = text.lines().map(|line| look.quiet(line.trim())).collect();
    format!("\n  {}\n", lines.join("\n  "))
}

/// Lays two reports side by side, with what the second corrects.
pub(crate) fn reports(look: Look, reports: &[Submitted; 2]) -> String {
    let header = [
        "Period to",
        "",
        "Before",
        "New",
        "Corrected",
        "Total",
        "Hash",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    let mut corrections = String::new();
    for submitted in reports {
        let hash: String = submitted.hash.chars().take(HASH_CHARS).collect();
        let (mut period, mut hash) = (submitted.period.clone(), format!("{hash}…"));
        for indicator in &submitted.report.indicators {
            let Some(figures) = &indicator.figures else {
                continue;
            };
            let (period, hash) = (std::mem::take(&mut period), std::mem::take(&mut hash));
            let Figures {
                previous,
                new,
                correction,
                total,
            } = figures.clone();
            rows.push(vec![
                period,
                indicator.code.clone(),
                previous,
                new,
                correction,
                total,
                hash,
            ]);
            for correction in &indicator.corrections {
                let line = format!(
                    "{} {}: {}",
                    indicator.code, correction.amount, correction.sentence
                );
                for line in wrapped(&line, SENTENCE_COLUMNS) {
                    let _ = writeln!(corrections, "  {}", look.quiet(&line));
                }
            }
        }
    }
    let heading = look.heading("Two reports: one from an opening balance, one with a correction");
    format!(
        "\n  {heading}\n\n{}\n{corrections}",
        columns(&rows, &[2, 3, 4, 5])
    )
}

/// Breaks a text into lines of at most so many columns, between words.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines.last().is_some_and(|line| {
            !line.is_empty() && columns < line.chars().count() + 1 + word.chars().count()
        });
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Says how to see the same in the running server.
pub(crate) fn closing(look: Look, base: &str, key: &str, account: (&str, &str)) -> String {
    let mut page = format!("\n  {}\n", look.heading("Look for yourself"));
    let (name, password) = account;
    let _ = write!(
        page,
        "\n  In a browser: {base}/sign-in\n  name {name}, password {password}\n",
    );
    for (what, path) in [
        (
            "the indicators, each value with its keys and statement ids",
            "indicators",
        ),
        (
            "the outcomes, each with its rule and statement ids",
            "outcomes",
        ),
    ] {
        let _ = write!(
            page,
            "\n  {}\n  curl -su {key} \\\n    '{base}/api/v1/{path}?as_of={AS_OF}'\n",
            look.quiet(what),
        );
    }
    let _ = writeln!(
        page,
        "\n  {}",
        look.quiet("Ctrl-C ends it; the temporary folder goes with it.")
    );
    page
}
