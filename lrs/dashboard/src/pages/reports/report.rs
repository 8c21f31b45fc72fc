//! One report: a draft with the figures of now, or one as it was submitted.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::Need;
use varde_http::pages::NotShown;
use varde_http::{ApiError, App, Finding, Known, Parameters, ProtocolRule};
use varde_interreg::pack::{self, Voice, shown};
use varde_interreg::reports::{
    Exhibit, Listed, ManualLine, Place, ReportKey, ReportQuery, ReportView, State as Stands,
};

use super::figures::Figure;
use super::{PER_PAGE, days, done, path, place};
use crate::export;
use crate::format;
use crate::pages::{from, given};
use crate::visit::{Frame, Visit, page};
use crate::words::{Reports, fill};

const KNOWN: &[&str] = &["revision", "from", "done"];
/// How many evidence files are there to choose from.
const DOCUMENTS: usize = 500;

#[derive(Debug, Template)]
#[template(path = "report.html")]
struct ReportPage {
    frame: Frame,
    words: &'static Reports,
    done: Option<&'static str>,
    csrf: String,
    path: String,
    project: String,
    edit: u32,
    revision: u32,
    state: &'static str,
    told: String,
    /// The other revisions: the words of each and its address.
    revisions: Vec<(String, String)>,
    facts: Vec<(&'static str, String)>,
    deeds: Vec<(&'static str, String)>,
    figures: Vec<Figure>,
    corrections: Vec<CorrectionRow>,
    corrections_count: String,
    next: Option<String>,
    lines: Vec<LineRow>,
    /// Of each indicator its code, the labels of its comment and of its button, and the comment.
    comments: Vec<(String, String, String, String)>,
    left_out: Vec<(String, String, String)>,
    evidence: Vec<(String, String)>,
    /// What can be named as a document: the hash and the title.
    documents: Vec<(String, String)>,
    /// Whether the visitor may change it now.
    may_change: bool,
    may_decide: bool,
    is_draft: bool,
    /// The ending of addresses of tables: which revision.
    of_revision: String,
}

/// A correction.
#[derive(Debug)]
struct CorrectionRow {
    code: String,
    key: String,
    amount: String,
    cause: String,
    statements: Vec<(String, Option<String>)>,
}

/// A manual line.
#[derive(Debug)]
struct LineRow {
    number: u32,
    code: String,
    amount: String,
    reason: String,
    document: (String, String),
    approved: Option<String>,
    may_approve: bool,
    approve: String,
    withdraw: String,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path((project, period)): Path<(String, String)>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(KNOWN)?;
    let place = place(&project, &period)?;
    let reports = &app.services().reports;
    let query = query(&place, &known)?;
    let view = reports.show(visit.caller(), &query).await;
    let view = view.map_err(ApiError::from)?;
    let all = reports.list(visit.caller(), Some(&place.project)).await;
    let all = all.map_err(ApiError::from)?;
    let may_manage = visit.caller().may(Need::ManageReports).is_ok();
    let may_change = may_manage && view.listed.state == Stands::Draft;
    let documents = if may_change {
        let page = (None, DOCUMENTS);
        let files = reports.evidence(visit.caller(), &place.project, page).await;
        files.map_err(ApiError::from)?.items
    } else {
        Vec::new()
    };
    let from = from(&known)?;
    let template = of(
        &visit,
        &view,
        (&all, &documents),
        (from, done(&known, &visit)),
    );
    Ok(page(StatusCode::OK, visit.language, &template))
}

/// Returns one of the tables as CSV.
pub(super) async fn table(
    State(app): State<App>,
    visit: Visit,
    Path((project, period, name)): Path<(String, String, String)>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["revision"])?;
    let place = place(&project, &period)?;
    let query = query(&place, &known)?;
    let view = app.services().reports.show(visit.caller(), &query).await;
    let view = view.map_err(ApiError::from)?;
    let name = name.strip_suffix(".csv").unwrap_or_default();
    let hash = view.listed.hash.as_ref();
    let written = pack::table(&view.report, hash, name, visit.language);
    let written = written.map_err(|_| ApiError::Internal("a table could not be written"))?;
    let bytes = written.ok_or(ApiError::Absent("table"))?;
    let name = format!("{}-{}-{name}", place.project, place.period);
    Ok(export::attached(
        "text/csv; charset=utf-8",
        &format!("{name}.csv"),
        bytes,
    ))
}

fn query(place: &Place, known: &Known) -> Result<ReportQuery, ApiError> {
    let revision = given(known, "revision").map(|text| {
        let number = text.parse().ok().filter(|number| *number > 0);
        let expected = "a whole number, 1 or more";
        number.ok_or_else(|| Finding::new("revision", ProtocolRule::ReportNumber, text, expected))
    });
    Ok(ReportQuery {
        project: place.project.clone(),
        period: place.period,
        revision: revision.transpose()?,
        known_at: None,
    })
}

fn of(
    visit: &Visit,
    view: &ReportView,
    (all, documents): (&[Listed], &[Exhibit]),
    (from, done): (usize, Option<&'static str>),
) -> ReportPage {
    let (words, language) = (Reports::of(visit.language), visit.language);
    let (listed, body) = (&view.listed, &view.report);
    let here = path(&place_of(listed));
    let may_manage = visit.caller().may(Need::ManageReports).is_ok();
    let is_draft = listed.state == Stands::Draft;
    let until = format::instant(view.complete_through, language);
    let as_known = if is_draft {
        words.as_now
    } else {
        words.as_frozen
    };
    let corrections = corrections(visit, view);
    let shown: Vec<_> = corrections.into_iter().skip(from).take(PER_PAGE).collect();
    let count: usize = body
        .indicators
        .iter()
        .map(|one| one.corrections.len())
        .sum();
    let end = from.saturating_add(shown.len());
    let of_revision = format!("?revision={}", listed.revision);
    let revisions = all.iter().filter(|one| one.period == listed.period);
    let others = revisions.filter(|one| one.revision != listed.revision);
    let others = others.map(|one| {
        let said = [one.revision.to_string(), words.state(one.state).to_owned()];
        let said = fill(words.revision_of, &said.each_ref().map(String::as_str));
        (said, format!("{here}?revision={}", one.revision))
    });
    let number = listed.number.to_string();
    ReportPage {
        frame: visit.frame(fill(words.report, &[&number, listed.project.as_str()])),
        words,
        done,
        csrf: visit.csrf(),
        project: listed.project.to_string(),
        edit: listed.edit,
        revision: listed.revision,
        state: words.state(listed.state),
        told: fill(as_known, &[&until]),
        revisions: others.collect(),
        facts: facts(visit, view),
        deeds: deeds(visit, listed),
        figures: Figure::each(body, language),
        corrections_count: fill(
            words.shown_of,
            &[
                &format::number(shown.len(), language),
                &format::number(count, language),
            ],
        ),
        next: (end < count).then(|| format!("{here}{of_revision}&from={end}")),
        corrections: shown,
        lines: body
            .lines
            .iter()
            .map(|line| of_line(visit, view, line))
            .collect(),
        comments: comments(visit, view),
        left_out: left_out(visit, view),
        evidence: titles(&body.evidence),
        documents: titles(documents),
        may_change: may_manage && is_draft,
        may_decide: may_manage && listed.state == Stands::Submitted,
        is_draft,
        of_revision,
        path: here,
    }
}

fn place_of(listed: &Listed) -> Place {
    Place {
        project: listed.project.clone(),
        period: listed.period,
    }
}

fn titles(exhibits: &[Exhibit]) -> Vec<(String, String)> {
    let exhibits = exhibits.iter();
    exhibits
        .map(|one| (one.sha256.clone(), one.title.clone()))
        .collect()
}

fn facts(visit: &Visit, view: &ReportView) -> Vec<(&'static str, String)> {
    let words = Reports::of(visit.language);
    let (listed, body) = (&view.listed, &view.report);
    let previous = body.previous.as_ref().map(|before| {
        let day = format::day(before.period, visit.language);
        format!("{} ({})", fill(words.to, &[&day]), before.hash)
    });
    let mut facts = vec![
        (words.period, days(listed.after, listed.period, visit)),
        (words.revision, listed.revision.to_string()),
        (words.rule_set, body.definition.clone()),
        (words.zone, body.zone.clone()),
        (
            words.previous_report,
            previous.unwrap_or_else(|| words.nothing_before.to_owned()),
        ),
    ];
    if let Some(hash) = &listed.hash {
        facts.push((words.hash, hash.to_string()));
    }
    facts
}

fn deeds(visit: &Visit, listed: &Listed) -> Vec<(&'static str, String)> {
    let words = Reports::of(visit.language);
    let deeds = listed.deeds.iter().map(|deed| {
        let at = format::instant(deed.at, visit.language);
        let by = if deed.by == visit.caller().key {
            words.you.to_owned()
        } else {
            deed.by.to_string()
        };
        let mut said = format!("{at}, {}", fill(words.by, &[&by]));
        if let Some(reason) = &deed.reason {
            said.push_str(": ");
            said.push_str(reason);
        }
        (words.deed(deed.what), said)
    });
    deeds.collect()
}

/// Names a key; a person as they are shown now.
fn named(key: &ReportKey, view: &ReportView) -> String {
    let person = key.person.as_ref();
    let person = person.map(|id| view.persons.get(id).unwrap_or(id));
    let parts = [key.unit.as_ref(), person, key.organisation.as_ref()];
    let parts: Vec<_> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(" | ")
}

fn corrections(visit: &Visit, view: &ReportView) -> Vec<CorrectionRow> {
    let voice = Voice::In(visit.language);
    let opens = visit.caller().may(Need::ReadStatements).is_ok();
    let each = view.report.indicators.iter().flat_map(|one| {
        one.corrections.iter().map(|correction| CorrectionRow {
            code: one.code.to_string(),
            key: named(&correction.key, view),
            amount: format::number(shown(correction.amount), visit.language),
            cause: voice.cause(&correction.cause),
            statements: correction
                .statements
                .iter()
                .map(|id| {
                    let id = id.to_string();
                    let path = opens.then(|| format!("/statements/{id}"));
                    (id, path)
                })
                .collect(),
        })
    });
    each.collect()
}

fn of_line(visit: &Visit, view: &ReportView, line: &ManualLine) -> LineRow {
    let words = Reports::of(visit.language);
    let title = view.report.evidence.iter();
    let title = title.clone().find(|one| one.sha256 == line.document);
    let title = title.map_or_else(|| line.document.clone(), |one| one.title.clone());
    let number = line.number.to_string();
    let may_manage = visit.caller().may(Need::ManageReports).is_ok();
    let is_draft = view.listed.state == Stands::Draft;
    LineRow {
        number: line.number,
        code: line.code.to_string(),
        amount: format::number(shown(line.amount), visit.language),
        reason: line.reason.clone(),
        document: (line.document.clone(), title),
        approved: line.approved.map(|at| format::instant(at, visit.language)),
        may_approve: may_manage
            && is_draft
            && line.approver.is_none()
            && line.author != visit.caller().key,
        approve: fill(words.approve, &[&number]),
        withdraw: fill(words.withdraw, &[&number]),
    }
}

fn comments(visit: &Visit, view: &ReportView) -> Vec<(String, String, String, String)> {
    let words = Reports::of(visit.language);
    let each = view.report.indicators.iter().map(|one| {
        let code = one.code.to_string();
        let label = fill(words.comment_on, &[&code]);
        let save = fill(words.save_comment, &[&code]);
        (code, label, save, one.comment.clone().unwrap_or_default())
    });
    each.collect()
}

/// Returns of each indicator and reason how many were left out.
fn left_out(visit: &Visit, view: &ReportView) -> Vec<(String, String, String)> {
    let voice = Voice::In(visit.language);
    let each = view.report.indicators.iter().flat_map(|one| {
        one.excluded.iter().map(|(reason, count)| {
            let count = format::number(count, visit.language);
            (one.code.to_string(), voice.reason(reason), count)
        })
    });
    each.collect()
}
