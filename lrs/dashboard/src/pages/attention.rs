//! A part of the overview: what came in, and what needs attention.

use std::cmp::Reverse;

use askama::Template;
use varde_core::Need;
use varde_core::arrivals::{SourceQuery, SourceTable, Window};
use varde_http::{ApiError, App};

use super::sources::{Row, chart, sources};
use crate::format;
use crate::visit::Visit;
use crate::words::{self, fill};

/// How many sources are shown, those that sent most.
const SOURCES_MAX: usize = 10;

#[derive(Debug, Template)]
#[template(path = "attention.html")]
struct Attention {
    words: &'static words::Attention,
    sources: &'static words::Sources,
    told: String,
    chart: String,
    rows: Vec<Row>,
    /// What somebody should look at, with where it is looked at.
    points: Vec<(String, &'static str)>,
}

/// Writes what came in during the last 30 days and what needs attention; nothing for who may not review
/// statements.
pub(super) async fn of(app: &App, visit: &Visit) -> Result<String, ApiError> {
    if visit.caller().may(Need::ReviewStatements).is_err() {
        return Ok(String::new());
    }
    let window = Window::given(None, None, app.services().clock.now());
    let window = window.ok_or(ApiError::Internal("a month has no days"))?;
    let query = SourceQuery { name: None, window };
    let table = sources(app, visit, &query).await?;
    let language = visit.language;
    let mut came: Vec<_> = table.sources.iter().collect();
    came.sort_by_key(|source| Reverse(source.totals.statements));
    let rows = came.into_iter().take(SOURCES_MAX);
    let rows: Result<_, _> = rows
        .map(|source| Row::of(source, &table, language))
        .collect();
    let words = words::Attention::of(language);
    let told = [
        format::number(table.totals.statements, language),
        format::day(table.from, language),
        format::day(table.to, language),
    ];
    let part = Attention {
        words,
        sources: words::Sources::of(language),
        told: fill(words.told, &told.each_ref().map(String::as_str)),
        chart: chart(&table.days, &table, "overview", language)?,
        rows: rows?,
        points: points(app, visit, &table).await?,
    };
    let written = part.render();
    written.map_err(|_| ApiError::Internal("a part of a page could not be written"))
}

async fn points(
    app: &App,
    visit: &Visit,
    table: &SourceTable,
) -> Result<Vec<(String, &'static str)>, ApiError> {
    let (language, words) = (visit.language, words::Attention::of(visit.language));
    let notes = &app.services().national_ids;
    let notes = notes.list(visit.caller(), None).await?;
    let with_ids = format::number(notes.statements.len(), language);
    let with_ids = match notes.next {
        Some(_) => fill(words.or_more, &[&with_ids]),
        None => with_ids,
    };
    let number = |number: u64| format::number(number, language);
    let silent = format::number(table.silent().count(), language);
    let points = [
        (words.silent, silent, "/sources"),
        (
            words.repeats,
            number(table.totals.repeats),
            "/quality/repeats",
        ),
        (words.future, number(table.totals.future), "/sources"),
        (words.national_ids, with_ids, "/quality/national-ids"),
    ];
    let points = points.into_iter().filter(|(_, count, _)| count != "0");
    Ok(points
        .map(|(sentence, count, path)| (fill(sentence, &[&count]), path))
        .collect())
}
