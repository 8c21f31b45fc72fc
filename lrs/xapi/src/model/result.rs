//! What came out of an experience.

use super::statement::Extensions;
use crate::duration::Duration;
use crate::number::Number;

/// The `result` member of a statement (xAPI 1.0.3 Data 2.4.5).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementResult {
    /// The score.
    pub score: Option<Score>,
    /// Whether it was a success.
    pub success: Option<bool>,
    /// Whether it was completed.
    pub completion: Option<bool>,
    /// The answer given, uninterpreted.
    pub response: Option<String>,
    /// How long it took.
    pub duration: Option<Duration>,
    /// Further members.
    pub extensions: Extensions,
}

/// A score (xAPI 1.0.3 Data 2.4.5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Score {
    /// Between -1 and 1.
    pub scaled: Option<Number>,
    /// Between `min` and `max` where these are given.
    pub raw: Option<Number>,
    /// Less than `max`.
    pub min: Option<Number>,
    /// Greater than `min`.
    pub max: Option<Number>,
}
