//! `X-Experience-API-Consistent-Through` (xAPI 1.0.3 Communication 2.1.3, IEEE 9274.1.1 4.1.6.1).

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use varde_core::statements::Statements;
use varde_xapi::Stored;

use super::cors::CONSISTENT_THROUGH_HEADER;
use crate::error::ApiError;

/// Tells in every answer about statements up to when reading is complete.
///
/// Of a read, the instant is asked for first: a statement stored between the read and a later
/// instant would be in neither this answer nor one that goes on from there. Of a write, it is
/// asked for afterwards, so that it covers what was written.
pub(crate) async fn consistent_through(
    State(statements): State<Statements>,
    request: Request,
    next: Next,
) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        match statements.consistent_through().await {
            Ok(through) => with(next.run(request).await, through),
            Err(error) => ApiError::from(error).into_response(),
        }
    } else {
        let response = next.run(request).await;
        match statements.consistent_through().await {
            Ok(through) => with(response, through),
            // What was written stands all the same, and the sender must hear of it.
            Err(_) => response,
        }
    }
}

fn with(mut response: Response, through: Stored) -> Response {
    if let Ok(value) = HeaderValue::from_str(&through.to_string()) {
        response
            .headers_mut()
            .insert(CONSISTENT_THROUGH_HEADER, value);
    }
    response
}
