//! Bodies that hold statements: JSON, or several parts with the data of attachments
//! (xAPI 1.0.3 Communication 1.5, IEEE 9274.1.1 4.1.3).

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use varde_xapi::media_type::essence;
use varde_xapi::multipart::boundary;

use super::body::{check_coding, check_depth, content_type, read_whole};
use super::multipart::Multipart;
use crate::error::ApiError;
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::ProtocolRule;

/// Statements as JSON text, not yet parsed, and the parts behind them, not yet read.
#[derive(Debug)]
pub(crate) struct StatementsBody {
    pub(crate) json: Bytes,
    /// Present where the body has several parts.
    pub(crate) parts: Option<Multipart>,
}

impl<S> FromRequest<S> for StatementsBody
where
    S: Send + Sync,
    Limits: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let kind = content_type(request.headers())?;
        let limits = Limits::from_ref(state);
        match kind.as_deref().map(essence).as_deref() {
            // None at all is read as JSON.
            None | Some("application/json") => {
                let json = read_whole(request, &limits).await?;
                check_depth(&json, &limits)?;
                Ok(Self { json, parts: None })
            }
            Some("multipart/mixed") => {
                check_coding(request.headers())?;
                let boundary = boundary(&kind.unwrap_or_default())?;
                let mut parts = Multipart::new(request.into_body(), &boundary, limits);
                let json = parts.statements().await?;
                check_depth(&json, &limits)?;
                let parts = Some(parts);
                Ok(Self { json, parts })
            }
            Some(other) => {
                let rule = ProtocolRule::ContentType;
                let expected = "application/json or multipart/mixed";
                Err(Finding::new("Content-Type", rule, other, expected).into())
            }
        }
    }
}
