//! `cohorts`: how groups of persons did in a competence, side by side.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use varde_competence::{Basis, CohortQuery, Dimension, Outcomes, Post};
use varde_core::Clock;
use varde_xapi::{Fault, parameter};

use super::form::{self, Form};
use super::outcomes::{BASES, POSTS};
use super::{moment, periods};
use crate::error::ApiError;
use crate::extract::{Authenticated, Known, Parameters};
use crate::finding::Finding;
use crate::rule::ProtocolRule;

/// What `cohorts` knows.
pub(super) const KNOWN: &[&str] = &[
    "project",
    "competence",
    "basis",
    "by",
    "as_of",
    "known_at",
    "post",
    "target",
    "against",
    "cohort",
    "format",
];

/// Returns the cohorts of a project at the end of a day, as far as the caller may see them.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(outcomes): State<Outcomes>,
    State(clock): State<Arc<dyn Clock>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(KNOWN)?;
    let form = Form::of(&known, &headers)?;
    let table = outcomes.cohorts(&caller, &query(&known, &*clock)?).await?;
    form.answer(&table, |table, out| table.write_csv(out))
}

fn query(known: &Known, clock: &dyn Clock) -> Result<CohortQuery, ApiError> {
    let by = "scheme, nuts3, organisation, gender or birth_year_band";
    let by = form::word::<Dimension>(known, "by", by)?;
    Ok(CohortQuery {
        project: known.required("project", periods::project)?,
        competence: known
            .required::<_, Fault>("competence", parameter::iri)?
            .to_string(),
        basis: form::word(known, "basis", BASES)?.unwrap_or(Basis::Assessed),
        by: by.unwrap_or(Dimension::Scheme),
        as_of: moment::as_of(known, clock)?,
        known_at: moment::known_at(known)?,
        post: form::word::<Post>(known, "post", POSTS)?.unwrap_or_default(),
        target: known.read("target", level)?,
        against: known.get("against").map(str::to_owned),
        cohort: known.get("cohort").map(str::to_owned),
    })
}

fn level(name: &str, text: &str) -> Result<u32, Finding> {
    let level = text.parse().ok().filter(|level| (1..=100).contains(level));
    let expected = "a level from 1 to 100";
    level.ok_or_else(|| Finding::new(name, ProtocolRule::Level, text, expected))
}
