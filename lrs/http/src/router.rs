//! The routes of both surfaces and what holds for all of them.

use axum::Router;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::from_fn_with_state;

use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::error::ApiError;
use crate::limits::Limits;
use crate::middleware::{AroundLayer, AsProblem, Harden, identify};
use crate::pages::Pages;
use crate::state::{App, Services};
use crate::{api, public, xapi};

/// Returns the xAPI resources under `/xapi`, everything else under `/api/v1`, and pages for people.
pub fn router(services: Services, limits: Limits, pages: Pages) -> Router {
    let app = App::new(services, limits);
    let router = Router::new()
        .nest_service(xapi::BASE, xapi::routes(&app))
        .nest_service(api::BASE, api::routes(&app))
        .nest_service(public::BASE, public::routes(&app))
        .merge(pages.served(&app))
        .fallback(async || ApiError::UnknownPath);
    // Outermost first. They are one layer of the router: each layer of its own would be another
    // box around the routes, and a request clones the boxes within each that it comes through.
    router.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(app, identify))
            .layer(AroundLayer(Harden))
            .layer(AroundLayer(AsProblem))
            .layer(CompressionLayer::new().compress_when(worthwhile()))
            // The limits count what a body holds, not what it was packed into.
            .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
            .layer(RequestBodyTimeoutLayer::new(limits.body_pause_max)),
    )
}

/// Tells which answers are compressed where the client accepts it. Documents are not: their tag
/// is that of their plain bytes, and a compressed form would need another (RFC 9110 8.8.3).
fn worthwhile() -> impl Predicate {
    let untagged = |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| {
        !headers.contains_key(header::ETAG)
    };
    DefaultPredicate::new().and(untagged)
}
