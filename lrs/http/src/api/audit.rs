//! `audit`: who was told what of persons in the caller's projects.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use varde_core::audit::Audit;

use super::form::{self, Form};
use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};

/// What `audit` knows.
pub(super) const KNOWN: &[&str] = &["limit", "cursor", "format"];

/// Returns lines, the newest first.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(audit): State<Audit>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, ApiError> {
    let known = parameters.only(KNOWN)?;
    let form = Form::of(&known, &headers)?;
    let (before, limit) = (form::cursor(&known)?, form::limit(&known)?);
    let page = audit.read(&caller, before, limit).await?;
    form.answer(&page, |page, csv| page.write_csv(csv))
}
