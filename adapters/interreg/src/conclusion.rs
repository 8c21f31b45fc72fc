//! What the ledger holds of an indicator set.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::registers::PersonId;

use crate::IndicatorCode;

/// One key of an indicator, counted or not: the body of a ledger entry.
///
/// It names the person by id only; what is known of the person is looked up when asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conclusion {
    /// The indicator.
    pub code: IndicatorCode,
    /// The scheme, or the several that are equally near.
    pub schemes: Vec<String>,
    /// The person.
    pub person: PersonId,
    /// The local day of the statement that asks to be counted.
    pub occurred: Date,
    /// The organisation that the person was there for, where the statement says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Whether it counts.
    pub standing: Standing,
}

/// Whether a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It counts from this local day on: the first on which all its conditions hold.
    CountedFrom(Date),
    /// It does not count.
    Excluded(Reason),
}

/// Why something that was considered does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// No two countries organise the scheme.
    NotJoint,
    /// Two schemes are equally near.
    AmbiguousUnit,
    /// The day lies behind the last one that counts.
    AfterProjectEnd,
    /// A completion without a participation.
    NoParticipation,
    /// The statement itself denies the completion.
    CompletionDenied,
    /// The completion was taken back.
    CompletionUndone,
    /// All conditions hold, but only from a day behind the one asked for.
    CountsLater,
}

impl Reason {
    /// Says it in a sentence for the project office.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotJoint => "no organisers from two countries are on record for the scheme",
            Self::AmbiguousUnit => "the statement names two schemes at the same distance",
            Self::AfterProjectEnd => "it happened after the last day that counts",
            Self::NoParticipation => "no counted participation goes with the completion",
            Self::CompletionDenied => "the statement says completed, but its result denies it",
            Self::CompletionUndone => "the completion was taken back by a later statement",
            Self::CountsLater => "its last condition holds only after the day asked for",
        }
    }
}
