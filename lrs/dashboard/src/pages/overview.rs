//! The overview: what projects have reached of their targets.

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use varde_core::Need;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};
use varde_interreg::{IndicatorQuery, IndicatorReport, IndicatorTable, export};

use super::{Progress, as_of, indicator_path, reached};
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Overview, fill};

const KNOWN: &[&str] = &["as_of"];

#[derive(Debug, Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    frame: Frame,
    words: &'static Overview,
    as_of: String,
    tables: Vec<Table>,
}

/// The indicators of a project.
#[derive(Debug)]
struct Table {
    project: String,
    /// Of which set, as of when, as known when.
    told: String,
    rows: Vec<Row>,
}

/// An indicator.
#[derive(Debug)]
struct Row {
    code: String,
    name: String,
    path: String,
    progress: Progress,
    target: String,
    left_out: String,
}

/// Shows what the visitor's projects have reached; whoever reads no results is shown the account.
pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    if visit.caller().may(Need::ReadResults).is_err() {
        let home = match visit.caller().may(Need::ReadReleases) {
            Ok(()) => "/published",
            Err(_) => "/account",
        };
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, home)]).into_response());
    }
    let query = query(&app, &visit, parameters)?;
    let report = reached(&app, &visit, &query).await?;
    let words = Overview::of(visit.language);
    let template = OverviewPage {
        frame: visit.frame(words.title),
        words,
        as_of: query.as_of.to_string(),
        tables: report
            .tables
            .iter()
            .map(|table| of_project(table, &visit))
            .collect(),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

fn query(app: &App, visit: &Visit, parameters: Parameters) -> Result<IndicatorQuery, ApiError> {
    let known = parameters.only(KNOWN)?;
    Ok(IndicatorQuery {
        project: None,
        code: None,
        as_of: as_of(&known, &*app.services().clock, visit.language)?,
        known_at: None,
    })
}

fn of_project(table: &IndicatorTable, visit: &Visit) -> Table {
    let (language, words) = (visit.language, Overview::of(visit.language));
    let rows = table.indicators.iter().map(|one| {
        let progress = Progress::of(one, language);
        Row {
            code: one.code.to_string(),
            name: language.of(&one.name).to_owned(),
            path: indicator_path(&table.project, &one.code, table.as_of),
            target: fill(words.target, &[&progress.target]),
            left_out: format::number(one.exclusions.len(), language),
            progress,
        }
    });
    let told = [
        table.definition.clone(),
        format::day(table.as_of, language),
        format::instant(table.complete_through, language),
    ];
    Table {
        project: table.project.to_string(),
        told: fill(words.told, &told.each_ref().map(String::as_str)),
        rows: rows.collect(),
    }
}

/// Returns the same as a table: a line for each indicator.
pub(super) async fn indicators(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let report = reached(&app, &visit, &query(&app, &visit, parameters)?).await?;
    csv("indicators", &report, |report, to| {
        export::indicators(report, to)
    })
}

/// Returns a line for each key that is counted.
pub(super) async fn keys(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let report = reached(&app, &visit, &query(&app, &visit, parameters)?).await?;
    csv("keys", &report, |report, to| export::keys(report, to))
}

fn csv(
    name: &str,
    report: &IndicatorReport,
    write: impl FnOnce(&IndicatorReport, &mut Vec<u8>) -> std::io::Result<()>,
) -> Result<Response, NotShown> {
    let mut bytes = Vec::new();
    write(report, &mut bytes).map_err(|_| ApiError::Internal("a table could not be written"))?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}-{}.csv\"", report.as_of),
        ),
    ];
    Ok((headers, bytes).into_response())
}
