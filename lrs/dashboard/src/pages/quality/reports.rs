//! What became known after it was reported: the periods with their reports, and why keys count otherwise.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use varde_core::{Need, ProjectCode};
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Parameters, ProtocolRule};
use varde_interreg::pack::{Language, Voice};
use varde_interreg::reports::{Correction, Listed, ReportQuery, ReportView, State as Stands};

use super::allowed;
use crate::export;
use crate::format;
use crate::pages::given;
use crate::visit::{Frame, Visit, page};
use crate::words::{Quality, fill};

const PER_PAGE: usize = 50;

/// A report of a period.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) project: String,
    pub(super) period: String,
    pub(super) path: String,
    pub(super) revision: String,
    pub(super) state: &'static str,
    pub(super) frozen: String,
}

#[derive(Debug, Template)]
#[template(path = "quality/corrections.html")]
struct CorrectionsPage {
    frame: Frame,
    words: &'static Quality,
    told: String,
    /// How many keys were corrected, by cause.
    causes: Vec<(String, String)>,
    shown: String,
    rows: Vec<Corrected>,
    next: Option<String>,
    table: String,
}

/// A key that counts otherwise than it was reported.
#[derive(Debug)]
struct Corrected {
    code: String,
    key: String,
    amount: String,
    cause: String,
    statements: Vec<(String, Option<String>)>,
}

async fn listed(app: &App, visit: &Visit) -> Result<Vec<Listed>, ApiError> {
    let reports = app.services().reports.list(visit.caller(), None).await?;
    // Of each period the last revision is the one that stands.
    let mut last: BTreeMap<(ProjectCode, Date), Listed> = BTreeMap::new();
    for report in reports {
        last.insert((report.project.clone(), report.period), report);
    }
    Ok(last.into_values().rev().collect())
}

/// Returns the last report of each period, the latest first.
pub(super) async fn all(app: &App, visit: &Visit) -> Result<Vec<Row>, ApiError> {
    let listed = listed(app, visit).await?;
    Ok(listed.iter().map(|one| Row::of(one, visit)).collect())
}

impl Row {
    fn of(one: &Listed, visit: &Visit) -> Self {
        let language = visit.language;
        let frozen = one.known_at;
        Self {
            project: one.project.to_string(),
            period: format::day(one.period, language),
            path: format!("/quality/reports/{}/{}", one.project, one.period),
            revision: format::number(one.revision, language),
            state: state(one.state, Quality::of(language)),
            frozen: frozen.map_or_else(String::new, |at| format::instant(at, language)),
        }
    }
}

fn state(state: Stands, words: &Quality) -> &'static str {
    match state {
        Stands::Draft => words.draft,
        Stands::Submitted => words.submitted,
        Stands::Returned => words.returned,
        Stands::Accepted => words.accepted,
    }
}

pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    allowed(&visit)?;
    let may = visit.caller().may(Need::ReadReports);
    may.map_err(ApiError::from)?;
    let head = ["project", "period", "revision", "state", "known_at"];
    let mut rows = Vec::new();
    for one in listed(&app, &visit).await? {
        rows.push([
            one.project.to_string(),
            one.period.to_string(),
            one.revision.to_string(),
            one.state.name().to_owned(),
            one.known_at.map_or_else(String::new, |at| at.to_string()),
        ]);
    }
    Ok(export::csv("reports", &head, rows.into_iter())?)
}

async fn shown(
    app: &App,
    visit: &Visit,
    (project, period): &(String, String),
) -> Result<ReportView, ApiError> {
    allowed(visit)?;
    let absent = || ApiError::Absent("report");
    let query = ReportQuery {
        project: project.parse().map_err(|_| absent())?,
        period: period.parse().map_err(|_| absent())?,
        revision: None,
        known_at: None,
    };
    Ok(app.services().reports.show(visit.caller(), &query).await?)
}

/// Returns each correction with its indicator.
fn corrections(view: &ReportView) -> impl Iterator<Item = (String, &Correction)> {
    let indicators = view.report.indicators.iter();
    indicators.flat_map(|one| {
        let corrections = one.corrections.iter();
        corrections.map(|correction| (one.code.to_string(), correction))
    })
}

/// Names a correction's key; persons as they are shown now.
fn key(correction: &Correction, view: &ReportView) -> String {
    let key = &correction.key;
    let person = key.person.as_ref();
    let person = person.map(|id| view.persons.get(id).unwrap_or(id));
    let parts = [key.unit.as_ref(), key.organisation.as_ref(), person];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(" · ")
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path(place): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["from"])?;
    let from = given(&known, "from").map_or(Ok(0), |text| {
        let expected = "the number of corrections before the page";
        text.parse()
            .map_err(|_| Finding::new("from", ProtocolRule::PageCursor, text, expected))
    });
    let from: usize = from.map_err(ApiError::from)?;
    let view = shown(&app, &visit, &place).await?;
    Ok(page(
        StatusCode::OK,
        visit.language,
        &of(&visit, &view, from),
    ))
}

fn of(visit: &Visit, view: &ReportView, from: usize) -> CorrectionsPage {
    let (language, words) = (visit.language, Quality::of(visit.language));
    let mut causes: BTreeMap<String, usize> = BTreeMap::new();
    for (_, correction) in corrections(view) {
        let cause = Voice::In(language).cause(&correction.cause);
        *causes.entry(cause).or_default() += 1;
    }
    let number = |number: usize| format::number(number, language);
    let all = corrections(view).count();
    let rows = corrections(view).skip(from).take(PER_PAGE);
    let rows: Vec<_> = rows
        .map(|(code, one)| Corrected::of(code, one, view, visit))
        .collect();
    let end = from.saturating_add(rows.len());
    let listed = &view.listed;
    let path = format!("/quality/reports/{}/{}", listed.project, listed.period);
    let title = [
        listed.project.to_string(),
        format::day(listed.period, language),
    ];
    CorrectionsPage {
        frame: visit.frame(fill(
            words.corrections,
            &title.each_ref().map(String::as_str),
        )),
        words,
        told: fill(
            words.corrections_told,
            &[&format::instant(view.complete_through, language)],
        ),
        causes: causes
            .into_iter()
            .map(|(cause, count)| (cause, number(count)))
            .collect(),
        shown: fill(words.shown, &[&number(rows.len()), &number(all)]),
        rows,
        next: (end < all).then(|| format!("{path}?from={end}")),
        table: format!("{path}/corrections.csv"),
    }
}

impl Corrected {
    fn of(code: String, one: &Correction, view: &ReportView, visit: &Visit) -> Self {
        let opens = visit.caller().may(Need::ReadStatements).is_ok();
        let statements = one.statements.iter().map(|id| {
            let id = id.to_string();
            let path = opens.then(|| format!("/statements/{id}"));
            (id, path)
        });
        Self {
            code,
            key: key(one, view),
            amount: format::number(one.amount, visit.language),
            cause: Voice::In(visit.language).cause(&one.cause),
            statements: statements.collect(),
        }
    }
}

pub(super) async fn corrections_csv(
    State(app): State<App>,
    visit: Visit,
    Path(place): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let view = shown(&app, &visit, &place).await?;
    let head = [
        "project",
        "period",
        "code",
        "key",
        "amount",
        "cause",
        "statements",
    ];
    let mut rows = Vec::new();
    for (code, one) in corrections(&view) {
        let ids = one.statements.iter().map(ToString::to_string);
        rows.push([
            view.listed.project.to_string(),
            view.listed.period.to_string(),
            code,
            key(one, &view),
            one.amount.to_string(),
            Voice::In(Language::En).cause(&one.cause),
            ids.collect::<Vec<_>>().join(" "),
        ]);
    }
    Ok(export::csv("corrections", &head, rows.into_iter())?)
}
