//! Data quality: who is not in the register, what is unknown, which statements to look at, and what came late.

mod lists;
mod reports;
mod unresolved;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use varde_core::Need;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Known, Parameters};
use varde_interreg::pack::Voice;
use varde_interreg::{
    Amount, IndicatorQuery, IndicatorReport, IndicatorTable, IndicatorValue, Measure, UNKNOWN,
};

use super::{as_of, indicator_path, reached};
use crate::export;
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Quality, fill};

const KNOWN: &[&str] = &["as_of"];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/quality", get(show))
        .route("/quality/unresolved.csv", get(unresolved_csv))
        .route("/quality/coverage.csv", get(coverage_csv))
        .route("/quality/unresolved/{project}/{code}", get(unresolved::get))
        .route(
            "/quality/unresolved/{project}/{code}/keys.csv",
            get(unresolved::csv),
        )
        .route("/quality/uncounted", get(lists::uncounted))
        .route("/quality/uncounted.csv", get(lists::uncounted_csv))
        .route("/quality/repeats", get(lists::repeats))
        .route("/quality/repeats.csv", get(lists::repeats_csv))
        .route("/quality/national-ids", get(lists::national_ids))
        .route("/quality/national-ids.csv", get(lists::national_ids_csv))
        .route("/quality/reports.csv", get(reports::csv))
        .route("/quality/reports/{project}/{period}", get(reports::get))
        .route(
            "/quality/reports/{project}/{period}/corrections.csv",
            get(reports::corrections_csv),
        )
}

#[derive(Debug, Template)]
#[template(path = "quality/overview.html")]
struct QualityPage {
    frame: Frame,
    words: &'static Quality,
    as_of: String,
    /// Of each project: of which set, as of when, as known when.
    told: Vec<String>,
    unresolved: Vec<Unresolved>,
    coverage: Vec<Coverage>,
    lists: Vec<List>,
    reports: Vec<reports::Row>,
    /// Whether the visitor may read reports.
    has_reports: bool,
}

/// How many keys of an indicator have no person in the register.
#[derive(Debug)]
struct Unresolved {
    label: String,
    project: String,
    code: String,
    path: String,
    of_n: String,
    missing: u64,
    keys: usize,
    share: String,
    length: u32,
}

/// How much of an indicator has no value in a breakdown.
#[derive(Debug)]
struct Coverage {
    label: String,
    path: String,
    project: String,
    code: String,
    dimension: String,
    named: String,
    unknown: Amount,
    all: Amount,
    of_n: String,
    share: String,
    length: u32,
}

/// A list of statements to look at.
#[derive(Debug)]
struct List {
    title: &'static str,
    why: &'static str,
    path: &'static str,
    /// How many there are, or what to do to see.
    link: String,
}

/// Whoever reviews no statements sees nothing of data quality.
fn allowed(visit: &Visit) -> Result<(), ApiError> {
    Ok(visit.caller().may(Need::ReviewStatements)?)
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    allowed(&visit)?;
    let known = parameters.only(KNOWN)?;
    let report = figures(&app, &visit, &known).await?;
    let has_reports = visit.caller().may(Need::ReadReports).is_ok();
    let template = QualityPage {
        frame: visit.frame(Quality::of(visit.language).title),
        words: Quality::of(visit.language),
        as_of: report.as_of.to_string(),
        told: report.tables.iter().map(|one| told(one, &visit)).collect(),
        unresolved: unresolved_of(&report, &visit),
        coverage: coverage_of(&report, &visit),
        lists: lists::all(&app, &visit).await?,
        reports: if has_reports {
            reports::all(&app, &visit).await?
        } else {
            Vec::new()
        },
        has_reports,
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Asks what projects have reached, which says what is unknown of it.
async fn figures(app: &App, visit: &Visit, known: &Known) -> Result<IndicatorReport, NotShown> {
    let query = IndicatorQuery {
        project: None,
        code: None,
        as_of: as_of(known, &*app.services().clock, visit.language)?,
        known_at: None,
    };
    reached(app, visit, &query).await
}

fn told(table: &IndicatorTable, visit: &Visit) -> String {
    let language = visit.language;
    let told = [
        table.definition.clone(),
        format::day(table.as_of, language),
        format::instant(table.complete_through, language),
    ];
    fill(
        Quality::of(language).told,
        &told.each_ref().map(String::as_str),
    )
}

fn label(value: &IndicatorValue, visit: &Visit) -> String {
    format!("{} {}", value.code, visit.language.of(&value.name))
}

fn unresolved_of(report: &IndicatorReport, visit: &Visit) -> Vec<Unresolved> {
    let mut all = Vec::new();
    for table in &report.tables {
        for value in table.indicators.iter().filter(|one| one.unresolved > 0) {
            let keys = value.keys.len();
            let n = Amount::from(u64::try_from(keys).unwrap_or(u64::MAX));
            let share = Amount::from(value.unresolved).percent_of(n);
            let share = share.unwrap_or_default();
            let number =
                |number: &dyn ToString| format::number(number.to_string().as_str(), visit.language);
            all.push(Unresolved {
                label: label(value, visit),
                project: table.project.to_string(),
                code: value.code.to_string(),
                path: format!(
                    "/quality/unresolved/{}/{}?as_of={}",
                    table.project, value.code, table.as_of
                ),
                of_n: fill(
                    Quality::of(visit.language).of_n,
                    &[&number(&value.unresolved), &number(&keys)],
                ),
                missing: value.unresolved,
                keys,
                share: format::percent(share, visit.language),
                length: share.min(100),
            });
        }
    }
    all
}

fn coverage_of(report: &IndicatorReport, visit: &Visit) -> Vec<Coverage> {
    let mut all = Vec::new();
    for table in &report.tables {
        // The parts of a share and of a distribution do not add up to it.
        for value in &table.indicators {
            let adds_up = matches!(value.measure, Measure::Count | Measure::Sum);
            for (dimension, cells) in &value.breakdowns {
                if adds_up && !cells.is_empty() {
                    all.push(covered(
                        (table, value),
                        dimension,
                        cells.get(UNKNOWN),
                        visit,
                    ));
                }
            }
        }
    }
    // What is known least comes first.
    all.sort_by_key(|one| std::cmp::Reverse(one.length));
    all
}

fn covered(
    (table, value): (&IndicatorTable, &IndicatorValue),
    dimension: &str,
    unknown: Option<&Amount>,
    visit: &Visit,
) -> Coverage {
    let language = visit.language;
    let unknown = unknown.copied().unwrap_or(Amount::ZERO);
    let share = unknown.percent_of(value.value).unwrap_or_default();
    let number = |amount: Amount| format::number(amount, language);
    Coverage {
        label: label(value, visit),
        path: indicator_path(&table.project, &value.code, table.as_of),
        project: table.project.to_string(),
        code: value.code.to_string(),
        dimension: dimension.to_owned(),
        named: Voice::In(language).dimension(dimension),
        unknown,
        all: value.value,
        of_n: fill(
            Quality::of(language).of_n,
            &[&number(unknown), &number(value.value)],
        ),
        share: format::percent(share, language),
        length: share.min(100),
    }
}

async fn unresolved_csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    allowed(&visit)?;
    let report = figures(&app, &visit, &parameters.only(KNOWN)?).await?;
    let head = ["project", "code", "without_person", "keys", "as_of"];
    let mut rows = Vec::new();
    for one in unresolved_of(&report, &visit) {
        rows.push([
            one.project,
            one.code,
            one.missing.to_string(),
            one.keys.to_string(),
            report.as_of.to_string(),
        ]);
    }
    Ok(export::csv(
        &format!("unresolved-{}", report.as_of),
        &head,
        rows.into_iter(),
    )?)
}

async fn coverage_csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    allowed(&visit)?;
    let report = figures(&app, &visit, &parameters.only(KNOWN)?).await?;
    let head = ["project", "code", "dimension", "unknown", "value", "as_of"];
    let mut rows = Vec::new();
    for one in coverage_of(&report, &visit) {
        rows.push([
            one.project,
            one.code,
            one.dimension,
            one.unknown.to_string(),
            one.all.to_string(),
            report.as_of.to_string(),
        ]);
    }
    Ok(export::csv(
        &format!("coverage-{}", report.as_of),
        &head,
        rows.into_iter(),
    )?)
}
