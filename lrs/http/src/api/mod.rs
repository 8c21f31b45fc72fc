//! Everything beyond the standard, under `/api/v1`.

use axum::Router;

use crate::error::ApiError;
use crate::state::App;

/// Where the endpoints stand.
pub(crate) const BASE: &str = "/api/v1";

/// Returns the endpoints.
pub(crate) fn routes(app: &App) -> Router {
    Router::new()
        .fallback(async || ApiError::UnknownPath)
        .with_state(app.clone())
}
