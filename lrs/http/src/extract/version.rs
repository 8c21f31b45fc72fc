//! Which family of the standard a request speaks.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use varde_xapi::Family;

use crate::error::ApiError;

/// The header that names the version, in requests and answers.
pub(crate) const VERSION_HEADER: &str = "x-experience-api-version";

/// The family that was negotiated for this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version(pub(crate) Family);

impl<S: Sync> FromRequestParts<S> for Version {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let negotiated = parts.extensions.get().copied();
        negotiated.ok_or(ApiError::Internal("a resource without version negotiation"))
    }
}
