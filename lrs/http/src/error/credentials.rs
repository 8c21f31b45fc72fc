//! Why keys and sessions were not made or changed.

use varde_core::keys::{KeyError, UnmanagedKey};
use varde_core::sessions::Unminted;

use super::ApiError;
use crate::finding::Finding;
use crate::rule::ProtocolRule;

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        let told = |field: &str, error: &KeyError| {
            let rule = ProtocolRule::KeyValue;
            let expected = error.to_string();
            Finding::told(field, rule, "something else", expected)
                .quoting()
                .into()
        };
        match error {
            KeyError::Name => told("name", &error),
            KeyError::Secret => told("secret", &error),
            KeyError::TooMany => told("origins", &error),
            KeyError::Authority(_) => told("authority", &error),
            KeyError::Expired(_) => told("expires", &error),
            KeyError::Person => told("person", &error),
            KeyError::Overlap => told("overlap_hours", &error),
            KeyError::Absent => Self::Absent("API key"),
            KeyError::Taken | KeyError::Revoked => Self::Conflict(error.to_string()),
            KeyError::Store(error) => Self::Store(error),
        }
    }
}

impl From<UnmanagedKey> for ApiError {
    fn from(unmanaged: UnmanagedKey) -> Self {
        match unmanaged {
            UnmanagedKey::Forbidden(forbidden) => Self::Forbidden(forbidden),
            UnmanagedKey::Foreign { .. } => Self::ForeignProject(unmanaged.to_string()),
            UnmanagedKey::Key(error) => error.into(),
        }
    }
}

impl From<Unminted> for ApiError {
    fn from(unminted: Unminted) -> Self {
        let told = |field: &str, unminted: &Unminted| {
            let rule = ProtocolRule::SessionValue;
            let expected = unminted.to_string();
            Finding::told(field, rule, "something else", expected).into()
        };
        match unminted {
            Unminted::Forbidden(forbidden) => Self::Forbidden(forbidden),
            Unminted::Store(error) => Self::Store(error),
            Unminted::Seconds => told("seconds", &unminted),
            Unminted::TooLarge => told("activity", &unminted),
        }
    }
}
