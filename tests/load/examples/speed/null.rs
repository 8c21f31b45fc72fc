//! The least that a server can do with the same requests.

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::Value;

/// As long as the id that a store would have given.
const ID: &str = "00000000-0000-4000-8000-000000000000";

/// Returns a router that answers a GET with so many bytes, and a POST with as many ids as the
/// body has statements.
pub(crate) fn router(bytes: usize) -> Router {
    let body = Bytes::from(vec![b' '; bytes]);
    let fixed = move || {
        let body = body.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], body) }
    };
    Router::new().route("/xapi/statements", get(fixed).post(parse))
}

async fn parse(body: Bytes) -> Result<impl IntoResponse, StatusCode> {
    let parsed: Value = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let count = parsed.as_array().map_or(1, Vec::len);
    let ids = serde_json::to_string(&vec![ID; count]).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], ids))
}
