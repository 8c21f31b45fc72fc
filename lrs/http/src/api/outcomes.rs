//! `outcomes`: the level of competence that each person has attained.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use varde_competence::{OutcomeQuery, OutcomeTable, Outcomes};
use varde_core::Clock;
use varde_xapi::{Fault, parameter};

use super::moment;
use crate::error::ApiError;
use crate::extract::{Authenticated, Known, Parameters};

const KNOWN: &[&str] = &["person", "competence", "as_of", "known_at"];

/// Returns the outcomes that stand at the end of a day, each with the statements it rests on.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(outcomes): State<Outcomes>,
    State(clock): State<Arc<dyn Clock>>,
    parameters: Parameters,
) -> Result<Json<OutcomeTable>, ApiError> {
    let query = query(&parameters.only(KNOWN)?, &*clock)?;
    Ok(Json(outcomes.query(&caller, query).await?))
}

fn query(known: &Known, clock: &dyn Clock) -> Result<OutcomeQuery, ApiError> {
    let competence = known.read::<_, Fault>("competence", parameter::iri)?;
    Ok(OutcomeQuery {
        person: known.get("person").map(str::to_owned),
        competence: competence.map(|iri| iri.to_string()),
        as_of: moment::as_of(known, clock)?,
        known_at: moment::known_at(known)?,
    })
}
