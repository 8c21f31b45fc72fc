//! Why statements, documents and files of them were not taken in or given out.

use varde_core::activities::UnreadActivity;
use varde_core::arrivals::SourcesError;
use varde_core::attachments::RefusedIntake;
use varde_core::documents::{DOCUMENT_BYTES_MAX, NotJson, RefusedDocument};
use varde_core::statements::{
    MoreError, RefusedStatements, RepeatsError, UncountedError, UnreadStatements,
};
use varde_core::users::JourneyError;
use varde_core::{StoreError, Tolerance};
use varde_xapi::{Fault, Faults};

use super::ApiError;
use crate::finding::{Finding, Findings, let_off_by};
use crate::rule::ProtocolRule;

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
