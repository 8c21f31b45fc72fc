//! `indicators/periods`: what the whole project reached at a period's end, naming nobody.

use axum::Json;
use axum::extract::State;
use varde_core::ProjectCode;
use varde_interreg::{Indicators, PeriodQuery, PeriodReport};

use super::{indicators, moment};
use crate::error::ApiError;
use crate::extract::{Authenticated, Known, Parameters};
use crate::finding::Finding;
use crate::rule::ProtocolRule;

/// What `indicators/periods` knows.
pub(super) const KNOWN: &[&str] = &["project", "period", "code"];

/// Returns the tables of a period's end, under disclosure control.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(indicators): State<Indicators>,
    parameters: Parameters,
) -> Result<Json<PeriodReport>, ApiError> {
    let query = query(&parameters.only(KNOWN)?)?;
    Ok(Json(indicators.period(&caller, &query).await?))
}

fn query(known: &Known) -> Result<PeriodQuery, ApiError> {
    Ok(PeriodQuery {
        project: known.required("project", project)?,
        code: known.read("code", indicators::code)?,
        period: known.required("period", moment::day)?,
    })
}

/// Reads a project's code.
pub(super) fn project(name: &str, text: &str) -> Result<ProjectCode, Finding> {
    let expected = "a project's code of 1 to 64 of a-z, 0-9 and -";
    text.parse()
        .map_err(|_| Finding::new(name, ProtocolRule::ProjectCode, text, expected))
}
