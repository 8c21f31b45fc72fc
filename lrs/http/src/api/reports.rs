//! `reports`: what projects hand in for each of their periods.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use varde_core::ProjectCode;
use varde_core::documents::{Preconditions, Tags};
use varde_interreg::IndicatorCode;
use varde_interreg::packs::Packs;
use varde_interreg::reports::{
    DatedPeriod, Listed, NewLine, Place, ReportQuery, ReportView, Reports, amount,
};

use super::periods::project;
use super::{indicators, moment};
use crate::error::ApiError;
use crate::extract::{Authenticated, Conditions, JsonBody, Known, Parameters};
use crate::finding::Finding;
use crate::rule::ProtocolRule;

/// What `reports` knows.
pub(super) const LIST: &[&str] = &["project", "period"];
const OF_PROJECT: &[&str] = &["project"];
/// What `reports/content` knows.
pub(super) const CONTENT: &[&str] = &["project", "period", "revision", "known_at"];
/// What `reports/file` knows.
pub(super) const FILE: &[&str] = &["project", "period", "revision"];
/// What changes of a report know.
pub(super) const PLACE: &[&str] = &["project", "period"];
/// What `reports/comments` knows.
pub(super) const COMMENTS: &[&str] = &["project", "period", "code"];
/// What `reports/lines` knows.
pub(super) const LINES: &[&str] = &["project", "period", "line"];

/// The reports of projects.
#[derive(Debug, Serialize)]
pub(super) struct List {
    reports: Vec<Listed>,
}

/// Returns every revision of every report, and where it stands.
pub(super) async fn list(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<Json<List>, ApiError> {
    let known = parameters.only(OF_PROJECT)?;
    let wanted = known.read("project", project)?;
    let reports = reports.list(&caller, wanted.as_ref()).await?;
    Ok(Json(List { reports }))
}

/// The periods of projects.
#[derive(Debug, Serialize)]
pub(super) struct Periods {
    periods: Vec<DatedPeriod>,
}

/// Returns every period, and what is to be done about it.
pub(super) async fn periods(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<Json<Periods>, ApiError> {
    parameters.none()?;
    let periods = reports.calendar(&caller).await?;
    Ok(Json(Periods { periods }))
}

/// Tells what stands in the way of submitting a draft, and what its readers will ask about.
pub(super) async fn check(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let place = place(&parameters.only(PLACE)?)?;
    let check = reports.check(&caller, &place).await?;
    let edit = check.edit.to_string();
    Ok(tagged(Json(check).into_response(), &edit))
}

/// Opens the report of a period as a draft.
pub(super) async fn open(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<StatusCode, ApiError> {
    let place = place(&parameters.only(PLACE)?)?;
    reports.open(&caller, &place).await?;
    Ok(StatusCode::CREATED)
}

/// Returns a report: a draft with the figures of now, or one as it was submitted.
pub(super) async fn content(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(CONTENT)?;
    let query = query(&known, moment::known_at(&known)?)?;
    Ok(shown(&reports.show(&caller, &query).await?))
}

/// Returns `report.json` of a submitted report, byte for byte; its `ETag` is the report's hash.
pub(super) async fn file(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let query = query(&parameters.only(FILE)?, None)?;
    let (bytes, hash) = reports.file(&caller, &query).await?;
    let content_type = [(header::CONTENT_TYPE, "application/json")];
    Ok(tagged((content_type, bytes).into_response(), &hash.0))
}

/// Returns everything that is handed in with a submitted report, signed, as a ZIP archive.
pub(super) async fn pack(
    Authenticated(caller): Authenticated,
    State(packs): State<Packs>,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let query = query(&parameters.only(FILE)?, None)?;
    let pack = packs.pack(&caller, &query).await?;
    let zip = pack.zip();
    let zip = zip.map_err(|_| ApiError::Internal("the pack could not be written"))?;
    let (project, period) = (&pack.manifest.project, pack.manifest.period.end);
    let name = format!("attachment; filename=\"{project}-{period}.zip\"");
    let fixed = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, name.as_str()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((fixed, zip).into_response())
}

/// Freezes the draft of a period that is over.
pub(super) async fn submit(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    Conditions(conditions): Conditions,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let place = place(&parameters.only(PLACE)?)?;
    let edit = edit(&conditions)?;
    Ok(shown(&reports.submit(&caller, &place, edit).await?))
}

/// Why a report came back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Returned {
    reason: String,
}

/// Notes that a submitted report came back, and opens its next revision.
pub(super) async fn give_back(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
    JsonBody(returned): JsonBody<Returned>,
) -> Result<StatusCode, ApiError> {
    let place = place(&parameters.only(PLACE)?)?;
    reports.give_back(&caller, &place, &returned.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Notes that a submitted report was accepted.
pub(super) async fn accept(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<StatusCode, ApiError> {
    let place = place(&parameters.only(PLACE)?)?;
    reports.accept(&caller, &place).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the project office says of an indicator.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Comment {
    text: String,
}

/// Writes a comment into a draft; an empty one takes it back.
pub(super) async fn comment(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    Conditions(conditions): Conditions,
    parameters: Parameters,
    JsonBody(comment): JsonBody<Comment>,
) -> Result<StatusCode, ApiError> {
    let known = parameters.only(COMMENTS)?;
    let code = known.required("code", indicators::code)?;
    let (place, edit) = (place(&known)?, edit(&conditions)?);
    let said = (&code, comment.text.as_str());
    reports.comment(&caller, &place, said, edit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A manual line as it is sent; the amount is a text, so that every digit is kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    code: IndicatorCode,
    amount: String,
    reason: String,
    document: String,
}

/// The number of a line that was written.
#[derive(Debug, Serialize)]
pub(super) struct Written {
    line: u32,
}

/// Writes a manual line into a draft.
pub(super) async fn add_line(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    Conditions(conditions): Conditions,
    parameters: Parameters,
    JsonBody(line): JsonBody<Line>,
) -> Result<(StatusCode, Json<Written>), ApiError> {
    let place = place(&parameters.only(PLACE)?)?;
    let new = NewLine {
        code: line.code,
        amount: amount("amount", &line.amount)?,
        reason: line.reason,
        document: line.document,
    };
    let edit = edit(&conditions)?;
    let line = reports.add_line(&caller, &place, new, edit).await?;
    Ok((StatusCode::CREATED, Json(Written { line })))
}

/// Approves a manual line that somebody else wrote.
pub(super) async fn approve_line(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    Conditions(conditions): Conditions,
    parameters: Parameters,
) -> Result<StatusCode, ApiError> {
    let known = parameters.only(LINES)?;
    let (place, number) = (place(&known)?, known.required("line", count)?);
    let edit = edit(&conditions)?;
    reports.approve_line(&caller, &place, number, edit).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a manual line out of a draft.
pub(super) async fn withdraw_line(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    Conditions(conditions): Conditions,
    parameters: Parameters,
) -> Result<StatusCode, ApiError> {
    let known = parameters.only(LINES)?;
    let (place, number) = (place(&known)?, known.required("line", count)?);
    let edit = edit(&conditions)?;
    reports.withdraw_line(&caller, &place, number, edit).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn place(known: &Known) -> Result<Place, ApiError> {
    Ok(Place {
        project: known.required("project", project)?,
        period: known.required("period", moment::day)?,
    })
}

pub(super) fn query(
    known: &Known,
    known_at: Option<varde_xapi::Stored>,
) -> Result<ReportQuery, ApiError> {
    let Place { project, period } = place(known)?;
    Ok(ReportQuery {
        project,
        period,
        revision: known.read("revision", count)?,
        known_at,
    })
}

/// Reads a number from 1.
pub(super) fn count(name: &str, text: &str) -> Result<u32, Finding> {
    let number = text.parse().ok().filter(|number| *number > 0);
    let expected = "a whole number, 1 or more";
    number.ok_or_else(|| Finding::new(name, ProtocolRule::ReportNumber, text, expected))
}

/// Reads from `If-Match` at which edit of the report the sender last saw it.
fn edit(conditions: &Preconditions) -> Result<Option<u32>, ApiError> {
    let Some(Tags::Of(tags)) = &conditions.if_match else {
        return Ok(None);
    };
    let [tag] = tags.as_slice() else {
        let expected = "one tag, as an answer gave it";
        let rule = ProtocolRule::ReportNumber;
        return Err(Finding::new("If-Match", rule, &tags.join(", "), expected).into());
    };
    let expected = "the ETag of an answer";
    let edit = tag.parse().map(Some);
    edit.map_err(|_| Finding::new("If-Match", ProtocolRule::ReportNumber, tag, expected).into())
}

fn shown(view: &ReportView) -> Response {
    tagged(Json(view).into_response(), &view.listed.edit.to_string())
}

fn tagged(mut response: Response, tag: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

/// Reads the project that something is of.
pub(super) fn of_project(known: &Known) -> Result<ProjectCode, ApiError> {
    known.required("project", project)
}
