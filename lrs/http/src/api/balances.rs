//! `balances`: what projects had reported before their first report here.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_interreg::IndicatorCode;
use varde_interreg::reports::{OpeningBalance, ReportKey, Reports, amount};

use super::indicators;
use super::reports::of_project;
use crate::error::ApiError;
use crate::extract::{Authenticated, JsonBody, Parameters};

/// What `balances` knows.
pub(super) const KNOWN: &[&str] = &["project", "code"];
const OF_PROJECT: &[&str] = &["project"];

/// The opening balances of a project, by indicator.
#[derive(Debug, Serialize)]
pub(super) struct Balances {
    balances: BTreeMap<IndicatorCode, OpeningBalance>,
}

/// A balance as it is sent; the value is a text, so that every digit is kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Balance {
    value: String,
    as_of: Date,
    source: String,
    #[serde(default)]
    document: Option<String>,
    #[serde(default)]
    keys: Option<BTreeSet<ReportKey>>,
}

/// Returns the opening balances of a project.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<Json<Balances>, ApiError> {
    let project = of_project(&parameters.only(OF_PROJECT)?)?;
    let balances = reports.openings(&caller, &project).await?;
    Ok(Json(Balances { balances }))
}

/// Says what had been reported of an indicator.
pub(super) async fn put(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
    JsonBody(balance): JsonBody<Balance>,
) -> Result<StatusCode, ApiError> {
    let known = parameters.only(KNOWN)?;
    let (project, code) = (
        of_project(&known)?,
        known.required("code", indicators::code)?,
    );
    let opening = OpeningBalance {
        value: amount("value", &balance.value)?,
        as_of: balance.as_of,
        source: balance.source,
        document: balance.document,
        keys: balance.keys,
    };
    reports
        .set_opening(&caller, &project, &code, Some(opening))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a balance back.
pub(super) async fn delete(
    Authenticated(caller): Authenticated,
    State(reports): State<Reports>,
    parameters: Parameters,
) -> Result<StatusCode, ApiError> {
    let known = parameters.only(KNOWN)?;
    let (project, code) = (
        of_project(&known)?,
        known.required("code", indicators::code)?,
    );
    reports.set_opening(&caller, &project, &code, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
