//! What an example of an indicator set expects of an indicator, and what was found.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use varde_core::StoreError;
use varde_core::examples::{Answer, Trial};

use crate::conclusion::Reason;
use crate::indicators::{IndicatorQuery, Indicators};
use crate::table::IndicatorValue;
use crate::{Amount, IndicatorCode};

/// One thing that an example of an indicator set expects, as the schema has it: a value, or why a
/// learner is not in it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Expected {
    Count {
        code: IndicatorCode,
        count: Amount,
    },
    LearnerLeftOut {
        code: IndicatorCode,
        learner: String,
        left_out: Reason,
    },
    LeftOut {
        code: IndicatorCode,
        about: String,
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
        Expected::LearnerLeftOut {
            code,
            learner,
            left_out,
        } => {
            let shown = trial.shown(&learner).await?;
            let value = value(trial, &code).await?;
            Ok(standing(&code, &learner, (value, shown), left_out))
        }
        Expected::LeftOut {
            code,
            about,
            left_out,
        } => {
            let value = value(trial, &code).await?;
            Ok(standing(
                &code,
                &about,
                (value, Some(about.clone())),
                left_out,
            ))
        }
    }
}

fn no_such() -> String {
    "no such indicator in the set".to_owned()
}

async fn value(
    trial: &Trial,
    code: &IndicatorCode,
) -> Result<Option<Arc<IndicatorValue>>, StoreError> {
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

/// Tells whether whom or what it is about, as keys show that, is left out for the reason.
fn standing(
    code: &IndicatorCode,
    named: &str,
    (value, shown): (Option<Arc<IndicatorValue>>, Option<String>),
    left_out: Reason,
) -> Answer {
    let answer = |holds, found| Answer {
        what: format!("{code} of {named}"),
        holds,
        expected: format!("left out: {}", left_out.sentence()),
        found,
    };
    let Some(value) = value else {
        return answer(false, no_such());
    };
    let is = |text: Option<&String>| text.is_some() && text == shown.as_ref();
    let exclusions = value.exclusions.iter().filter(|one| {
        is(one.person.as_ref()) || is(one.organisation.as_ref()) || is(one.units.first())
    });
    let reasons: Vec<Reason> = exclusions.map(|one| one.reason).collect();
    let mut keys = value.keys.iter();
    let found = if !reasons.is_empty() {
        let sentences: Vec<_> = reasons.iter().map(|reason| reason.sentence()).collect();
        format!("left out: {}", sentences.join("; "))
    } else if keys.any(|key| {
        is(key.person.as_ref()) || is(key.organisation.as_ref()) || is(key.unit.as_ref())
    }) {
        "counted".to_owned()
    } else {
        "nothing of theirs".to_owned()
    };
    answer(reasons.contains(&left_out), found)
}
