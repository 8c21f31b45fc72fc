//! What a statement shows of a competence: a ledger entry's body.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::registers::PersonId;

use crate::decimal::Decimal;

/// Who says so. Outcomes never mix bases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// An assessment.
    Assessed,
    /// Somebody who watched.
    Observed,
    /// The learner.
    #[serde(rename = "self")]
    Own,
}

impl Basis {
    /// Returns the name that rules use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Assessed => "assessed",
            Self::Observed => "observed",
            Self::Own => "self",
        }
    }
}

/// Whether evidence is from before or after the learning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Before.
    Pre,
    /// After.
    Post,
    /// Not said.
    #[default]
    Any,
}

/// What one statement shows by one rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Whose competence.
    pub person: PersonId,
    /// The competence's IRI.
    pub competence: String,
    /// The rule, `id@version`.
    pub rule: String,
    /// Who says so.
    pub basis: Basis,
    /// Whether it is from before or after the learning.
    pub phase: Phase,
    /// When it happened.
    pub instant: jiff::Timestamp,
    /// The day on which it happened, in the project's time zone.
    pub day: Date,
    /// The programme activities that the statement is about, by IRI: whoever organised one of them
    /// sees the finding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// What decided.
    pub comparison: Comparison,
    /// What was decided.
    pub verdict: Verdict,
}

/// Evidence, or nearly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Verdict {
    /// It shows this level and all lower ones.
    Evidence {
        /// The level, from 1.
        level: u32,
        /// The level's name in the framework.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        level_name: Option<String>,
        /// The day from which on it has lapsed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires: Option<Date>,
        /// The day from which on its front end has taken it back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        undone: Option<Date>,
    },
    /// The rule matched, but no level was reached; the comparison says why.
    NearMiss,
}

/// What decided, to be told as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "measure", rename_all = "kebab-case")]
pub enum Comparison {
    /// A scaled score against a level's least value.
    Score {
        /// `result.score.scaled` as sent.
        scaled: String,
        /// The least value, as the rule has it.
        min: String,
        /// Whether it is reached.
        reached: bool,
    },
    /// A raw score as a share of the range from `min` to `max` against a level's least value.
    Share {
        /// Raw score less the least possible.
        part: String,
        /// The greatest possible less the least possible.
        whole: String,
        /// The least value, as the rule has it.
        min: String,
        /// Whether it is reached.
        reached: bool,
    },
    /// A level that somebody asserted outright against a level's least value.
    Level {
        /// `result.score.raw` as sent.
        asserted: String,
        /// The least value, as the rule has it.
        min: String,
        /// Whether it is reached.
        reached: bool,
    },
    /// How many distinct units matched inside the window against a level's least number.
    Count {
        /// How many matched, this statement's among them.
        number: usize,
        /// The least number, as the rule has it.
        min: String,
        /// Whether it is reached.
        reached: bool,
    },
    /// `result.success`.
    Success {
        /// Its value.
        value: bool,
    },
    /// `result.completion`.
    Completion {
        /// Its value.
        value: bool,
    },
    /// The statement has nothing to measure.
    Missing {
        /// What it lacks.
        what: Missing,
    },
}

/// What a statement lacks for being measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// A scaled score, or a raw one with its greatest possible value.
    Score,
    /// A score of so few digits that it can be compared exactly.
    ExactScore,
    /// A raw score that names a level.
    Level,
    /// `result.success`.
    Success,
    /// `result.completion`.
    Completion,
    /// An activity as its object.
    Object,
    /// `context.registration`.
    Registration,
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Score {
                scaled,
                min,
                reached,
            } => write!(f, "{scaled} is {} {min}", side(*reached)),
            Self::Share {
                part,
                whole,
                min,
                reached,
            } => {
                write!(
                    f,
                    "{part} of {whole}{} is {} {min}",
                    share(part, whole),
                    side(*reached)
                )
            }
            Self::Level {
                asserted,
                min,
                reached,
            } => {
                write!(
                    f,
                    "the asserted level {asserted} is {} {min}",
                    side(*reached)
                )
            }
            Self::Count {
                number,
                min,
                reached,
            } => write!(f, "the count {number} is {} {min}", side(*reached)),
            Self::Success { value } => write!(f, "success is {value}"),
            Self::Completion { value } => write!(f, "completion is {value}"),
            Self::Missing { what } => f.write_str(what.reason()),
        }
    }
}

impl Missing {
    fn reason(self) -> &'static str {
        match self {
            Self::Score => {
                "the statement has neither a scaled score nor a raw one with its greatest value"
            }
            Self::ExactScore => "the score has too many digits to be compared exactly",
            Self::Level => "the statement has no raw score that names a level",
            Self::Success => "the statement does not say whether it was a success",
            Self::Completion => "the statement does not say whether it was completed",
            Self::Object => "the statement is not about an activity that could be counted",
            Self::Registration => "the statement has no registration that could be counted",
        }
    }
}

fn side(reached: bool) -> &'static str {
    if reached { "at least" } else { "below" }
}

fn share(part: &str, whole: &str) -> String {
    let quotient = || Decimal::parse(part)?.share_of(Decimal::parse(whole)?);
    quotient().map_or_else(String::new, |share| format!(" ({share})"))
}
