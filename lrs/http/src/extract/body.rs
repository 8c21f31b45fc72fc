//! Bodies: whole, within the limit, of a content type that the resource takes.

use axum::body::{Body, Bytes};
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::error::ApiError;
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::ProtocolRule;

/// Statements as JSON text, not yet parsed.
#[derive(Debug)]
pub(crate) struct StatementText(pub(crate) Bytes);

impl<S> FromRequest<S> for StatementText
where
    S: Send + Sync,
    Limits: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        check_statement_type(request.headers())?;
        let limits = Limits::from_ref(state);
        read_whole(request.into_body(), limits.body_bytes_max)
            .await
            .map(Self)
    }
}

/// Checks the content type of statements. None at all is read as JSON.
fn check_statement_type(headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get(header::CONTENT_TYPE) {
        None => Ok(()),
        Some(value) => match value.to_str().map(media_type) {
            Ok(kind) if kind == "application/json" => Ok(()),
            kind => Err(Finding::new(
                "Content-Type",
                ProtocolRule::ContentType,
                &kind.unwrap_or_else(|_| "a value that is not ASCII".to_owned()),
                "application/json",
            )
            .into()),
        },
    }
}

/// Returns a content type without its parameters, in lower case.
pub(crate) fn media_type(content_type: &str) -> String {
    let bare = content_type.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

/// Reads a body to its end, at most `bytes_max` bytes.
pub(crate) async fn read_whole(body: Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    match Limited::new(body, bytes_max).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge { bytes_max }),
        Err(_) => Err(Finding::new(
            "body",
            ProtocolRule::BodyComplete,
            "a body that ended early or could not be decoded",
            "the whole body, in the coding that Content-Encoding names",
        )
        .into()),
    }
}
