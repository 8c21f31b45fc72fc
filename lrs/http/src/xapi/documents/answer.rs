//! Documents and lists of their ids as an answer holds them.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use varde_core::documents::{Document, Listing, entity_tag};
use varde_xapi::Stored;

use crate::xapi::http_date;

/// Returns a document byte for byte.
pub(super) fn one(document: Document) -> Response {
    let etag = document.etag.clone();
    tagged(
        document.bytes,
        &document.content_type,
        &etag,
        Some(document.updated),
    )
}

/// Returns the ids as a JSON array.
pub(super) fn list(listing: &Listing) -> Response {
    let body = serde_json::Value::from(listing.ids.clone())
        .to_string()
        .into_bytes();
    let etag = entity_tag(&body);
    tagged(body, "application/json", &etag, listing.updated)
}

fn tagged(body: Vec<u8>, content_type: &str, etag: &str, updated: Option<Stored>) -> Response {
    let mut response = Response::new(Body::from(body));
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_str(content_type).ok(),
        ),
        (
            header::ETAG,
            HeaderValue::from_str(&format!("\"{etag}\"")).ok(),
        ),
        (header::LAST_MODIFIED, updated.and_then(http_date)),
    ];
    for (name, value) in headers {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
