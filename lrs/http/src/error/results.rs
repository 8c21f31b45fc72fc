//! Why results, reports and what is told of persons were not given out or changed.

use varde_competence::OutcomeError;
use varde_core::erasures::ErasureError;
use varde_core::registers::{MergeError, RosterError};
use varde_core::{StoreError, registers};
use varde_interreg::imports::ImportError;
use varde_interreg::packs::{PacksError, SignerError};
use varde_interreg::publication::PublicationError;
use varde_interreg::reports::ReportError;
use varde_interreg::{DirectoryError, IndicatorError};

use super::ApiError;
use crate::finding::Finding;
use crate::person_record::PersonRecordError;
use crate::rule::ProtocolRule;

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
