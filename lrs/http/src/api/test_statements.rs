//! `test-statements`: a statement by which people try whether what is sent arrives.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use varde_core::Need;
use varde_core::statements::TestStatements;
use varde_xapi::{Fault, StatementId, parameter};

use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};

/// What `test-statements` knows.
pub(super) const KNOWN: &[&str] = &["statement"];

/// A test statement that was stored.
#[derive(Debug, Serialize)]
pub(super) struct Sent {
    statement: StatementId,
}

/// Stores a test statement in the test space of the caller's project.
pub(super) async fn send(
    Authenticated(caller): Authenticated,
    State(tests): State<TestStatements>,
    parameters: Parameters,
) -> Result<(StatusCode, Json<Sent>), ApiError> {
    // Who may not send one is not told what else is wrong.
    for need in [Need::ReviewStatements, Need::WriteStatements] {
        caller.may(need)?;
    }
    parameters.none()?;
    let statement = tests.send(&caller).await?;
    Ok((StatusCode::CREATED, Json(Sent { statement })))
}

/// Returns a test statement that the caller sent, as it is stored.
pub(super) async fn sent(
    Authenticated(caller): Authenticated,
    State(tests): State<TestStatements>,
    parameters: Parameters,
) -> Result<impl IntoResponse, ApiError> {
    let known = parameters.only(KNOWN)?;
    let id = known.required::<_, Fault>("statement", parameter::uuid)?;
    let found = tests.sent(&caller, StatementId(id)).await?;
    let found = found.ok_or(ApiError::Absent("test statement"))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], found.text()))
}
