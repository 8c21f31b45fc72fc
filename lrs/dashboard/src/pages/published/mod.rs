//! What was published: tables that everybody may read, and whether they are what they were.

mod publish;
mod tables;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use varde_core::{Need, ProjectCode};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Parameters};
use varde_interreg::publication::{NumberChange, Release, table};

use self::tables::{OfIndicator, cell_name};
use super::given;
use crate::export;
use crate::format;
use crate::visit::{Frame, Visit, page};
use crate::words::{Published, Reports, fill};

/// The least number that is told to everybody.
const LEAST: &str = "5";
/// How many releases a page shows.
const PER_PAGE: usize = 10;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/published", get(show))
        .route(
            "/published/{project}/new",
            get(publish::choose).post(publish::publish),
        )
        .route("/published/{project}/{number}", get(check))
        .route("/published/{project}/{number}/numbers.csv", get(csv))
        .route("/published/{project}/{number}/release.json", get(json))
}

#[derive(Debug, Template)]
#[template(path = "published.html")]
struct PublishedPage {
    frame: Frame,
    words: &'static Published,
    lead: String,
    verify_other: &'static str,
    done: bool,
    /// Each project, and whether it is the one that is shown.
    projects: Vec<(String, bool)>,
    project: String,
    may_publish: bool,
    releases: Vec<Shown>,
    next: Option<String>,
}

/// A release.
#[derive(Debug)]
struct Shown {
    number: u32,
    title: String,
    published: String,
    facts: Vec<(&'static str, String)>,
    tables: Vec<OfIndicator>,
}

async fn show(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["project", "done", "from"])?;
    visit
        .caller()
        .may(Need::ReadReleases)
        .map_err(ApiError::from)?;
    let words = Published::of(visit.language);
    let caller = visit.caller();
    let chosen = match given(&known, "project") {
        Some(text) => Some(project(text)?),
        None => caller.projects.first().cloned(),
    };
    let from = super::from(&known)?;
    let mut releases = match &chosen {
        Some(project) => app.services().publication.releases(caller, project).await,
        None => Ok(Vec::new()),
    }
    .map_err(ApiError::from)?;
    releases.reverse();
    let count = releases.len();
    let page_of: Vec<_> = releases.iter().skip(from).take(PER_PAGE).collect();
    let end = from.saturating_add(page_of.len());
    let code = chosen.as_ref().map(ToString::to_string).unwrap_or_default();
    let template = PublishedPage {
        frame: visit.frame(words.title),
        words,
        lead: fill(words.lead, &[LEAST]),
        verify_other: Reports::of(visit.language).verify_other,
        done: given(&known, "done").is_some(),
        projects: caller
            .projects
            .iter()
            .map(|one| (one.to_string(), chosen.as_ref() == Some(one)))
            .collect(),
        may_publish: caller.may(Need::ManageReports).is_ok(),
        releases: page_of
            .into_iter()
            .map(|one| Shown::of(one, &visit))
            .collect(),
        next: (end < count).then(|| format!("/published?project={code}&from={end}")),
        project: code,
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

impl Shown {
    fn of(release: &Release, visit: &Visit) -> Self {
        let (words, language) = (Published::of(visit.language), visit.language);
        let day = format::day(release.period, language);
        let published = format::instant(release.published, language);
        Self {
            number: release.number,
            title: fill(words.release, &[&release.number.to_string(), &day]),
            published: fill(words.made, &[&published]),
            facts: vec![
                (words.known_at, format::instant(release.known_at, language)),
                (words.rule_set, release.rule_set.clone()),
                (words.rule_set_hash, release.rule_set_hash.clone()),
                (words.zone, release.zone.clone()),
                (words.threshold, release.threshold.to_string()),
                (words.snapshot, release.snapshot.to_string()),
            ],
            tables: OfIndicator::each(release, visit),
        }
    }
}

#[derive(Debug, Template)]
#[template(path = "release.html")]
struct CheckPage {
    frame: Frame,
    words: &'static Published,
    path: String,
    back: String,
    hash: String,
    snapshot: String,
    report_is_intact: bool,
    follows_from_report: bool,
    changes: Vec<[String; 5]>,
}

/// Checks a release, and tells what changed since the one before.
async fn check(
    State(app): State<App>,
    visit: Visit,
    Path((code, number)): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let (project, number) = (project(&code)?, self::number(&number)?);
    let publication = &app.services().publication;
    let check = publication.check(visit.caller(), &project, number).await;
    let check = check.map_err(ApiError::from)?;
    let words = Published::of(visit.language);
    let template = CheckPage {
        frame: visit.frame(fill(words.check_title, &[&number.to_string()])),
        words,
        path: format!("/published/{project}/{number}"),
        back: format!("/published?project={project}"),
        hash: check.hash.to_string(),
        snapshot: check.snapshot.to_string(),
        report_is_intact: check.report_is_intact,
        follows_from_report: check.follows_from_report,
        changes: check
            .changes
            .iter()
            .map(|one| change(one, &visit))
            .collect(),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

fn change(change: &NumberChange, visit: &Visit) -> [String; 5] {
    let (words, language) = (Published::of(visit.language), visit.language);
    let number = |number: Option<u64>| {
        number.map_or_else(
            || words.held_back.to_owned(),
            |number| format::number(number, language),
        )
    };
    let group = match (change.dimension, &change.cell) {
        (Some(dimension), Some(cell)) => cell_name(dimension, cell, language),
        _ => words.all.to_owned(),
    };
    [
        change.code.to_string(),
        group,
        number(change.before),
        number(change.now),
        change
            .difference
            .map_or_else(String::new, |by| format::number(by, language)),
    ]
}

/// Returns a release of a project by its number.
async fn one(app: &App, visit: &Visit, (code, number): (&str, &str)) -> Result<Release, ApiError> {
    let (project, number) = (project(code)?, self::number(number)?);
    let releases = app
        .services()
        .publication
        .releases(visit.caller(), &project)
        .await?;
    let found = releases.into_iter().find(|one| one.number == number);
    found.ok_or(ApiError::Absent("release"))
}

async fn csv(
    State(app): State<App>,
    visit: Visit,
    Path((code, number)): Path<(String, String)>,
) -> Result<Response, NotShown> {
    let release = one(&app, &visit, (&code, &number)).await?;
    let mut bytes = Vec::new();
    let written = table(&release, &mut bytes);
    written.map_err(|_| ApiError::Internal("a table could not be written"))?;
    let name = format!("{}-release-{}.csv", release.project, release.number);
    Ok(export::attached("text/csv; charset=utf-8", &name, bytes))
}

async fn json(
    State(app): State<App>,
    visit: Visit,
    Path((code, number)): Path<(String, String)>,
) -> Result<Response, NotShown> {
    let release = one(&app, &visit, (&code, &number)).await?;
    let (bytes, _) = release.canonical()?;
    let name = format!("{}-release-{}.json", release.project, release.number);
    Ok(export::attached("application/json", &name, bytes))
}

fn project(code: &str) -> Result<ProjectCode, ApiError> {
    code.parse().map_err(|_| ApiError::Absent("project"))
}

fn number(text: &str) -> Result<u32, ApiError> {
    text.parse().map_err(|_| ApiError::Absent("release"))
}
