//! `uncounted`: statements that count for no project, and why.

use axum::Json;
use axum::extract::State;
use varde_core::statements::{Uncounted, UncountedPage};

use super::moment::position;
use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};

/// What `uncounted` knows.
pub(super) const KNOWN: &[&str] = &["after"];

/// Returns what one page's share of the log behind a position holds.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(uncounted): State<Uncounted>,
    parameters: Parameters,
) -> Result<Json<UncountedPage>, ApiError> {
    let after = parameters.only(KNOWN)?.read("after", position)?;
    Ok(Json(uncounted.list(&caller, after).await?))
}
