//! What a statement shows of a competence: a ledger entry's body.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::registers::PersonId;

use crate::closing::Closing;
use crate::sentence::Language;

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

/// A text that names no basis.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected assessed, observed or self, found {0:?}")]
pub struct BasisError(pub String);

impl FromStr for Basis {
    type Err = BasisError;

    fn from_str(text: &str) -> Result<Self, BasisError> {
        let mut each = [Self::Assessed, Self::Observed, Self::Own].into_iter();
        each.find(|basis| basis.name() == text)
            .ok_or_else(|| BasisError(text.to_owned()))
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

impl Phase {
    /// Returns the name that rules use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pre => "pre",
            Self::Post => "post",
            Self::Any => "any",
        }
    }
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
    /// The training scheme that it belongs to, where it belongs to a single one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
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
        /// By what the competence no longer holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        closed: Option<Closed>,
    },
    /// The rule matched, but no level was reached; the comparison says why.
    NearMiss,
}

/// The end of a competence, told by somebody whom the rule believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The day from which on it does not hold.
    pub day: Date,
    /// How it was lost.
    pub how: Closing,
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
    /// How long distinct units inside the window took together against a level's least duration.
    Duration {
        /// The time in seconds.
        seconds: String,
        /// The least duration, as the rule has it.
        min: String,
        /// Whether it is reached.
        reached: bool,
    },
    /// How many distinct units inside the window did as well as this one.
    Several {
        /// What this one did.
        each: Box<Comparison>,
        /// How many did as well, this one among them.
        number: usize,
        /// How many it takes.
        least: usize,
        /// Whether there are enough.
        reached: bool,
    },
    /// What other rules show.
    Rules {
        /// The rules that show the level.
        shown: Vec<Component>,
        /// How many rules there are.
        of: usize,
        /// How many of them it takes.
        least: usize,
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

/// What another rule shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// The rule, `id@version`.
    pub rule: String,
    /// The level that it shows.
    pub level: u32,
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
    /// `result.duration`.
    Duration,
    /// A duration of an exact length.
    ExactDuration,
    /// An end of its validity that can be read.
    Expiry,
    /// An activity as its object.
    Object,
    /// `context.registration`.
    Registration,
}

impl Comparison {
    /// Says that so many units did as well as one, of so many that it takes.
    pub(crate) fn several(each: Self, number: usize, least: usize) -> Self {
        Self::Several {
            each: Box::new(each),
            number,
            least,
            reached: number >= least,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(Language::En))
    }
}
