//! The routes of both surfaces and what holds for all of them.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};

use crate::error::ApiError;
use crate::limits::Limits;
use crate::middleware::{as_problem, identify};
use crate::state::{App, Services};
use crate::{api, xapi};

/// Returns the xAPI resources under `/xapi` and everything else under `/api/v1`.
pub fn router(services: Services, limits: Limits) -> Router {
    let app = App::new(services, limits);
    Router::new()
        .nest_service(xapi::BASE, xapi::routes(&app))
        .nest_service(api::BASE, api::routes(&app))
        .fallback(async || ApiError::UnknownPath)
        .layer(from_fn(as_problem))
        .layer(from_fn_with_state(app, identify))
}
