//! JSON bodies in a shape of ours.

use axum::extract::{FromRef, FromRequest, Request};
use serde::de::DeserializeOwned;

use super::body::{check_depth, read_whole};
use crate::error::ApiError;
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::ProtocolRule;

/// A body that was JSON in the shape that is expected.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S, T> FromRequest<S> for JsonBody<T>
where
    S: Send + Sync,
    Limits: FromRef<S>,
    T: DeserializeOwned,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let limits = Limits::from_ref(state);
        let bytes = read_whole(request, &limits).await?;
        check_depth(&bytes, &limits)?;
        let read = serde_json::from_slice(&bytes);
        read.map(Self).map_err(|error| shape(&error).into())
    }
}

/// Tells where a body is not as it must be. What was found is not quoted: it may name somebody.
pub(crate) fn shape(error: &serde_json::Error) -> Finding {
    let expected = match error.classify() {
        serde_json::error::Category::Data => error.to_string(),
        _ => "JSON".to_owned(),
    };
    Finding {
        line: u32::try_from(error.line()).ok(),
        column: u32::try_from(error.column()).ok(),
        // The parser's sentence quotes what it found.
        ..Finding::told("body", ProtocolRule::BodyShape, "something else", expected).quoting()
    }
}
