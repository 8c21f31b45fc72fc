//! What of a statement is compared with the levels of a rule.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use varde_core::classes::{Class, classify};
use varde_xapi::{Score, Statement};

use crate::counting::Count;
use crate::decimal::Decimal;
use crate::finding::{Comparison, Missing};

/// The measures that are carried out.
#[derive(Debug, Clone)]
pub(crate) enum Measure {
    /// The score against thresholds, the lowest first, never empty.
    Score(Vec<Threshold>),
    /// `result.score.raw` as it stands, where somebody asserts a level outright; thresholds as for
    /// a score.
    Level(Vec<Threshold>),
    /// `result.success`, or what the verb says of it; one level when true.
    Success(Level),
    /// `result.completion`, or what the verb says of it; one level when true.
    Completion(Level),
    /// How many distinct units match.
    Count(Count),
}

/// A level that a rule may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) level: u32,
    pub(crate) name: Option<String>,
}

/// A level with the least value that shows it.
#[derive(Debug, Clone)]
pub(crate) struct Threshold {
    /// The value as the rule has it.
    pub(crate) text: String,
    pub(crate) value: Decimal,
    pub(crate) level: Level,
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
    /// The activity or registration that is counted.
    Unit(String),
    /// The statement itself is counted.
    Statement,
    /// How many units were counted.
    Counted(usize),
    Missing(Missing),
}

impl Measure {
    /// Measures a statement. Where its result is silent, its verb speaks for success and
    /// completion: not every front end sends a result with them.
    pub(crate) fn of(&self, statement: &Statement) -> Measured {
        let result = statement.result.as_ref();
        let claims = |claim: &[Class]| {
            classify(statement)
                .iter()
                .any(|class| claim.contains(class))
        };
        let claim = |yes: &[Class], no: &[Class]| {
            if claims(yes) {
                Some(true)
            } else {
                claims(no).then_some(false)
            }
        };
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
                let said = said.or_else(|| claim(&[Class::Passed], &[Class::Failed]));
                flag(said, Missing::Success)
            }
            Self::Completion(_) => {
                let said = result.and_then(|result| result.completion);
                let said = said.or_else(|| claim(&[Class::Completed, Class::Satisfied], &[]));
                flag(said, Missing::Completion)
            }
            Self::Count(count) => count.distinct.of(statement),
        }
    }

    /// Compares what was measured with the levels: the level shown, if any, and what decided.
    pub(crate) fn judge(&self, measured: &Measured) -> (Option<&Level>, Comparison) {
        match (self, measured) {
            (_, Measured::Missing(what)) => (None, Comparison::Missing { what: *what }),
            (Self::Score(thresholds) | Self::Level(thresholds), value) => {
                judge_score(thresholds, value)
            }
            (Self::Count(count), value) => judge_score(&count.thresholds, value),
            (Self::Success(level), Measured::Flag(value)) => (
                value.then_some(level),
                Comparison::Success { value: *value },
            ),
            (Self::Completion(level), Measured::Flag(value)) => (
                value.then_some(level),
                Comparison::Completion { value: *value },
            ),
            (Self::Success(_), _) => (
                None,
                Comparison::Missing {
                    what: Missing::Success,
                },
            ),
            (Self::Completion(_), _) => (
                None,
                Comparison::Missing {
                    what: Missing::Completion,
                },
            ),
        }
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

/// Climbs the levels as far as the score reaches.
fn judge_score<'a>(
    thresholds: &'a [Threshold],
    score: &Measured,
) -> (Option<&'a Level>, Comparison) {
    let mut shown = None;
    for threshold in thresholds {
        match reaches(score, threshold.value) {
            None => {
                return (
                    None,
                    Comparison::Missing {
                        what: Missing::ExactScore,
                    },
                );
            }
            Some(true) => shown = Some(threshold),
            Some(false) => break,
        }
    }
    match (shown, thresholds.first()) {
        (Some(threshold), _) => (Some(&threshold.level), compared(score, threshold, true)),
        (None, Some(lowest)) => (None, compared(score, lowest, false)),
        (None, None) => (
            None,
            Comparison::Missing {
                what: Missing::Score,
            },
        ),
    }
}

/// Tells whether a score is at least a threshold, without dividing; `None` where the numbers have
/// too many digits to tell exactly.
fn reaches(score: &Measured, threshold: Decimal) -> Option<bool> {
    let order = match score {
        Measured::Scaled(value) | Measured::Raw(value) => {
            Decimal::parse(value)?.compare(threshold)?
        }
        Measured::Share { part, whole } => {
            Decimal::parse(part)?.compare(threshold.times(Decimal::parse(whole)?)?)?
        }
        Measured::Counted(number) => Decimal::parse(&number.to_string())?.compare(threshold)?,
        Measured::Flag(_) | Measured::Unit(_) | Measured::Statement | Measured::Missing(_) => {
            return None;
        }
    };
    Some(order != Ordering::Less)
}

fn compared(score: &Measured, threshold: &Threshold, reached: bool) -> Comparison {
    let min = threshold.text.clone();
    match score.clone() {
        Measured::Scaled(scaled) => Comparison::Score {
            scaled,
            min,
            reached,
        },
        Measured::Raw(asserted) => Comparison::Level {
            asserted,
            min,
            reached,
        },
        Measured::Share { part, whole } => Comparison::Share {
            part,
            whole,
            min,
            reached,
        },
        Measured::Counted(number) => Comparison::Count {
            number,
            min,
            reached,
        },
        Measured::Flag(_) | Measured::Unit(_) | Measured::Statement => Comparison::Missing {
            what: Missing::Score,
        },
        Measured::Missing(what) => Comparison::Missing { what },
    }
}
