//! `repeats`: statements that probably say again what was said before.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use varde_core::Position;
use varde_core::statements::{REPEATS_PER_PAGE_MAX, Repeat, Repeats};

use super::moment::position;
use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};

/// Repeats in the order of the log.
#[derive(Debug, Serialize)]
pub(super) struct RepeatPage {
    repeats: Vec<Repeat>,
    /// What `after` of the next page is; null on the last.
    next: Option<Position>,
}

/// What `repeats` knows.
pub(super) const KNOWN: &[&str] = &["after"];

/// Returns up to 1,000 flagged repeats behind a position.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(repeats): State<Repeats>,
    parameters: Parameters,
) -> Result<Json<RepeatPage>, ApiError> {
    let after = parameters.only(KNOWN)?.read("after", position)?;
    let repeats = repeats.list(&caller, after).await?;
    let last = repeats.last().map(|repeat| repeat.position);
    let next = last.filter(|_| repeats.len() >= REPEATS_PER_PAGE_MAX);
    Ok(Json(RepeatPage { repeats, next }))
}
