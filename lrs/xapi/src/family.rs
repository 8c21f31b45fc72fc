//! The two families of the standard and how a request names one.

use crate::fault::{Fault, Found, Rule};

/// A family of compatible xAPI versions, whose rules a request is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// xAPI 1.0.0 to 1.0.3.
    V1,
    /// xAPI 2.0 (IEEE 9274.1.1-2023).
    V2,
}

impl Family {
    /// Reads the `X-Experience-API-Version` header: `1.0`, `1.0.x`, `2.0` or `2.0.x`.
    ///
    /// xAPI 1.0.3 Communication 3.3; any other value is a fault.
    pub fn from_header(value: &str) -> Result<Self, Fault> {
        match minor_version(value) {
            Some("1.0") => Ok(Self::V1),
            Some("2.0") => Ok(Self::V2),
            _ => Err(Fault::of_parameter(
                "X-Experience-API-Version",
                Rule::VersionHeader,
                Found::text(value),
                "1.0, 1.0.x, 2.0 or 2.0.x",
            )),
        }
    }

    /// Returns the latest version of the family, as response headers carry it.
    pub fn latest(self) -> &'static str {
        match self {
            Self::V1 => "1.0.3",
            Self::V2 => "2.0.0",
        }
    }

    /// Returns the `version` a statement gets that was sent without one.
    pub fn statement_default(self) -> &'static str {
        match self {
            Self::V1 => "1.0.0",
            Self::V2 => "2.0.0",
        }
    }

    /// Tells whether a statement's own `version` may have this value.
    ///
    /// xAPI 1.0.3 Data 2.4.10: 1.0 or 1.0.x; under 2.0 also 2.0 or 2.0.x.
    pub fn admits_statement_version(self, value: &str) -> bool {
        match minor_version(value) {
            Some("1.0") => true,
            Some("2.0") => self == Self::V2,
            _ => false,
        }
    }
}

/// Returns the first two parts of `major.minor` or `major.minor.patch`, the patch being digits.
fn minor_version(value: &str) -> Option<&str> {
    let minor = value.get(..3)?;
    match value.get(3..)?.strip_prefix('.') {
        None if value.len() == 3 => Some(minor),
        Some(patch) if !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit()) => {
            Some(minor)
        }
        _ => None,
    }
}
