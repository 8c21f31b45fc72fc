//! Cross-origin requests of course front ends that run in a learner's browser.

use std::time::Duration;

use axum::http::{HeaderName, Method, header};
use tower_http::cors::{Any, CorsLayer};

use crate::extract::VERSION_HEADER;
use crate::middleware::request_id::REQUEST_ID_HEADER;

/// The header that tells up to when reading is complete.
pub(crate) const CONSISTENT_THROUGH_HEADER: &str = "x-experience-api-consistent-through";

const PREFLIGHT_AGE_MAX: Duration = Duration::from_hours(1);

/// Answers preflight requests, without asking for credentials or a version, and opens every
/// answer to scripts of any origin.
///
/// Browsers' own cookies and cached passwords are not admitted: a script sends the credential it
/// was given, so no page can act with somebody else's.
pub(crate) fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::HEAD,
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::OPTIONS,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            HeaderName::from_static(VERSION_HEADER),
        ])
        .expose_headers([
            header::ETAG,
            header::LAST_MODIFIED,
            header::CACHE_CONTROL,
            header::CONTENT_TYPE,
            header::CONTENT_LENGTH,
            header::WWW_AUTHENTICATE,
            header::RETRY_AFTER,
            HeaderName::from_static(VERSION_HEADER),
            HeaderName::from_static(CONSISTENT_THROUGH_HEADER),
            HeaderName::from_static(REQUEST_ID_HEADER),
        ])
        .max_age(PREFLIGHT_AGE_MAX)
}
