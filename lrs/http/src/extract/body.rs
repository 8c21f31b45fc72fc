//! Bodies: whole, within the limit, of a content type that the resource takes.

use std::error::Error;

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{HeaderMap, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;
use tower_http::timeout::TimeoutError;
use varde_core::documents::NewDocument;
use varde_xapi::Fault;
use varde_xapi::media_type::essence;

use crate::error::ApiError;
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::ProtocolRule;

/// A document as it was sent.
#[derive(Debug)]
pub(crate) struct DocumentBody(pub(crate) NewDocument);

impl<S> FromRequest<S> for DocumentBody
where
    S: Send + Sync,
    Limits: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let content_type = document_type(request.headers())?;
        let limits = Limits::from_ref(state);
        let bytes = read_whole(request, &limits).await?.to_vec();
        if essence(&content_type) == "application/json" {
            check_depth(&bytes, &limits)?;
        }
        Ok(Self(NewDocument {
            content_type,
            bytes,
        }))
    }
}

/// Returns the content type of a document, that of mere bytes where none is named.
fn document_type(headers: &HeaderMap) -> Result<String, ApiError> {
    Ok(content_type(headers)?.unwrap_or_else(|| "application/octet-stream".to_owned()))
}

pub(crate) fn content_type(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| {
        let rule = ProtocolRule::ContentType;
        Finding::told(
            "Content-Type",
            rule,
            "a value that is not ASCII",
            "a media type",
        )
    })?;
    Ok(Some(text.to_owned()))
}

/// Checks that a body is in no coding; one that is known was decoded before, its name removed.
pub(crate) fn check_coding(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(coding) = headers.get(header::CONTENT_ENCODING) else {
        return Ok(());
    };
    let found = String::from_utf8_lossy(coding.as_bytes());
    let rule = ProtocolRule::ContentEncoding;
    Err(Finding::new("Content-Encoding", rule, &found, "gzip, or none").into())
}

/// Tells of a body that broke off, or was too slow.
pub(crate) fn incomplete(error: &(dyn Error + 'static)) -> ApiError {
    let mut causes = std::iter::successors(Some(error), |error| (*error).source());
    if causes.any(<dyn Error>::is::<TimeoutError>) {
        return ApiError::TooSlow;
    }
    let found = "a body that ended early or could not be decoded";
    Finding::told("body", ProtocolRule::BodyComplete, found, "the whole body").into()
}

/// Reads a body to its end, within the bounds of its bytes and of its time.
pub(crate) async fn read_whole(request: Request, limits: &Limits) -> Result<Bytes, ApiError> {
    check_coding(request.headers())?;
    let body = Limited::new(request.into_body(), limits.body_bytes_max).collect();
    match timeout(limits.body_max, body).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::body_over(limits)),
        Ok(Err(error)) => Err(incomplete(&*error)),
        Err(_) => Err(ApiError::TooLong),
    }
}

/// Checks how deep the JSON of a body is nested.
pub(super) fn check_depth(json: &[u8], limits: &Limits) -> Result<(), ApiError> {
    let levels_max = limits.json_depth_max;
    let checked = varde_xapi::check_json_depth(json, levels_max);
    checked.map_err(|fault| {
        let expected =
            format!("at most {levels_max} levels of arrays and objects (http.json_depth_max)");
        ApiError::from(Fault { expected, ..fault })
    })
}
