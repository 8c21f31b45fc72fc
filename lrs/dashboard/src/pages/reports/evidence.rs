//! The files that prove what the reports of a project say.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use varde_core::Need;
use varde_http::pages::{NotShown, SentFile, SentForm};
use varde_http::{ApiError, App, Parameters};
use varde_interreg::reports::{EXHIBITS_MAX, Exhibit, Link, NewEvidence};

use super::{PER_PAGE, done, place, project};
use crate::export;
use crate::format;
use crate::pages::given;
use crate::visit::{Frame, Visit, page, see};
use crate::words::{Proofs, Reports, fill};

const KNOWN: &[&str] = &["after", "done"];

#[derive(Debug, Template)]
#[template(path = "evidence.html")]
struct EvidencePage {
    frame: Frame,
    words: &'static Proofs,
    csrf: String,
    back: &'static str,
    path: String,
    done: Option<&'static str>,
    rows: Vec<Row>,
    next: Option<String>,
    may_manage: bool,
    /// The reports that files can be linked to: the last day of each and its words.
    reports: Vec<(String, String)>,
}

/// A file.
#[derive(Debug)]
struct Row {
    sha256: String,
    title: String,
    media_type: String,
    bytes: String,
    added: String,
    links: Vec<String>,
    link: String,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path(code): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let code = project(&code)?;
    let reports = &app.services().reports;
    let after = given(&known, "after");
    let files = reports
        .evidence(visit.caller(), &code, (after, PER_PAGE))
        .await;
    let files = files.map_err(ApiError::from)?;
    let all = reports.list(visit.caller(), Some(&code)).await;
    let mut ends: Vec<_> = all
        .map_err(ApiError::from)?
        .iter()
        .map(|one| one.period)
        .collect();
    ends.dedup();
    let words = Proofs::of(visit.language);
    let to = Reports::of(visit.language).to;
    let path = format!("/reports/{code}/evidence");
    let template = EvidencePage {
        frame: visit.frame(fill(words.evidence_title, &[code.as_str()])),
        words,
        csrf: visit.csrf(),
        back: Reports::of(visit.language).back_to_list,
        done: done(&known, &visit),
        rows: files.items.iter().map(|one| Row::of(one, &visit)).collect(),
        next: files.next.map(|after| format!("{path}?after={after}")),
        path,
        may_manage: visit.caller().may(Need::ManageReports).is_ok(),
        reports: ends
            .iter()
            .map(|end| {
                (
                    end.to_string(),
                    fill(to, &[&format::day(*end, visit.language)]),
                )
            })
            .collect(),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
}

impl Row {
    fn of(exhibit: &Exhibit, visit: &Visit) -> Self {
        let words = Proofs::of(visit.language);
        Self {
            sha256: exhibit.sha256.clone(),
            title: exhibit.title.clone(),
            media_type: exhibit.media_type.clone(),
            bytes: format::number(exhibit.bytes, visit.language),
            added: format::instant(exhibit.added, visit.language),
            links: exhibit.links.iter().map(|link| told(link, visit)).collect(),
            link: fill(words.link_one, &[&exhibit.title]),
        }
    }
}

/// Says what a file proves.
fn told(proved: &Link, visit: &Visit) -> String {
    let words = Reports::of(visit.language);
    let end = proved
        .period
        .map(|day| fill(words.to, &[&format::day(day, visit.language)]));
    let code = proved.code.as_ref().map(ToString::to_string);
    let key = proved.key.as_ref().map(ToString::to_string);
    let line = proved
        .line
        .map(|line| format!("{} {line}", words.line.to_lowercase()));
    let parts: Vec<_> = [end, code, key, line].into_iter().flatten().collect();
    parts.join(", ")
}

/// Returns the same as a table.
pub(super) async fn csv(
    State(app): State<App>,
    visit: Visit,
    Path(code): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    parameters.none()?;
    let code = project(&code)?;
    let reports = &app.services().reports;
    let (mut all, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = (after.as_deref(), EXHIBITS_MAX);
        let page = reports.evidence(visit.caller(), &code, page).await;
        let page = page.map_err(ApiError::from)?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let columns = ["sha256", "title", "media_type", "bytes", "added", "links"];
    let rows = all.iter().map(|one| {
        let links: Vec<_> = one.links.iter().map(|link| told(link, &visit)).collect();
        [
            one.sha256.clone(),
            one.title.clone(),
            one.media_type.clone(),
            one.bytes.to_string(),
            one.added.to_string(),
            links.join("; "),
        ]
    });
    Ok(export::csv(&format!("evidence-{code}"), &columns, rows)?)
}

/// Gives a file back. A browser is told to save it and not to open it.
pub(super) async fn file(
    State(app): State<App>,
    visit: Visit,
    Path((code, sha256)): Path<(String, String)>,
) -> Result<Response, NotShown> {
    let code = project(&code)?;
    let reports = &app.services().reports;
    let found = reports.evidence_file(visit.caller(), &code, &sha256).await;
    let (exhibit, bytes) = found.map_err(ApiError::from)?;
    let mut response = export::attached("application/octet-stream", &sha256, bytes);
    if let Ok(media_type) = HeaderValue::from_str(&exhibit.media_type) {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
    }
    Ok(response)
}

/// Keeps a file.
pub(super) async fn add(
    State(app): State<App>,
    Path(code): Path<String>,
    sent: SentFile,
) -> Result<Response, ApiError> {
    let code = project(&code)?;
    let new = NewEvidence {
        project: code.clone(),
        title: sent.fields.get("title").to_owned(),
        media_type: sent.file.media_type,
        bytes: sent.file.bytes,
    };
    let reports = &app.services().reports;
    reports.add_evidence(&sent.signed_in.caller, new).await?;
    Ok(see(&format!("/reports/{code}/evidence?done=evidence")))
}

/// Says that a file proves something of a report.
pub(super) async fn link(
    State(app): State<App>,
    Path((code, sha256)): Path<(String, String)>,
    sent: SentForm,
) -> Result<Response, ApiError> {
    let place = place(&code, sent.fields.get("period"))?;
    let link = Link {
        period: Some(place.period),
        ..Link::default()
    };
    let (reports, caller) = (&app.services().reports, &sent.signed_in.caller);
    let of = (&place.project, sha256.as_str());
    reports.link_evidence(caller, of, link).await?;
    Ok(see(&format!("/reports/{code}/evidence?done=linked")))
}
