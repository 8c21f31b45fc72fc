//! The one table from what went wrong to a status code.

mod administration;
mod credentials;
mod refusal;
mod results;
mod statements;

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use thiserror::Error;
use varde_core::registers::files::FileFaults;
use varde_core::tokens::TokenTrouble;
use varde_core::{Forbidden, StoreError};

use crate::finding::Findings;
use crate::limits::Limits;

/// What a 401 tells a client to send.
const CHALLENGE: HeaderValue =
    HeaderValue::from_static(r#"Basic realm="Varde", charset="UTF-8", Bearer realm="Varde""#);
/// What one tells a page: no browser knows the scheme, so none asks for a name and a password by itself.
const SIGN_IN_CHALLENGE: HeaderValue = HeaderValue::from_static("Varde-Sign-In");
/// How long a client of a busy store does well to wait, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");
/// How long a client does well to wait for an issuer that did not answer, in seconds.
const ISSUER_RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("60");
/// How long a client does well to wait for an index to be made anew, in seconds.
const INDEX_RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("30");

/// Why a request was not done. Nothing of it was.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The request breaks rules.
    #[error("{}", .0.sentence())]
    Invalid(Findings),
    /// The request names no credential.
    #[error(
        "no credentials: send the name and secret of an API key by HTTP Basic, or a token \
         as a bearer token"
    )]
    NoCredentials,
    /// The credential is unknown, its secret is wrong, or it is past its end; which of them is not
    /// told.
    #[error("the credential is not right: the name or the secret of an API key, or a token")]
    WrongCredentials,
    /// A page of ours brings a cookie that lets nobody in any more, or none.
    #[error(
        "nobody is signed in here, or not any more: expected somebody who signed in at /sign-in"
    )]
    SignedOut,
    /// A page of an origin uses a key that is not for it.
    #[error("this credential may not be used by pages of this origin")]
    ForeignOrigin,
    /// A cookie alone does not let a request in that changes something.
    #[error(
        "a signed-in page may change something only from this origin, with its proof: expected the \
         CSRF token in the header X-CSRF-Token or the field csrf"
    )]
    NoProof,
    /// A key would reach farther than who makes it.
    #[error("{0}")]
    ForeignProject(String),
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The one thing that was asked for is not there.
    #[error("there is no such {0}")]
    Absent(&'static str),
    /// No resource has this path.
    #[error("no resource has this path")]
    UnknownPath,
    /// The resource does not know the method.
    #[error("this resource does not know the method {0}; the Allow header lists those it knows")]
    MethodNotAllowed(String),
    /// What is there already does not let this be done.
    #[error("{0}")]
    Conflict(String),
    /// A condition of the request does not hold.
    #[error("{0}")]
    PreconditionFailed(String),
    /// The body is over the limit.
    #[error("the body is larger than the {bytes_max} bytes that this server takes{setting}")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
        /// The setting behind it in parentheses; nothing where it is fixed.
        setting: &'static str,
    },
    /// The query is over the limit (RFC 9110 15.5.15).
    #[error(
        "the query is larger than the {bytes_max} bytes that this server takes (http.query_bytes_max)"
    )]
    QueryTooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// The body has too many parts.
    #[error("the body has more than the {parts_max} parts that this server takes (http.parts_max)")]
    TooManyParts {
        /// The limit.
        parts_max: usize,
    },
    /// The next bytes of the body did not come in time (RFC 9110 15.5.9).
    #[error("the next bytes of the body did not come in time (http.body_pause_seconds_max)")]
    TooSlow,
    /// The whole of the body did not come in time.
    #[error("the whole of the body did not come in time (http.body_seconds_max)")]
    TooLong,
    /// The parts beside the statements are over the limit.
    #[error(
        "the attachments are larger than the {bytes_max} bytes that this server takes with one request (http.attachment_bytes_max)"
    )]
    AttachmentsTooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// Something is wrong with files to be imported.
    #[error("{}", faulty(.0))]
    Files(FileFaults),
    /// An import is over a bound.
    #[error("{0}")]
    ImportTooLarge(String),
    /// The key called too often (RFC 6585 4).
    #[error(
        "this key may make {per_minute} requests a minute and has made them: expected the next one in {seconds} s"
    )]
    TooManyRequests {
        /// The limit.
        per_minute: NonZeroU32,
        /// How long to wait, 1 or more.
        seconds: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys of the issuer of a token cannot be read.
    #[error("the issuer of the token cannot be reached, so it was not checked: try again")]
    Issuer(#[from] TokenTrouble),
    /// The server failed in another way.
    #[error("{0}")]
    Internal(&'static str),
}

/// Why a request was refused, in an extension of its answer: the first rule that was broken, else
/// the code of the error. Both are of closed sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused(pub &'static str);

impl Refused {
    pub(crate) fn of(error: &ApiError) -> Self {
        let first = error.findings().and_then(|findings| findings.told.first());
        Self(first.map_or_else(|| error.status().1, |finding| finding.rule))
    }
}

impl ApiError {
    /// Tells of a body that is over the limit of whole bodies.
    pub(crate) fn body_over(limits: &Limits) -> Self {
        Self::TooLarge {
            bytes_max: limits.body_bytes_max,
            setting: " (http.body_bytes_max)",
        }
    }

    /// Returns the status and the stable code of the error.
    pub fn status(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "invalid-request"),
            Self::NoCredentials => (StatusCode::UNAUTHORIZED, "no-credentials"),
            Self::WrongCredentials => (StatusCode::UNAUTHORIZED, "wrong-credentials"),
            Self::SignedOut => (StatusCode::UNAUTHORIZED, "signed-out"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden"),
            Self::ForeignOrigin => (StatusCode::FORBIDDEN, "foreign-origin"),
            Self::NoProof => (StatusCode::FORBIDDEN, "no-csrf-proof"),
            Self::ForeignProject(_) => (StatusCode::FORBIDDEN, "foreign-project"),
            Self::Absent(_) => (StatusCode::NOT_FOUND, "absent"),
            Self::UnknownPath => (StatusCode::NOT_FOUND, "unknown-path"),
            Self::MethodNotAllowed(_) => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::PreconditionFailed(_) => (StatusCode::PRECONDITION_FAILED, "precondition-failed"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "body-too-large"),
            Self::QueryTooLarge { .. } => (StatusCode::URI_TOO_LONG, "query-too-large"),
            Self::TooManyParts { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-many-parts"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "body-too-slow"),
            Self::TooLong => (StatusCode::REQUEST_TIMEOUT, "body-too-long"),
            Self::AttachmentsTooLarge { .. } => {
                (StatusCode::PAYLOAD_TOO_LARGE, "attachments-too-large")
            }
            Self::Files(_) => (StatusCode::BAD_REQUEST, "faulty-files"),
            Self::ImportTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "import-too-large"),
            Self::TooManyRequests { .. } => (StatusCode::TOO_MANY_REQUESTS, "too-many-requests"),
            Self::Store(StoreError::Busy) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::Store(StoreError::Index { .. }) => {
                (StatusCode::SERVICE_UNAVAILABLE, "index-damaged")
            }
            Self::Store(StoreError::Sealed) => (StatusCode::SERVICE_UNAVAILABLE, "sealed"),
            Self::Issuer(_) => (StatusCode::SERVICE_UNAVAILABLE, "issuer-unavailable"),
            // Not 503: sending again soon does not help, somebody must mend the store first.
            Self::Store(StoreError::Unwritable { .. }) => {
                (StatusCode::INSUFFICIENT_STORAGE, "store-unwritable")
            }
            Self::Store(StoreError::Damaged { .. } | StoreError::Failed(_)) | Self::Internal(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal-error")
            }
        }
    }

    /// Returns the sentence that the sender reads. A failure inside is not described to it.
    pub fn sentence(&self) -> String {
        match self.status().0 {
            StatusCode::INTERNAL_SERVER_ERROR => "internal error".to_owned(),
            _ => self.to_string(),
        }
    }

    /// Returns the broken rules, where that is the reason.
    pub fn findings(&self) -> Option<&Findings> {
        match self {
            Self::Invalid(findings) => Some(findings),
            _ => None,
        }
    }

    /// Returns what is wrong with files, where that is the reason.
    pub fn file_faults(&self) -> Option<&FileFaults> {
        match self {
            Self::Files(faults) => Some(faults),
            _ => None,
        }
    }

    fn header(&self) -> Option<(header::HeaderName, HeaderValue)> {
        match self {
            Self::NoCredentials | Self::WrongCredentials => {
                Some((header::WWW_AUTHENTICATE, CHALLENGE))
            }
            Self::SignedOut => Some((header::WWW_AUTHENTICATE, SIGN_IN_CHALLENGE)),
            Self::TooManyRequests { seconds, .. } => Some((header::RETRY_AFTER, (*seconds).into())),
            Self::Store(StoreError::Busy) => Some((header::RETRY_AFTER, RETRY_AFTER_SECONDS)),
            Self::Issuer(_) => Some((header::RETRY_AFTER, ISSUER_RETRY_AFTER_SECONDS)),
            Self::Store(StoreError::Index { .. }) => {
                Some((header::RETRY_AFTER, INDEX_RETRY_AFTER_SECONDS))
            }
            _ => None,
        }
    }
}

/// Returns all in one sentence: the only one, or their number and the first.
fn faulty(faults: &FileFaults) -> String {
    match faults.0.as_slice() {
        [] => "something is wrong with the file, so nothing was imported".to_owned(),
        [only] => format!("nothing was imported: {only}"),
        [first, ..] => {
            let count = faults.0.len();
            format!("{count} faults, so nothing was imported; the first: {first}")
        }
    }
}

impl IntoResponse for ApiError {
    /// Gives status and headers; the body is written by the surface, which knows the form its
    /// clients read.
    fn into_response(self) -> Response {
        let mut response = self.status().0.into_response();
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
