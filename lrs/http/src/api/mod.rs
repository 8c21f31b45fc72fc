//! Everything beyond the standard, under `/api/v1`.

mod indicators;
mod moment;
mod outcomes;
mod periods;
mod repeats;
mod uncounted;

use axum::Router;
use axum::http::Method;
use axum::routing::get;

use crate::error::ApiError;
use crate::state::App;

/// Where the endpoints stand.
pub(crate) const BASE: &str = "/api/v1";

/// Returns the endpoints.
pub(crate) fn routes(app: &App) -> Router {
    Router::new()
        .route("/outcomes", get(outcomes::get).fallback(method_not_allowed))
        .route(
            "/indicators",
            get(indicators::get).fallback(method_not_allowed),
        )
        .route(
            "/indicators/periods",
            get(periods::get).fallback(method_not_allowed),
        )
        .route(
            "/uncounted",
            get(uncounted::get).fallback(method_not_allowed),
        )
        .route("/repeats", get(repeats::get).fallback(method_not_allowed))
        .fallback(async || ApiError::UnknownPath)
        .with_state(app.clone())
}

async fn method_not_allowed(method: Method) -> ApiError {
    ApiError::MethodNotAllowed(method.to_string())
}
