//! What holds between indicators, checked on every table, since a number that breaks it is wrong.

use std::collections::HashSet;
use std::sync::Arc;

use crate::Amount;
use crate::set::Measure;
use crate::table::{Breach, CountedKey, IndicatorValue};

/// Indicators whose keys are all keys of another.
pub(crate) const WITHIN: [(&str, &str); 11] = [
    ("RCR81", "RCO85"),
    ("RCO02", "RCO01"),
    ("RCO03", "RCO01"),
    ("RCO04", "RCO01"),
    ("RCO05", "RCO01"),
    ("RCR03", "RCO01"),
    ("RCR04", "RCO01"),
    ("RCO82", "RCO81"),
    ("RCR104", "RCO116"),
    ("RCR79", "RCO83"),
    ("RCR84", "RCO87"),
];

/// Returns what should hold between the indicators of a table and does not.
pub(crate) fn breaches(indicators: &[Arc<IndicatorValue>]) -> Vec<Breach> {
    let of = |code: &str| {
        indicators
            .iter()
            .find(|one| one.code.common().to_string() == code)
            .map(Arc::as_ref)
    };
    let within = WITHIN
        .iter()
        .filter_map(|(part, whole)| not_within(of(part)?, of(whole)?));
    let sums = indicators.iter().flat_map(|one| unequal_sums(one));
    within.chain(sums).collect()
}

fn not_within(part: &IndicatorValue, whole: &IndicatorValue) -> Option<Breach> {
    let keys: HashSet<_> = whole.keys.iter().map(CountedKey::natural_parts).collect();
    let beyond = part.keys.iter();
    let beyond = beyond.filter(|key| !keys.contains(&key.natural_parts()));
    let beyond: Vec<String> = beyond.map(CountedKey::natural_key).collect();
    let (code, other) = (part.code.clone(), &whole.code);
    (!beyond.is_empty()).then(|| Breach {
        sentence: format!(
            "every key of {code} should be one of {other}; {} are not",
            beyond.len()
        ),
        code,
        keys: beyond,
    })
}

fn unequal_sums(indicator: &IndicatorValue) -> Vec<Breach> {
    if !matches!(indicator.measure, Measure::Count | Measure::Sum) {
        return Vec::new();
    }
    let unequal = indicator
        .breakdowns
        .iter()
        .filter_map(|(dimension, cells)| {
            let sum: Amount = cells.values().copied().sum();
            (sum != indicator.value).then(|| Breach {
                code: indicator.code.clone(),
                sentence: format!("{dimension} should sum to {}, found {sum}", indicator.value),
                keys: Vec::new(),
            })
        });
    unequal.collect()
}
