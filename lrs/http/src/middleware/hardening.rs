//! What a browser is told that opens an answer as a page.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;

use super::Around;
use crate::error::ApiError;

/// Nothing of an answer is run, shown in a frame, or taken for another type than it says. Documents and
/// attachments are what somebody sent, a page with a script for instance, and come from this origin.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox");

/// Sets the headers of every answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Harden;

impl Around for Harden {
    type Kept = ();

    fn before(&self, _: &mut Request) -> Result<(), ApiError> {
        Ok(())
    }

    fn after(&self, (): (), mut response: Response) -> Response {
        let headers = response.headers_mut();
        // A page that is made here says what it needs, which is a style.
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(POLICY);
        let nosniff = HeaderValue::from_static("nosniff");
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        // Addresses may name a learner.
        let no_referrer = HeaderValue::from_static("no-referrer");
        headers.insert(header::REFERRER_POLICY, no_referrer);
        response
    }
}
