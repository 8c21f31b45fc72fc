//! What an example of an indicator set expects of an indicator, and what was found.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use varde_core::StoreError;
use varde_core::examples::{Answer, Trial};

use crate::IndicatorCode;
use crate::conclusion::Reason;
use crate::indicators::{IndicatorQuery, Indicators};
use crate::table::IndicatorValue;

/// One thing that an example of an indicator set expects, as the schema has it: a value, or why a
/// learner is not in it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Expected {
    Count {
        code: IndicatorCode,
        count: u64,
    },
    LeftOut {
        code: IndicatorCode,
        learner: String,
        left_out: Reason,
    },
}

/// Lays what the example expects beside the indicators, read as they always are.
pub(crate) async fn answer(trial: &Trial, expected: &Value) -> Result<Answer, StoreError> {
    let expected: Expected =
        serde_json::from_value(expected.clone()).map_err(StoreError::failed)?;
    match expected {
        Expected::Count { code, count } => {
            let found = value(trial, &code).await?.map(|value| value.value);
            Ok(Answer {
                what: code.to_string(),
                holds: found == Some(count),
                expected: count.to_string(),
                found: found.map_or_else(no_such, |found| found.to_string()),
            })
        }
        Expected::LeftOut {
            code,
            learner,
            left_out,
        } => {
            let (holds, found) = match value(trial, &code).await? {
                Some(value) => standing(trial, &value, &learner, left_out).await?,
                None => (false, no_such()),
            };
            Ok(Answer {
                what: format!("{code} of {learner}"),
                holds,
                expected: format!("left out: {}", left_out.sentence()),
                found,
            })
        }
    }
}

fn no_such() -> String {
    "no such indicator in the set".to_owned()
}

async fn value(trial: &Trial, code: &IndicatorCode) -> Result<Option<IndicatorValue>, StoreError> {
    let indicators = Indicators::new(trial.ledger.clone(), Arc::clone(&trial.registers));
    let query = IndicatorQuery {
        project: None,
        code: None,
        as_of: trial.as_of,
        known_at: None,
    };
    let report = indicators.query(&trial.caller, &query).await;
    let report = report.map_err(StoreError::failed)?;
    let mut values = report.tables.into_iter().flat_map(|table| table.indicators);
    Ok(values.find(|value| value.code == *code))
}

/// Returns whether a learner is left out for the reason, and what they are.
async fn standing(
    trial: &Trial,
    value: &IndicatorValue,
    learner: &str,
    left_out: Reason,
) -> Result<(bool, String), StoreError> {
    let Some(person) = trial.shown(learner).await? else {
        return Ok((false, "nothing of theirs".to_owned()));
    };
    let reasons = value.exclusions.iter().filter(|one| one.person == person);
    let reasons: Vec<Reason> = reasons.map(|one| one.reason).collect();
    let sentences: Vec<_> = reasons.iter().map(|reason| reason.sentence()).collect();
    let found = if !reasons.is_empty() {
        format!("left out: {}", sentences.join("; "))
    } else if value.keys.iter().any(|key| key.person == person) {
        "counted".to_owned()
    } else {
        "nothing of theirs".to_owned()
    };
    Ok((reasons.contains(&left_out), found))
}
