//! What a project had reported before its first report here.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use varde_core::Need;
use varde_http::pages::{NotShown, SentForm};
use varde_http::{ApiError, App, Finding, Parameters, ProtocolRule};
use varde_interreg::pack::shown;
use varde_interreg::reports::{EXHIBITS_MAX, OpeningBalance, amount};

use super::acts::code;
use super::{done, project};
use crate::export;
use crate::format;
use crate::visit::{Frame, Visit, page, see};
use crate::words::{Proofs, Reports, fill};

#[derive(Debug, Template)]
#[template(path = "balances.html")]
struct BalancesPage {
    frame: Frame,
    words: &'static Proofs,
    csrf: String,
    back: &'static str,
    path: String,
    done: Option<&'static str>,
    rows: Vec<Row>,
    may_manage: bool,
    documents: Vec<(String, String)>,
}

/// The balance of an indicator.
#[derive(Debug)]
struct Row {
    code: String,
    value: String,
    as_of: String,
    source: String,
    document: Option<String>,
    keys: String,
    remove: String,
}

pub(super) async fn get(
    State(app): State<App>,
    visit: Visit,
    Path(code): Path<String>,
    parameters: Parameters,
) -> Result<Response, NotShown> {
    let known = parameters.only(&["done"])?;
    let code = project(&code)?;
    let reports = &app.services().reports;
    let openings = reports.openings(visit.caller(), &code).await;
    let openings = openings.map_err(ApiError::from)?;
    let files = reports
        .evidence(visit.caller(), &code, (None, EXHIBITS_MAX))
        .await;
    let files = files.map_err(ApiError::from)?.items;
    let (words, language) = (Proofs::of(visit.language), visit.language);
    let rows = openings.iter().map(|(indicator, opening)| Row {
        code: indicator.to_string(),
        value: format::number(shown(opening.value), language),
        as_of: format::day(opening.as_of, language),
        source: opening.source.clone(),
        document: opening.document.clone(),
        keys: opening.keys.as_ref().map_or_else(
            || words.all_keys.to_owned(),
            |keys| format::number(keys.len(), language),
        ),
        remove: fill(words.remove, &[&indicator.to_string()]),
    });
    let template = BalancesPage {
        frame: visit.frame(fill(words.balances_title, &[code.as_str()])),
        words,
        csrf: visit.csrf(),
        back: Reports::of(visit.language).back_to_list,
        path: format!("/reports/{code}/balances"),
        done: done(&known, &visit),
        rows: rows.collect(),
        may_manage: visit.caller().may(Need::ManageReports).is_ok(),
        documents: files
            .into_iter()
            .map(|one| (one.sha256, one.title))
            .collect(),
    };
    Ok(page(StatusCode::OK, visit.language, &template))
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
    let openings = app.services().reports.openings(visit.caller(), &code).await;
    let openings = openings.map_err(ApiError::from)?;
    let columns = ["code", "value", "as_of", "source", "document", "keys"];
    let rows = openings.iter().map(|(indicator, opening)| {
        let keys = opening.keys.as_ref().map(|keys| keys.len().to_string());
        [
            indicator.to_string(),
            opening.value.to_string(),
            opening.as_of.to_string(),
            opening.source.clone(),
            opening.document.clone().unwrap_or_default(),
            keys.unwrap_or_default(),
        ]
    });
    Ok(export::csv(&format!("balances-{code}"), &columns, rows)?)
}

/// Says what had been reported of an indicator.
pub(super) async fn set(
    State(app): State<App>,
    Path(project_code): Path<String>,
    sent: SentForm,
) -> Result<Response, ApiError> {
    let (of, fields) = (project(&project_code)?, &sent.fields);
    let day = fields.get("as_of");
    let as_of = (day.len() == 10).then(|| day.parse().ok()).flatten();
    let fault = || Finding::new("as_of", ProtocolRule::Day, day, "a day such as 2026-11-23");
    let document = fields.get("document");
    let opening = OpeningBalance {
        value: amount("value", fields.get("value"))?,
        as_of: as_of.ok_or_else(fault)?,
        source: fields.get("source").to_owned(),
        document: (!document.is_empty()).then(|| document.to_owned()),
        keys: None,
    };
    let (reports, caller) = (&app.services().reports, &sent.signed_in.caller);
    let code = code(fields)?;
    reports
        .set_opening(caller, &of, &code, Some(opening))
        .await?;
    Ok(see(&format!("/reports/{of}/balances?done=balance")))
}

/// Takes a balance back.
pub(super) async fn remove(
    State(app): State<App>,
    Path(project_code): Path<String>,
    sent: SentForm,
) -> Result<Response, ApiError> {
    let (of, code) = (project(&project_code)?, code(&sent.fields)?);
    let (reports, caller) = (&app.services().reports, &sent.signed_in.caller);
    reports.set_opening(caller, &of, &code, None).await?;
    Ok(see(&format!("/reports/{of}/balances?done=balance-removed")))
}
