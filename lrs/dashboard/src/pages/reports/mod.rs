//! Reports: every period of the visitor's projects, and the pages of one.

mod acts;
mod balances;
mod check;
mod evidence;
mod figures;
mod pack;
mod report;
mod submit;
mod verify;

use askama::Template;
use axum::Router;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::civil::Date;
use varde_core::{Need, ProjectCode};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Known, Parameters};
use varde_interreg::reports::{DatedPeriod, Place};

use super::given;
use crate::export;
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Reports, fill};
use crate::work::Works;

pub(crate) use self::pack::{Found, found_in};

/// How many rows a page shows.
const PER_PAGE: usize = 50;

pub(super) fn routes() -> Router<App> {
    let one = "/reports/{project}/{period}";
    let of = |path: &str| format!("{one}/{path}");
    Router::new()
        .route("/reports", get(list))
        .route("/reports.csv", get(csv))
        .route("/reports/verify", get(verify::get).post(verify::post))
        .route(
            "/reports/{project}/evidence",
            get(evidence::get).post(evidence::add),
        )
        .route("/reports/{project}/evidence.csv", get(evidence::csv))
        .route("/reports/{project}/evidence/{sha256}", get(evidence::file))
        .route(
            "/reports/{project}/evidence/{sha256}/link",
            post(evidence::link),
        )
        .route(
            "/reports/{project}/balances",
            get(balances::get).post(balances::set),
        )
        .route("/reports/{project}/balances.csv", get(balances::csv))
        .route("/reports/{project}/balances/remove", post(balances::remove))
        .route(one, get(report::get))
        .route(&of("tables/{name}"), get(report::table))
        .route(&of("check"), get(check::get))
        .route(&of("open"), post(acts::open))
        .route(&of("submit"), post(submit::submit))
        .route(&of("return"), post(acts::give_back))
        .route(&of("accept"), post(acts::accept))
        .route(&of("comment"), post(acts::comment))
        .route(&of("line"), post(acts::add_line))
        .route(&of("line/approve"), post(acts::approve_line))
        .route(&of("line/withdraw"), post(acts::withdraw_line))
        .route(&of("pack"), post(submit::pack))
}

#[derive(Debug, Template)]
#[template(path = "reports.html")]
struct ReportsPage {
    frame: Frame,
    words: &'static Reports,
    csrf: String,
    may_manage: bool,
    projects: Vec<Project>,
    works: Vec<(String, String)>,
}

/// A project with its periods.
#[derive(Debug)]
struct Project {
    code: ProjectCode,
    rows: Vec<Row>,
}

/// A period.
#[derive(Debug)]
struct Row {
    days: String,
    path: String,
    over: &'static str,
    state: String,
    due_since: String,
    has_report: bool,
    may_be_opened: bool,
}

/// Shows every period, and what is to be done about it.
async fn list(
    State(app): State<App>,
    Extension(begun): Extension<Works>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let services = app.services();
    let periods = services.reports.calendar(visit.caller()).await;
    let periods = periods.map_err(ApiError::from)?;
    let words = Reports::of(visit.language);
    let mut projects: Vec<Project> = Vec::new();
    for period in &periods {
        if projects
            .last()
            .is_none_or(|last| last.code != period.project)
        {
            projects.push(Project {
                code: period.project.clone(),
                rows: Vec::new(),
            });
        }
        if let Some(project) = projects.last_mut() {
            project.rows.push(Row::of(period, &visit));
        }
    }
    let template = ReportsPage {
        frame: visit.frame(words.title),
        words,
        csrf: visit.csrf(),
        may_manage: visit.caller().may(Need::ManageReports).is_ok(),
        projects,
        works: crate::work::links(&begun, &visit, services.clock.now()),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

impl Row {
    fn of(period: &DatedPeriod, visit: &Visit) -> Self {
        let (words, language) = (Reports::of(visit.language), visit.language);
        let report = period.report.as_ref();
        let state = report.map_or_else(
            || words.not_opened.to_owned(),
            |report| {
                let state = words.state(report.state);
                fill(words.revision_of, &[&report.revision.to_string(), state])
            },
        );
        let due_since = period.due_since.map(|day| format::day(day, language));
        Self {
            days: days(period.after, period.period, visit),
            path: path(&Place {
                project: period.project.clone(),
                period: period.period,
            }),
            over: if period.is_over { words.yes } else { words.no },
            state,
            due_since: due_since.unwrap_or_default(),
            has_report: report.is_some(),
            may_be_opened: period.may_be_opened,
        }
    }
}

/// Returns the same as a table.
async fn csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let periods = app.services().reports.calendar(visit.caller()).await;
    let periods = periods.map_err(ApiError::from)?;
    let columns = [
        "project",
        "number",
        "after",
        "period",
        "is_over",
        "due_since",
        "revision",
        "state",
        "hash",
        "known_at",
    ];
    let rows = periods.iter().map(|one| {
        let report = one.report.as_ref();
        let text = |text: Option<String>| text.unwrap_or_default();
        let hash = report.and_then(|report| report.hash.clone());
        let known_at = report.and_then(|report| report.known_at);
        [
            one.project.to_string(),
            one.number.to_string(),
            text(one.after.map(|day| day.to_string())),
            one.period.to_string(),
            one.is_over.to_string(),
            text(one.due_since.map(|day| day.to_string())),
            text(report.map(|report| report.revision.to_string())),
            text(report.map(|report| report.state.name().to_owned())),
            text(hash.map(|hash| hash.to_string())),
            text(known_at.map(|instant| instant.to_string())),
        ]
    });
    Ok(export::csv("reports", &columns, rows)?)
}

/// Says which days a period has.
fn days(after: Option<Date>, end: Date, visit: &Visit) -> String {
    let words = Reports::of(visit.language);
    let end = format::day(end, visit.language);
    match after {
        None => fill(words.to, &[&end]),
        Some(after) => fill(
            words.from_after,
            &[&format::day(after, visit.language), &end],
        ),
    }
}

/// Returns the address of a report.
pub(crate) fn path(place: &Place) -> String {
    format!("/reports/{}/{}", place.project, place.period)
}

/// Reads which report an address names.
fn place(project: &str, period: &str) -> Result<Place, ApiError> {
    let absent = || ApiError::Absent("report");
    let period = (period.len() == 10).then(|| period.parse().ok()).flatten();
    Ok(Place {
        project: project.parse().map_err(|_| absent())?,
        period: period.ok_or_else(absent)?,
    })
}

/// Reads which project an address names.
fn project(project: &str) -> Result<ProjectCode, ApiError> {
    project.parse().map_err(|_| ApiError::Absent("project"))
}

/// Says what was done, where an address says so.
fn done(known: &Known, visit: &Visit) -> Option<&'static str> {
    Reports::of(visit.language).done(given(known, "done")?)
}
