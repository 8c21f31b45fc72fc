//! `indicators`: what projects have reached, as their funders count it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use varde_core::Clock;
use varde_interreg::{IndicatorCode, IndicatorQuery, IndicatorReport, Indicators};
use varde_xapi::{Fault, parameter};

use super::moment;
use crate::error::ApiError;
use crate::extract::{Authenticated, Known, Parameters};
use crate::finding::Finding;
use crate::rule::ProtocolRule;

/// What `indicators` knows.
pub(super) const KNOWN: &[&str] = &["project", "code", "statement", "as_of", "known_at"];

/// Returns the indicators that stand at the end of a day, each value with its keys and the
/// statements they rest on; or only what rests on one statement.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(indicators): State<Indicators>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<IndicatorReport>, ApiError> {
    let known = parameters.only(KNOWN)?;
    let query = query(&known, &*clock)?;
    let statement = known.read::<_, Fault>("statement", parameter::statement_id)?;
    let report = match statement {
        Some(statement) => indicators.resting_on(&caller, &query, statement).await?,
        None => indicators.query(&caller, &query).await?,
    };
    Ok(Json(report))
}

fn query(known: &Known, clock: &dyn Clock) -> Result<IndicatorQuery, ApiError> {
    Ok(IndicatorQuery {
        project: known.get("project").map(str::to_owned),
        code: known.read("code", code)?,
        as_of: moment::as_of(known, clock)?,
        known_at: moment::known_at(known)?,
    })
}

/// Reads an indicator's code.
pub(super) fn code(name: &str, text: &str) -> Result<IndicatorCode, Finding> {
    let expected = "an indicator's code such as RCO85";
    text.parse()
        .map_err(|_| Finding::new(name, ProtocolRule::IndicatorCode, text, expected))
}
