//! `outcomes`: the level of competence that each person has attained, and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use varde_competence::{
    Basis, Cursor, ExplainQuery, ExplanationTable, OutcomeQuery, Outcomes, Post, Status,
};
use varde_core::Clock;
use varde_xapi::{Fault, parameter};

use super::form::{self, Form};
use super::moment;
use crate::error::ApiError;
use crate::extract::{Authenticated, Known, Parameters};

pub(super) const BASES: &str = "assessed, observed or self";
pub(super) const POSTS: &str = "best, first or last";
/// What `outcomes` knows.
pub(super) const KNOWN: &[&str] = &[
    "person",
    "competence",
    "basis",
    "status",
    "post",
    "as_of",
    "known_at",
    "limit",
    "cursor",
    "format",
];
/// What `outcomes/explanation` knows.
pub(super) const EXPLANATION: &[&str] = &["person", "competence", "basis", "as_of", "known_at"];

/// Returns the outcomes that stand at the end of a day, each with the statements it rests on.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(outcomes): State<Outcomes>,
    State(clock): State<Arc<dyn Clock>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(KNOWN)?;
    let form = Form::of(&known, &headers)?;
    let table = outcomes.query(&caller, query(&known, &*clock)?).await?;
    form.answer(&table, |table, out| table.write_csv(out))
}

fn query(known: &Known, clock: &dyn Clock) -> Result<OutcomeQuery, ApiError> {
    Ok(OutcomeQuery {
        person: known.get("person").map(str::to_owned),
        competence: competence(known)?,
        basis: form::word::<Basis>(known, "basis", BASES)?,
        status: form::word::<Status>(known, "status", "current, lapsed or revoked")?,
        post: form::word::<Post>(known, "post", POSTS)?.unwrap_or_default(),
        as_of: moment::as_of(known, clock)?,
        known_at: moment::known_at(known)?,
        cursor: form::cursor::<Cursor>(known)?,
        limit: Some(form::limit(known)?),
    })
}

/// Reads `competence`, an IRI.
pub(super) fn competence(known: &Known) -> Result<Option<String>, ApiError> {
    let competence = known.read::<_, Fault>("competence", parameter::iri)?;
    Ok(competence.map(|iri| iri.to_string()))
}

/// Returns why a person has the levels of a day, or has none.
pub(super) async fn explain(
    Authenticated(caller): Authenticated,
    State(outcomes): State<Outcomes>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<ExplanationTable>, ApiError> {
    let known = parameters.only(EXPLANATION)?;
    let query = ExplainQuery {
        person: known.needed("person")?.to_owned(),
        competence: competence(&known)?,
        basis: form::word::<Basis>(&known, "basis", BASES)?,
        as_of: moment::as_of(&known, &*clock)?,
        known_at: moment::known_at(&known)?,
    };
    Ok(Json(outcomes.explain(&caller, &query).await?))
}
