//! Which languages the client prefers.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use varde_xapi::{LanguageRange, accept_language};

/// The languages of `Accept-Language`, the most wanted first; none where nothing is said.
#[derive(Debug)]
pub(crate) struct Languages(pub(crate) Vec<LanguageRange>);

impl<S: Sync> FromRequestParts<S> for Languages {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let header = parts
            .headers
            .get(ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        Ok(Self(accept_language(header.unwrap_or_default())))
    }
}
