//! What of a statement is compared with the levels of a rule.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use varde_core::classes::{Class, classify};
use varde_xapi::{Score, Statement};

use crate::decimal::Decimal;
use crate::finding::{Comparison, Missing};
use crate::levels::{Level, Threshold};
use crate::time;

/// What a rule measures, with the levels that it shows, the lowest first and never none.
#[derive(Debug, Clone)]
pub(crate) enum Measure {
    /// The score.
    Score(Vec<Threshold>),
    /// `result.score.raw` as it stands, where somebody asserts a level outright.
    Level(Vec<Threshold>),
    /// `result.success`, or what the verb says of it; one level when true.
    Success(Level),
    /// `result.completion`, or what the verb says of it; one level when true.
    Completion(Level),
    /// How many distinct units match.
    Count(Vec<Threshold>),
    /// How long distinct units took together.
    Duration(Vec<Threshold>),
}

/// What was measured, before it is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Measured {
    /// `result.score.scaled`.
    Scaled(String),
    /// `result.score.raw` of a level asserted outright.
    Raw(String),
    /// Raw score less the least, and the greatest less the least (least 0 where not sent).
    Share {
        part: String,
        whole: String,
    },
    Flag(bool),
    /// `result.duration` in seconds.
    Seconds(String),
    /// How many units there are; of a single statement one.
    Number(usize),
    Missing(Missing),
}

impl Measure {
    /// Measures a statement. Where its result is silent, its verb speaks for success and
    /// completion: not every front end sends a result with them.
    pub(crate) fn of(&self, statement: &Statement) -> Measured {
        let result = statement.result.as_ref();
        let score = result.and_then(|result| result.score.as_ref());
        match self {
            Self::Score(_) => score.map_or(Measured::Missing(Missing::Score), measure_score),
            Self::Level(_) => score
                .and_then(|score| score.raw.as_ref())
                .map_or(Measured::Missing(Missing::Level), |raw| {
                    Measured::Raw(raw.text().to_owned())
                }),
            Self::Success(_) => {
                let said = result.and_then(|result| result.success);
                let said = said.or_else(|| claim(statement, &[Class::Passed], &[Class::Failed]));
                flag(said, Missing::Success)
            }
            Self::Completion(_) => {
                let said = result.and_then(|result| result.completion);
                let yes = [Class::Completed, Class::Satisfied];
                flag(
                    said.or_else(|| claim(statement, &yes, &[])),
                    Missing::Completion,
                )
            }
            Self::Count(_) => Measured::Number(1),
            Self::Duration(_) => match result.and_then(|result| result.duration.as_ref()) {
                None => Measured::Missing(Missing::Duration),
                Some(duration) => time::seconds(duration.text())
                    .map_or(Measured::Missing(Missing::ExactDuration), |seconds| {
                        Measured::Seconds(seconds.to_string())
                    }),
            },
        }
    }

    /// Returns how many levels there are.
    pub(crate) fn levels(&self) -> usize {
        match self {
            Self::Success(_) | Self::Completion(_) => 1,
            Self::Score(all) | Self::Level(all) | Self::Count(all) | Self::Duration(all) => {
                all.len()
            }
        }
    }

    /// Returns a level by its place, 0 for the lowest.
    pub(crate) fn level(&self, place: usize) -> Option<&Level> {
        match self {
            Self::Success(level) | Self::Completion(level) => Some(level),
            _ => self.threshold(place).map(|threshold| &threshold.level),
        }
    }

    fn threshold(&self, place: usize) -> Option<&Threshold> {
        match self {
            Self::Success(_) | Self::Completion(_) => None,
            Self::Score(all) | Self::Level(all) | Self::Count(all) | Self::Duration(all) => {
                all.get(place)
            }
        }
    }

    /// Returns the sum that shows a level by its place, as [`Measured::amount`] has it.
    pub(crate) fn amount_of(&self, place: usize) -> i128 {
        let Some(threshold) = self.threshold(place) else {
            return 1;
        };
        match self {
            Self::Duration(_) => threshold.value.nanos().unwrap_or(i128::MAX),
            _ => threshold.text.parse().unwrap_or(i128::MAX),
        }
    }

    /// Returns how many of the levels what was measured reaches, or why that cannot be told.
    pub(crate) fn reached(&self, measured: &Measured) -> Result<usize, Missing> {
        match (self, measured) {
            (_, Measured::Missing(what)) => Err(*what),
            (Self::Success(_) | Self::Completion(_), Measured::Flag(value)) => {
                Ok(usize::from(*value))
            }
            (Self::Success(_), _) => Err(Missing::Success),
            (Self::Completion(_), _) => Err(Missing::Completion),
            (
                Self::Score(all) | Self::Level(all) | Self::Count(all) | Self::Duration(all),
                value,
            ) => {
                let mut number = 0;
                for threshold in all {
                    match reaches(value, threshold.value) {
                        None => return Err(Missing::ExactScore),
                        Some(true) => number += 1,
                        Some(false) => break,
                    }
                }
                Ok(number)
            }
        }
    }

    /// Returns what decided: what was measured against a level by its place.
    pub(crate) fn compared(&self, measured: &Measured, place: usize, reached: bool) -> Comparison {
        let min = || {
            let threshold = self.threshold(place);
            threshold
                .map(|threshold| threshold.text.clone())
                .unwrap_or_default()
        };
        match (self, measured.clone()) {
            (_, Measured::Missing(what)) => Comparison::Missing { what },
            (_, Measured::Scaled(scaled)) => Comparison::Score {
                scaled,
                min: min(),
                reached,
            },
            (_, Measured::Raw(asserted)) => Comparison::Level {
                asserted,
                min: min(),
                reached,
            },
            (_, Measured::Share { part, whole }) => Comparison::Share {
                part,
                whole,
                min: min(),
                reached,
            },
            (_, Measured::Number(number)) => Comparison::Count {
                number,
                min: min(),
                reached,
            },
            (_, Measured::Seconds(seconds)) => Comparison::Duration {
                seconds,
                min: min(),
                reached,
            },
            (Self::Completion(_), Measured::Flag(value)) => Comparison::Completion { value },
            (_, Measured::Flag(value)) => Comparison::Success { value },
        }
    }
}

impl Measured {
    /// Returns what a statement adds to a sum: its time in billionths of a second, else one.
    pub(crate) fn amount(&self) -> Result<i128, Missing> {
        match self {
            Self::Missing(what) => Err(*what),
            Self::Seconds(seconds) => Decimal::parse(seconds)
                .and_then(Decimal::nanos)
                .ok_or(Missing::ExactDuration),
            _ => Ok(1),
        }
    }

    /// Returns a sum of billionths of a second as measured.
    pub(crate) fn seconds(nanos: i128) -> Self {
        Self::Seconds(Decimal::of_nanos(nanos).to_string())
    }
}

/// Returns what a statement's verb claims.
fn claim(statement: &Statement, yes: &[Class], no: &[Class]) -> Option<bool> {
    let classes = classify(statement);
    let any_of = |claim: &[Class]| classes.iter().any(|class| claim.contains(class));
    if any_of(yes) {
        Some(true)
    } else {
        any_of(no).then_some(false)
    }
}

fn flag(value: Option<bool>, what: Missing) -> Measured {
    value.map_or(Measured::Missing(what), Measured::Flag)
}

fn measure_score(score: &Score) -> Measured {
    if let Some(scaled) = &score.scaled {
        return Measured::Scaled(scaled.text().to_owned());
    }
    let (Some(raw), Some(max)) = (&score.raw, &score.max) else {
        return Measured::Missing(Missing::Score);
    };
    let min = score.min.as_ref().map_or("0", |min| min.text());
    share(raw.text(), min, max.text()).unwrap_or(Measured::Missing(Missing::ExactScore))
}

/// Returns `None` where a value has too many digits.
fn share(raw: &str, min: &str, max: &str) -> Option<Measured> {
    let [raw, min, max] = [raw, min, max].map(Decimal::parse);
    let (part, whole) = (raw?.minus(min?)?, max?.minus(min?)?);
    Some(match whole.compare(Decimal::ZERO)? {
        Ordering::Greater => Measured::Share {
            part: part.to_string(),
            whole: whole.to_string(),
        },
        _ => Measured::Missing(Missing::Score),
    })
}

/// Tells whether a value is at least a threshold, without dividing; `None` where the numbers have
/// too many digits to tell exactly.
fn reaches(measured: &Measured, threshold: Decimal) -> Option<bool> {
    let order = match measured {
        Measured::Scaled(value) | Measured::Raw(value) | Measured::Seconds(value) => {
            Decimal::parse(value)?.compare(threshold)?
        }
        Measured::Share { part, whole } => {
            Decimal::parse(part)?.compare(threshold.times(Decimal::parse(whole)?)?)?
        }
        Measured::Number(number) => Decimal::parse(&number.to_string())?.compare(threshold)?,
        Measured::Flag(_) | Measured::Missing(_) => return None,
    };
    Some(order != Ordering::Less)
}
