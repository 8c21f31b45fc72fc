//! Results and scores (xAPI 1.0.3 Data 2.4.5).

use std::cmp::Ordering;

use super::Check;
use crate::fault::Rule;
use crate::json::Node;
use crate::model::{Score, StatementResult};
use crate::number::Number;

const RESULT: [&str; 6] = [
    "score",
    "success",
    "completion",
    "response",
    "duration",
    "extensions",
];

impl<'t> Check<'t> {
    pub(super) fn result(&mut self, node: &Node<'t>) -> Option<StatementResult> {
        self.object(node, &RESULT)?;
        Some(StatementResult {
            score: self.optional(node, "score", Self::score),
            success: self.optional(node, "success", Self::boolean),
            completion: self.optional(node, "completion", Self::boolean),
            response: self.optional(node, "response", Self::string),
            duration: self.optional(node, "duration", Self::duration),
            extensions: self
                .optional(node, "extensions", Self::extensions)
                .unwrap_or_default(),
        })
    }

    fn score(&mut self, node: &Node<'t>) -> Option<Score> {
        self.object(node, &["scaled", "raw", "min", "max"])?;
        let score = Score {
            scaled: self.optional(node, "scaled", Self::number),
            raw: self.optional(node, "raw", Self::number),
            min: self.optional(node, "min", Self::number),
            max: self.optional(node, "max", Self::number),
        };
        if !between(
            score.scaled.as_ref(),
            Number::parse("-1").as_ref(),
            Number::parse("1").as_ref(),
        ) {
            self.fault_of_score(node, "scaled", Rule::ScoreScaled, "a number from -1 to 1");
        }
        if !between(score.raw.as_ref(), score.min.as_ref(), score.max.as_ref()) {
            self.fault_of_score(node, "raw", Rule::ScoreRaw, "a number from min to max");
        }
        if score
            .min
            .as_ref()
            .zip(score.max.as_ref())
            .is_some_and(|(min, max)| min >= max)
        {
            self.fault_of_score(node, "min", Rule::ScoreRange, "a number less than max");
        }
        Some(score)
    }

    fn fault_of_score(&mut self, node: &Node<'t>, key: &str, rule: Rule, expected: &'static str) {
        self.fault(node.get(key).unwrap_or(node), rule, expected);
    }
}

/// Tells whether a value, if there is one, lies within the bounds that there are.
fn between(value: Option<&Number>, min: Option<&Number>, max: Option<&Number>) -> bool {
    let order = |bound: Option<&Number>| value.zip(bound).map(|(value, bound)| value.cmp(bound));
    order(min) != Some(Ordering::Less) && order(max) != Some(Ordering::Greater)
}
