//! `system`: how this server fares.

use axum::Json;
use axum::extract::State;

use crate::error::ApiError;
use crate::extract::{Authenticated, Parameters};
use crate::system::{System, SystemStatus};

/// Tells how the server fares.
pub(super) async fn get(
    Authenticated(caller): Authenticated,
    State(system): State<System>,
    parameters: Parameters,
) -> Result<Json<SystemStatus>, ApiError> {
    parameters.none()?;
    Ok(Json(system.status(&caller).await?))
}
