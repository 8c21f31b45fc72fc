//! `refusals`: notes of refused requests of the keys that the caller's projects have.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use varde_core::refusals::{Refusals, write_csv};

use super::form::{Form, Page};
use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};

/// What `refusals` knows.
pub(super) const KNOWN: &[&str] = &["key", "limit", "cursor", "format"];

/// Returns the notes, the newest first.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(refusals): State<Arc<Refusals>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(KNOWN)?;
    let form = Form::of(&known, &headers)?;
    let notes = refusals.list(&caller, known.get("key")).await?;
    form.answer(&Page::of(notes, &known)?, |page, csv| {
        write_csv(&page.items, csv)
    })
}
