//! Sources: the keys that statements come by, and what came in.

mod one;
mod shown;
mod test_statement;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::Date;
use varde_core::Need;
use varde_core::arrivals::{SourceQuery, SourceTable, Window};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, Parameters, ProtocolRule};

pub(super) use self::shown::{Row, chart};
use super::given;
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{self, fill};

const KNOWN: &[&str] = &["from", "to", "row"];
const EXPORTED: &[&str] = &["name", "from", "to"];
/// How many sources a page shows.
const PER_PAGE: usize = 50;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sources", get(list))
        .route("/sources.csv", get(by_source))
        .route("/source-days.csv", get(by_day))
        .route("/sources/{key}", get(one::get))
        .route("/test-statements", post(test_statement::send))
        .route("/test-statements/{id}", get(test_statement::get))
}

#[derive(Debug, Template)]
#[template(path = "sources/list.html")]
struct SourcesPage {
    frame: Frame,
    words: &'static words::Sources,
    from: String,
    to: String,
    told: String,
    chart: String,
    rows: Vec<Row>,
    next: Option<String>,
    /// The proof of the form that sends a test statement, for who may.
    csrf: Option<String>,
}

async fn list(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let query = query(&app, &known)?;
    let row = row(&known)?;
    let table = sources(&app, &visit, &query).await?;
    let words = words::Sources::of(visit.language);
    let (from, to) = (table.from.to_string(), table.to.to_string());
    let end = row.saturating_add(PER_PAGE);
    let rows = table.sources.iter().skip(row).take(PER_PAGE);
    let rows: Result<_, _> = rows
        .map(|source| Row::of(source, &table, visit.language))
        .collect();
    let template = SourcesPage {
        frame: visit.frame(words.title),
        words,
        told: told(&table, &visit),
        chart: chart(&table.days, &table, "all", visit.language)?,
        rows: rows?,
        next: (end < table.sources.len())
            .then(|| format!("/sources?from={from}&to={to}&row={end}")),
        csrf: csrf(&visit),
        from,
        to,
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Asks for the sources that the visitor sees.
pub(super) async fn sources(
    app: &App,
    visit: &Visit,
    query: &SourceQuery,
) -> Result<SourceTable, ApiError> {
    let sources = &app.services().sources;
    Ok(sources.list(visit.caller(), query).await?)
}

/// Says what is told, of which days, and how far it is counted.
fn told(table: &SourceTable, visit: &Visit) -> String {
    let (language, words) = (visit.language, words::Sources::of(visit.language));
    let through = table.complete_through.map_or_else(
        || words.nothing_counted.to_owned(),
        |through| format::instant(through, language),
    );
    let values = [
        format::number(table.totals.statements, language),
        format::day(table.from, language),
        format::day(table.to, language),
        through,
    ];
    fill(words.told, &values.each_ref().map(String::as_str))
}

/// Returns the proof that a form of the visitor brings, where they may send a test statement.
fn csrf(visit: &Visit) -> Option<String> {
    let needs = [Need::ReviewStatements, Need::WriteStatements];
    let may = needs.iter().all(|need| visit.caller().may(*need).is_ok());
    may.then(|| visit.visitor.0.csrf.clone())
}

fn query(app: &App, known: &Known) -> Result<SourceQuery, ApiError> {
    let (from, to) = (day(known, "from")?, day(known, "to")?);
    let window = Window::given(from, to, app.services().clock.now());
    let fault = || {
        let found = ["from", "to"].map(|name| given(known, name).unwrap_or("–"));
        let expected = "a first day that is not behind the last one, and 366 days at most";
        Finding::new("from", ProtocolRule::Window, &found.join(", "), expected)
    };
    Ok(SourceQuery {
        name: given(known, "name").map(str::to_owned),
        window: window.ok_or_else(fault)?,
    })
}

fn day(known: &Known, name: &str) -> Result<Option<Date>, Finding> {
    let Some(text) = given(known, name) else {
        return Ok(None);
    };
    let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
    let fault = || Finding::new(name, ProtocolRule::Day, text, "a day such as 2026-11-23");
    day.ok_or_else(fault).map(Some)
}

/// Reads how many sources come before the page.
fn row(known: &Known) -> Result<usize, Finding> {
    given(known, "row").map_or(Ok(0), |text| {
        let expected = "the number of sources before the page";
        text.parse()
            .map_err(|_| Finding::new("row", ProtocolRule::PageCursor, text, expected))
    })
}

async fn by_source(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let table = sources(&app, &visit, &query(&app, &parameters.only(EXPORTED)?)?).await?;
    csv("sources", &table, |to| table.write_csv(to))
}

async fn by_day(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let table = sources(&app, &visit, &query(&app, &parameters.only(EXPORTED)?)?).await?;
    csv("source-days", &table, |to| table.write_days_csv(to))
}

fn csv<E>(
    name: &str,
    table: &SourceTable,
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<Response, NotShown> {
    let mut bytes = Vec::new();
    write(&mut bytes).map_err(|_| ApiError::Internal("a table could not be written"))?;
    let named = format!(
        "attachment; filename=\"{name}-{}-{}.csv\"",
        table.from, table.to
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_DISPOSITION, named.as_str()),
    ];
    Ok((headers, bytes).into_response())
}
