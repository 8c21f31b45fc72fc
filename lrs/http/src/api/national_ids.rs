//! `national-ids`: statements that came with national identity numbers.

use axum::Json;
use axum::extract::State;
use varde_core::statements::{NationalIdNotes, NotedPage};

use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};

/// What `national-ids` knows.
pub(super) const KNOWN: &[&str] = &["after"];

/// Returns up to 1,000 of them, with the places of the numbers and never the numbers.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(notes): State<NationalIdNotes>,
    parameters: Parameters,
) -> Result<Json<NotedPage>, ApiError> {
    let known = parameters.only(KNOWN)?;
    let after = known.read("after", |_, text| Ok::<_, ApiError>(text.to_owned()))?;
    Ok(Json(notes.list(&caller, after.as_deref()).await?))
}
