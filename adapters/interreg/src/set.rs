//! An indicator set as its file has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use varde_core::ProjectCode;
use varde_core::classes::Class;

use crate::{Amount, IndicatorCode};

/// Which indicators a project reports and how each is counted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct IndicatorSet {
    /// The project that reports, by its code.
    pub project: ProjectCode,
    /// The verb classes that begin a participation.
    #[serde(default = "starting_classes")]
    pub starting_classes: Vec<Class>,
    /// Credentials that prove the completion of a scheme.
    #[serde(default)]
    pub certificates: Vec<Certificates>,
    /// The indicators, in the order of the file.
    pub indicators: Vec<Indicator>,
}

/// What a front end says once somebody has begun; signing up alone is not among it.
fn starting_classes() -> Vec<Class> {
    use Class::{Attended, Completed, Failed, Passed, Scored, Started};
    vec![Started, Completed, Passed, Failed, Scored, Attended]
}

/// The certificates and badges of one scheme.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Certificates {
    /// The scheme's IRI.
    pub scheme: String,
    /// The credentials' IRIs, as statements name them.
    pub credentials: Vec<String>,
}

/// One indicator of a set.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Indicator {
    /// Its code.
    pub code: IndicatorCode,
    /// Its name.
    pub name: Names,
    /// What it counts.
    pub unit: Names,
    /// How its keys become a value.
    pub measure: Measure,
    /// Where it stood before, of result indicators only.
    pub baseline: Option<Baseline>,
    /// The value to be reached on the way.
    pub milestone: Option<Amount>,
    /// The value to be reached by the end.
    pub target: Amount,
    /// Where milestone and target are decided.
    pub source: String,
    /// The counting rule.
    pub counting: Counting,
    /// Answers of the grant decision that counting rules read.
    #[serde(default)]
    pub switches: BTreeMap<String, bool>,
}

/// A text in the three languages of the programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    /// Norwegian bokmål.
    pub nb: String,
    /// Swedish.
    pub sv: String,
    /// English.
    pub en: String,
}

/// How keys become a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// The number of keys.
    Count,
    /// The sum of what keys carry.
    Sum,
    /// A share.
    Ratio,
    /// A distribution.
    Summary,
}

impl Measure {
    /// Returns the measure's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Sum => "sum",
            Self::Ratio => "ratio",
            Self::Summary => "summary",
        }
    }
}

/// Where a result indicator stood before the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// The value.
    pub value: Amount,
    /// The year it is of.
    pub year: u16,
    /// Where it is from.
    pub source: String,
}

/// The counting rule of an indicator and its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Counting {
    /// The rule's name.
    pub rule: String,
    /// How many months after the project's last day a key still counts; where absent, what the rule has.
    pub months_after_end: Option<u8>,
    /// The least support that counts, as an ISO 8601 duration; none where absent.
    pub support_min: Option<String>,
}
