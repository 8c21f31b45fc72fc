//! Sources as pages show them: a row, a chart, and how long something is.

use std::collections::BTreeMap;

use askama::Template;
use jiff::ToSpan as _;
use jiff::civil::Date;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use varde_core::arrivals::{Source, SourceDay, SourceTable};
use varde_http::ApiError;
use varde_interreg::pack::Language;
use varde_xapi::Stored;

use crate::charts::{About, Column, Columns, Spark};
use crate::format;
use crate::words::{Account, Sources, fill};

/// What is not written as it is in a path: all but the unreserved characters of RFC 3986 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A source in a few words.
#[derive(Debug)]
pub(in crate::pages) struct Row {
    pub(in crate::pages) name: String,
    pub(in crate::pages) path: String,
    /// Its space, and who is behind it.
    pub(in crate::pages) told: String,
    pub(in crate::pages) statements: String,
    pub(in crate::pages) spark: String,
    pub(in crate::pages) per_day: String,
    pub(in crate::pages) usual_gap: String,
    pub(in crate::pages) last_seen: String,
    pub(in crate::pages) look_at: Vec<String>,
}

impl Row {
    pub(in crate::pages) fn of(
        source: &Source,
        table: &SourceTable,
        language: Language,
    ) -> Result<Self, ApiError> {
        let words = Sources::of(language);
        let number = |number: u64| format::number(number, language);
        let gap = source.rhythm.usual_gap_days;
        let counts: Vec<u64> = each_day(&source.days, table)
            .map(|(_, count)| count)
            .collect();
        let spark = Spark::new(says(&source.days, table, language), &counts);
        Ok(Self {
            name: source.name.clone(),
            path: path(source, table),
            told: format!("{} · {}", source.space, behind(source, language)),
            statements: number(source.totals.statements),
            spark: drawn(&spark)?,
            per_day: format::number(source.rhythm.per_day, language),
            usual_gap: gap.map_or_else(String::new, |gap| number(gap.into())),
            last_seen: instant(last_seen(source), language),
            look_at: look_at(source, words, language),
        })
    }
}

/// Returns the address of a source's page.
fn path(source: &Source, table: &SourceTable) -> String {
    let name = encoded(&source.name);
    format!("/sources/{name}?from={}&to={}", table.from, table.to)
}

pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Says who is behind a key.
pub(super) fn behind(source: &Source, language: Language) -> &'static str {
    source.role.map_or(Sources::of(language).machine, |role| {
        Account::of(language).role(role)
    })
}

/// Returns when it was last heard of: by a request, or by a statement of it.
fn last_seen(source: &Source) -> Option<Stored> {
    source.last_use.max(source.last_statement)
}

pub(super) fn instant(instant: Option<Stored>, language: Language) -> String {
    instant.map_or_else(
        || Sources::of(language).never.to_owned(),
        |instant| format::instant(instant, language),
    )
}

/// Says that a source is silent, if it is.
pub(super) fn silence(source: &Source, language: Language) -> Option<String> {
    let words = Sources::of(language);
    if let Some(since) = source.silent_since {
        let since = format::instant(since, language);
        return Some(fill(words.silent_since, &[&since]));
    }
    let rhythm = &source.rhythm;
    rhythm.overdue.then(|| {
        let days = [rhythm.gap_days, rhythm.longest_gap_days];
        let days = days.map(|days| format::number(days.unwrap_or_default(), language));
        fill(words.overdue, &days.each_ref().map(String::as_str))
    })
}

fn look_at(source: &Source, words: &Sources, language: Language) -> Vec<String> {
    let totals = &source.totals;
    let uses = source.tolerances.values().sum();
    let counts = [
        (words.repeats, totals.repeats),
        (words.future, totals.future),
        (words.late, totals.late),
        (words.let_off, uses),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let counts = counts.map(|(what, count)| format!("{what}: {}", format::number(count, language)));
    silence(source, language)
        .into_iter()
        .chain(counts)
        .collect()
}

/// Returns every day of the window with how many statements came.
fn each_day(days: &[SourceDay], table: &SourceTable) -> impl Iterator<Item = (Date, u64)> {
    let counts: BTreeMap<Date, u64> = days
        .iter()
        .map(|day| (day.day, day.counts.statements))
        .collect();
    let all = table.from.series(1.day());
    let to = table.to;
    all.take_while(move |day| *day <= to)
        .map(move |day| (day, counts.get(&day).copied().unwrap_or_default()))
}

/// Says what a chart of days shows.
fn says(days: &[SourceDay], table: &SourceTable, language: Language) -> String {
    let number = |number: usize| format::number(number, language);
    let most = days.iter().map(|day| day.counts.statements).max();
    let all = each_day(days, table).count();
    let values = [
        number(days.len()),
        number(all),
        format::number(most.unwrap_or_default(), language),
    ];
    let words = Sources::of(language);
    fill(words.chart_says, &values.each_ref().map(String::as_str))
}

/// Draws how many statements came on each day of the window.
pub(in crate::pages) fn chart(
    days: &[SourceDay],
    table: &SourceTable,
    id: &str,
    language: Language,
) -> Result<String, ApiError> {
    let words = Sources::of(language);
    let number = |number: u64| format::number(number, language);
    let sum = days.iter().map(|day| day.counts.statements).sum();
    let titled = [
        format::day(table.from, language),
        format::day(table.to, language),
        number(sum),
    ];
    let rows = each_day(days, table)
        .filter(|(_, count)| *count > 0)
        .map(|(day, count)| vec![format::day(day, language), number(count)]);
    let about = About {
        id: format!("days-{id}"),
        title: fill(words.chart, &titled.each_ref().map(String::as_str)),
        description: says(days, table, language),
        as_table: words.as_table,
        columns: vec![words.day.to_owned(), words.statements.to_owned()],
        rows: rows.collect(),
    };
    let columns: Vec<Column> = each_day(days, table)
        .map(|(day, count)| Column {
            when: without_year(day, language),
            count,
        })
        .collect();
    drawn(&Columns::new(about, &columns, number))
}

/// Returns a day as it stands beneath an axis whose chart says which years it is of.
fn without_year(day: Date, language: Language) -> String {
    let whole = format::day(day, language);
    let year = format!(" {}", day.year());
    whole.strip_suffix(&year).unwrap_or(&whole).to_owned()
}

fn drawn(chart: &impl Template) -> Result<String, ApiError> {
    let drawn = chart.render();
    drawn.map_err(|_| ApiError::Internal("a chart could not be drawn"))
}

/// Says how long something is, in the largest unit of which there are two or more.
pub(super) fn span(seconds: u64, language: Language) -> String {
    let words = Sources::of(language);
    let (count, unit) = match seconds {
        0..7_200 => (seconds / 60, words.minutes),
        7_200..172_800 => (seconds / 3_600, words.hours),
        _ => (seconds / 86_400, words.days),
    };
    format!("{}\u{a0}{unit}", format::number(count, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_the_largest_unit_that_is_plural() {
        for (seconds, said) in [
            (301, "5\u{a0}min"),
            (7_199, "119\u{a0}min"),
            (7_200, "2\u{a0}hours"),
            (172_800, "2\u{a0}days"),
            (40_000 * 86_400, "40,000\u{a0}days"),
        ] {
            assert_eq!(span(seconds, Language::En), said);
        }
    }
}
