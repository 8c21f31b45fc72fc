//! Random ids of whom identifiers, pseudonyms and sole traders' numbers name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_xapi::Ifi;

/// A random id of 128 bits, printed as 32 hex digits. It tells nothing of whom it stands for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdentityId(pub [u8; 16]);

/// A text that is no such id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("expected 32 lower-case hex digits")]
pub struct IdentityIdError;

impl fmt::Display for IdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for IdentityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for IdentityId {
    type Err = IdentityIdError;

    fn from_str(text: &str) -> Result<Self, IdentityIdError> {
        let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(hex) {
            return Err(IdentityIdError);
        }
        let bits = u128::from_str_radix(text, 16).map_err(|_| IdentityIdError)?;
        Ok(Self(bits.to_be_bytes()))
    }
}

impl TryFrom<String> for IdentityId {
    type Error = IdentityIdError;

    fn try_from(text: String) -> Result<Self, IdentityIdError> {
        text.parse()
    }
}

impl From<IdentityId> for String {
    fn from(id: IdentityId) -> Self {
        id.to_string()
    }
}

/// What kind of text names somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// An agent's identifier, in its canonical text.
    Agent,
    /// The office's pseudonym of a person.
    Pseudonym,
    /// The number of a Swedish sole trader, which is the owner's personal identity number.
    SoleTrader,
}

impl IdentityKind {
    /// Stands before the text in the keyed hash, so it never changes.
    pub(super) fn tag(self) -> &'static [u8] {
        match self {
            Self::Agent => b"agent",
            Self::Pseudonym => b"pseudonym",
            Self::SoleTrader => b"sole-trader",
        }
    }
}

/// A text that names somebody. It is not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityName {
    /// What kind of text it is.
    pub kind: IdentityKind,
    /// The text.
    pub text: String,
}

impl IdentityName {
    /// Names an agent by its identifier.
    pub fn agent(ifi: &Ifi) -> Self {
        Self::of(IdentityKind::Agent, ifi.canonical())
    }

    /// Names a person by the office's pseudonym.
    pub fn pseudonym(pseudonym: impl Into<String>) -> Self {
        Self::of(IdentityKind::Pseudonym, pseudonym)
    }

    /// Makes a name of any kind.
    pub fn of(kind: IdentityKind, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { kind, text }
    }
}

impl fmt::Debug for IdentityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityName({:?})", self.kind)
    }
}
