//! Why an administrator's and an auditor's wishes were not granted.

use varde_core::audit::UntoldAudit;
use varde_core::definitions::UnlistedDefinitions;
use varde_core::refusals::UntoldRefusals;
use varde_core::users::{UnmanagedUser, UserError};

use super::ApiError;
use crate::finding::Finding;
use crate::rule::ProtocolRule;

impl From<UserError> for ApiError {
    fn from(error: UserError) -> Self {
        let told = |field: &str, error: &UserError| {
            let rule = ProtocolRule::UserValue;
            let expected = error.to_string();
            Finding::told(field, rule, "something else", expected)
                .quoting()
                .into()
        };
        match error {
            UserError::Name => told("name", &error),
            UserError::Password => told("password", &error),
            UserError::Key(_) => told("key", &error),
            UserError::Taken => Self::Conflict(error.to_string()),
            UserError::Absent => Self::Absent("user"),
            UserError::Store(error) => Self::Store(error),
        }
    }
}

impl From<UnmanagedUser> for ApiError {
    fn from(unmanaged: UnmanagedUser) -> Self {
        match unmanaged {
            UnmanagedUser::Forbidden(forbidden) => Self::Forbidden(forbidden),
            UnmanagedUser::User(error) => error.into(),
        }
    }
}

impl From<UntoldAudit> for ApiError {
    fn from(untold: UntoldAudit) -> Self {
        match untold {
            UntoldAudit::Forbidden(forbidden) => Self::Forbidden(forbidden),
            UntoldAudit::Store(error) => Self::Store(error),
        }
    }
}

impl From<UnlistedDefinitions> for ApiError {
    fn from(unlisted: UnlistedDefinitions) -> Self {
        match unlisted {
            UnlistedDefinitions::Forbidden(forbidden) => Self::Forbidden(forbidden),
            UnlistedDefinitions::Store(error) => Self::Store(error),
        }
    }
}

impl From<UntoldRefusals> for ApiError {
    fn from(untold: UntoldRefusals) -> Self {
        match untold {
            UntoldRefusals::Forbidden(forbidden) => Self::Forbidden(forbidden),
            UntoldRefusals::NoKey => Self::Absent("API key"),
            UntoldRefusals::Store(error) => Self::Store(error),
        }
    }
}
