//! The one table from what went wrong to a status code.

mod administration;
mod credentials;
mod refusal;

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use thiserror::Error;
use varde_competence::OutcomeError;
use varde_core::activities::UnreadActivity;
use varde_core::arrivals::SourcesError;
use varde_core::attachments::RefusedIntake;
use varde_core::documents::{DOCUMENT_BYTES_MAX, NotJson, RefusedDocument};
use varde_core::erasures::ErasureError;
use varde_core::registers;
use varde_core::registers::files::FileFaults;
use varde_core::registers::{MergeError, RosterError};
use varde_core::statements::{
    MoreError, RefusedStatements, RepeatsError, UncountedError, UnreadStatements,
};
use varde_core::tokens::TokenTrouble;
use varde_core::users::JourneyError;
use varde_core::{Forbidden, StoreError, Tolerance};
use varde_interreg::imports::ImportError;
use varde_interreg::packs::{PacksError, SignerError};
use varde_interreg::publication::PublicationError;
use varde_interreg::reports::ReportError;
use varde_interreg::{DirectoryError, IndicatorError};
use varde_xapi::{Fault, Faults};

use crate::finding::{Finding, Findings, let_off_by};
use crate::limits::Limits;
use crate::person_record::PersonRecordError;
use crate::rule::ProtocolRule;

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

impl From<Findings> for ApiError {
    fn from(findings: Findings) -> Self {
        Self::Invalid(findings)
    }
}

impl From<Finding> for ApiError {
    fn from(finding: Finding) -> Self {
        Self::Invalid(finding.into())
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        Self::Invalid(Finding::from(&fault).into())
    }
}

impl From<Faults> for ApiError {
    fn from(faults: Faults) -> Self {
        Self::Invalid(Findings::from(&faults))
    }
}

impl From<RefusedStatements> for ApiError {
    fn from(refused: RefusedStatements) -> Self {
        match refused {
            RefusedStatements::Forbidden(forbidden) => Self::Forbidden(forbidden),
            RefusedStatements::Invalid(faults) => faults.into(),
            RefusedStatements::Conflict { .. } | RefusedStatements::Erased { .. } => {
                Self::Conflict(refused.to_string())
            }
            RefusedStatements::Overtaken => Self::Store(StoreError::Busy),
            RefusedStatements::Store(error) => Self::Store(error),
        }
    }
}

impl From<RefusedIntake> for ApiError {
    fn from(refused: RefusedIntake) -> Self {
        match refused {
            RefusedIntake::Invalid(faults) => faults.into(),
            RefusedIntake::Statements(refused) => refused.into(),
        }
    }
}

impl From<UnreadStatements> for ApiError {
    fn from(unread: UnreadStatements) -> Self {
        match unread {
            UnreadStatements::Forbidden(forbidden) => Self::Forbidden(forbidden),
            UnreadStatements::More(MoreError::Foreign) => Finding::told(
                "more",
                ProtocolRule::MoreLink,
                "a link that was altered, or made for another credential or elsewhere",
                "a link from an answer to the same credential, unaltered",
            )
            .into(),
            UnreadStatements::More(MoreError::Store(error)) | UnreadStatements::Store(error) => {
                Self::Store(error)
            }
        }
    }
}

impl From<UnreadActivity> for ApiError {
    fn from(unread: UnreadActivity) -> Self {
        match unread {
            UnreadActivity::Forbidden(forbidden) => Self::Forbidden(forbidden),
            UnreadActivity::Store(error) => Self::Store(error),
        }
    }
}

impl From<RefusedDocument> for ApiError {
    fn from(refused: RefusedDocument) -> Self {
        match refused {
            RefusedDocument::Forbidden(forbidden) => Self::Forbidden(forbidden),
            RefusedDocument::Precondition { .. } => Self::PreconditionFailed(refused.to_string()),
            RefusedDocument::Exists { .. } => Self::Conflict(refused.to_string()),
            RefusedDocument::Unconditional => {
                let let_off = let_off_by(Tolerance::UnconditionalProfiles);
                let expected = format!("If-None-Match: * to make a new profile{let_off}");
                Finding::told(
                    "If-None-Match",
                    ProtocolRule::ConditionMissing,
                    "nothing",
                    expected,
                )
                .into()
            }
            RefusedDocument::NotJson(fault) => not_json(&fault).into(),
            RefusedDocument::Merge(error) => {
                let (rule, found) = (ProtocolRule::DocumentMerge, error.to_string());
                let finding = Finding::new("body", rule, &found, "JSON objects on both sides");
                finding.shaped("something that is no JSON object").into()
            }
            RefusedDocument::TooLarge => Self::TooLarge {
                bytes_max: DOCUMENT_BYTES_MAX,
                setting: "",
            },
            RefusedDocument::Store(error) => Self::Store(error),
        }
    }
}

fn not_json(fault: &NotJson) -> Finding {
    Finding {
        line: u32::try_from(fault.line).ok(),
        column: u32::try_from(fault.column).ok(),
        ..Finding::new(
            "body",
            ProtocolRule::DocumentJson,
            &fault.reason,
            format!(
                "JSON, as Content-Type says{}",
                let_off_by(Tolerance::MislabelledDocuments)
            ),
        )
        .shaped("bytes that are not JSON")
    }
}

impl From<JourneyError> for ApiError {
    fn from(error: JourneyError) -> Self {
        match error {
            JourneyError::Issuer(trouble) => Self::Issuer(trouble),
            JourneyError::Store(error) => Self::Store(error),
        }
    }
}

impl From<RepeatsError> for ApiError {
    fn from(error: RepeatsError) -> Self {
        match error {
            RepeatsError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            RepeatsError::Store(error) => Self::Store(error),
        }
    }
}

impl From<SourcesError> for ApiError {
    fn from(error: SourcesError) -> Self {
        match error {
            SourcesError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            SourcesError::Absent => Self::Absent("source"),
            SourcesError::Store(error) => Self::Store(error),
        }
    }
}

impl From<UncountedError> for ApiError {
    fn from(error: UncountedError) -> Self {
        match error {
            UncountedError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            UncountedError::Store(error) => Self::Store(error),
        }
    }
}

impl From<OutcomeError> for ApiError {
    fn from(error: OutcomeError) -> Self {
        match error {
            OutcomeError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            OutcomeError::NoPeriod { .. } => {
                let (rule, found) = (ProtocolRule::PeriodEnd, error.to_string());
                let expected = "the last day of a period of the project that has passed";
                let finding = Finding::new("as_of", rule, &found, expected);
                finding.shaped("a day that ends no period").into()
            }
            OutcomeError::WholeTables => {
                let (rule, found) = (ProtocolRule::WholeTables, error.to_string());
                let expected = "no cohort, but the whole table";
                let finding = Finding::new("cohort", rule, &found, expected);
                finding.shaped("a part of a table").into()
            }
            OutcomeError::Store(error) => Self::Store(error),
        }
    }
}

impl From<PersonRecordError> for ApiError {
    fn from(error: PersonRecordError) -> Self {
        match error {
            PersonRecordError::Roster(error) => error.into(),
            PersonRecordError::Outcomes(error) => error.into(),
            PersonRecordError::Indicators(error) => error.into(),
            PersonRecordError::Person(error) => match error {
                ErasureError::Unknown => Self::Absent("person"),
                ErasureError::Forbidden(forbidden) => Self::Forbidden(forbidden),
                ErasureError::Store(error) => Self::Store(error),
                ErasureError::Ambiguous | ErasureError::Restricted => {
                    Self::Conflict(error.to_string())
                }
                _ => Self::Internal("the record of a person could not be put together"),
            },
        }
    }
}

impl From<RosterError> for ApiError {
    fn from(error: RosterError) -> Self {
        match error {
            RosterError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            RosterError::Store(error) | RosterError::Merge(MergeError::Store(error)) => {
                Self::Store(error)
            }
            RosterError::Merge(MergeError::Unknown { .. }) => Self::Absent("person"),
            RosterError::Merge(MergeError::Busy) => Self::Store(StoreError::Busy),
            RosterError::Merge(error) => Self::Conflict(error.to_string()),
        }
    }
}

impl From<DirectoryError> for ApiError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            DirectoryError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ReportError> for ApiError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            ReportError::Absent(what) => Self::Absent(what),
            ReportError::NoPeriod { .. } => {
                let (rule, found) = (ProtocolRule::PeriodEnd, error.to_string());
                let expected = "the last day of a period of the project";
                let finding = Finding::new("period", rule, &found, expected);
                finding.shaped("a day that ends no period").into()
            }
            ReportError::Invalid {
                field,
                expected,
                found,
            } => {
                let finding = Finding::new(field, ProtocolRule::ReportValue, &found, expected);
                finding.quoting().into()
            }
            ReportError::Changed => Self::PreconditionFailed(error.to_string()),
            ReportError::TooLarge { found: 0, .. } => {
                let expected = "a body of 1 byte or more";
                Finding::told("body", ProtocolRule::ReportValue, "nothing", expected).into()
            }
            ReportError::TooLarge { max, .. } => Self::TooLarge {
                bytes_max: max,
                setting: "",
            },
            ReportError::Sets { .. }
            | ReportError::Open { .. }
            | ReportError::Later { .. }
            | ReportError::State { .. }
            | ReportError::Earlier { .. }
            | ReportError::NotOver { .. }
            | ReportError::OpeningUsed { .. }
            | ReportError::OwnLine
            | ReportError::Approved(_) => Self::Conflict(error.to_string()),
            ReportError::Store(error) => Self::Store(error),
        }
    }
}

impl From<PacksError> for ApiError {
    fn from(error: PacksError) -> Self {
        match error {
            PacksError::Report(error) => error.into(),
            PacksError::Signer(SignerError::Store(error)) => Self::Store(error),
            PacksError::Signer(error @ (SignerError::Absent | SignerError::Present(_))) => {
                Self::Conflict(error.to_string())
            }
            PacksError::Signer(SignerError::Unread(_)) => {
                Self::Internal("the signing key could not be read")
            }
            PacksError::Pack(_) => Self::Internal("the pack could not be written"),
        }
    }
}

impl From<PublicationError> for ApiError {
    fn from(error: PublicationError) -> Self {
        match error {
            PublicationError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            PublicationError::Report(error) => error.into(),
            PublicationError::Reveals(_) | PublicationError::TooLarge { .. } => {
                Self::Conflict(error.to_string())
            }
            PublicationError::Changed => Self::PreconditionFailed(error.to_string()),
            PublicationError::Store(error) => Self::Store(error),
        }
    }
}

impl From<IndicatorError> for ApiError {
    fn from(error: IndicatorError) -> Self {
        match error {
            IndicatorError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            IndicatorError::NoPeriod { .. } => {
                let (rule, found) = (ProtocolRule::PeriodEnd, error.to_string());
                let expected = "the last day of a period of the project that has passed";
                let finding = Finding::new("period", rule, &found, expected);
                finding.shaped("a day that ends no period").into()
            }
            IndicatorError::Store(error) => Self::Store(error),
        }
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        use registers::ImportError as Registers;
        match error {
            ImportError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            ImportError::Refused(faults) => Self::Files(faults),
            ImportError::TooLarge { .. } | ImportError::Registers(Registers::TooLarge { .. }) => {
                Self::ImportTooLarge(error.to_string())
            }
            ImportError::Busy | ImportError::Registers(Registers::Busy) => {
                Self::Store(StoreError::Busy)
            }
            ImportError::Store(error) | ImportError::Registers(Registers::Store(error)) => {
                Self::Store(error)
            }
        }
    }
}
