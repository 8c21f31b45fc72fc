//! How an indicator set groups its facts.

use std::fmt;

use varde_core::ledger::Group;

/// Groups of this stage say since when a scheme is joint.
pub(crate) const JOINT_STAGE: u8 = 1;
/// Groups of this stage are persons in schemes, with an entry for each indicator.
pub(crate) const KEY_STAGE: u8 = 2;

/// The key of a group. Neither IRIs nor person ids hold a `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupKey<'a> {
    /// Since when a scheme is joint.
    Joint(&'a str),
    /// A person whose statements name several schemes at one distance, by the first of them.
    Ambiguous(&'a str, &'a str),
    /// A person in a scheme, which is a key of each indicator: scheme, person.
    Key(&'a str, &'a str),
}

/// Begins the keys of groups for ambiguous units.
pub(crate) const AMBIGUOUS: &str = "ambiguous";
/// Begins the keys of groups of persons in schemes.
pub(crate) const KEY: &str = "key";
const JOINT: &str = "joint";

impl<'a> GroupKey<'a> {
    /// Reads a group's key.
    pub(crate) fn parse(key: &'a str) -> Option<Self> {
        let mut parts = key.splitn(3, '|');
        match (parts.next()?, parts.next()?, parts.next()) {
            (JOINT, scheme, None) => Some(Self::Joint(scheme)),
            (AMBIGUOUS, scheme, Some(person)) => Some(Self::Ambiguous(scheme, person)),
            (KEY, scheme, Some(person)) => Some(Self::Key(scheme, person)),
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
            Self::Key(scheme, person) => write!(f, "{KEY}|{scheme}|{person}"),
        }
    }
}
