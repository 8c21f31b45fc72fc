//! How an indicator set groups its facts.

use std::fmt;

use varde_core::ledger::Group;

/// Groups of this stage say since when a scheme is joint.
pub(crate) const JOINT_STAGE: u8 = 1;
/// Groups of this stage are keys of indicators.
pub(crate) const KEY_STAGE: u8 = 2;

/// The key of a group. Neither IRIs nor person ids hold a `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupKey<'a> {
    /// Since when a scheme is joint.
    Joint(&'a str),
    /// A person whose statements name several schemes at one distance, by the first of them.
    Ambiguous(&'a str, &'a str),
    /// One key of one indicator: code, scheme, person.
    Key(&'a str, &'a str, &'a str),
}

/// Begins the keys of groups for ambiguous units.
pub(crate) const AMBIGUOUS: &str = "ambiguous";
const JOINT: &str = "joint";

impl<'a> GroupKey<'a> {
    /// Reads a group's key.
    pub(crate) fn parse(key: &'a str) -> Option<Self> {
        let mut parts = key.splitn(3, '|');
        match (parts.next()?, parts.next()?, parts.next()) {
            (JOINT, scheme, None) => Some(Self::Joint(scheme)),
            (AMBIGUOUS, scheme, Some(person)) => Some(Self::Ambiguous(scheme, person)),
            (code, scheme, Some(person)) => Some(Self::Key(code, scheme, person)),
            _ => None,
        }
    }

    pub(crate) fn group(self) -> Group {
        let stage = match self {
            Self::Joint(_) => JOINT_STAGE,
            Self::Ambiguous(..) | Self::Key(..) => KEY_STAGE,
        };
        Group {
            stage,
            key: self.to_string(),
        }
    }
}

impl fmt::Display for GroupKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joint(scheme) => write!(f, "{JOINT}|{scheme}"),
            Self::Ambiguous(scheme, person) => write!(f, "{AMBIGUOUS}|{scheme}|{person}"),
            Self::Key(code, scheme, person) => write!(f, "{code}|{scheme}|{person}"),
        }
    }
}
