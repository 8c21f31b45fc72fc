//! Levels, and the least values that show them.

use std::cmp::Ordering;

use serde::Deserialize;
use serde_json::Value;

use crate::decimal::Decimal;
use crate::faults::Faults;
use crate::time;

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
    /// A duration in seconds, any other value as it stands.
    pub(crate) value: Decimal,
    pub(crate) level: Level,
}

/// A level as its file has it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct FileLevel {
    min: Option<Value>,
    level: u32,
    name: Option<String>,
}

impl From<&FileLevel> for Level {
    fn from(file: &FileLevel) -> Self {
        Self {
            level: file.level,
            name: file.name.clone(),
        }
    }
}

/// Reads the one level of what is true or not.
pub(crate) fn one_level(name: &str, levels: &[FileLevel], faults: &mut Faults) -> Option<Level> {
    refuse_least_values(name, levels, faults);
    if let [level] = levels {
        return Some(Level::from(level));
    }
    let found = levels.len();
    let sentence = format!("{name} is true or not and shows one level, found {found}");
    faults.tell("levels", sentence);
    None
}

/// What is true or not has no least values.
pub(crate) fn refuse_least_values(name: &str, levels: &[FileLevel], faults: &mut Faults) {
    for (n, level) in levels.iter().enumerate() {
        if level.min.is_some() {
            let sentence = format!("{name} is true or not and has no least value; leave it out");
            faults.tell(format!("levels[{n}].min"), sentence);
        }
    }
}

/// Reads levels with their least values, the lowest first.
pub(crate) fn thresholds(levels: &[FileLevel], faults: &mut Faults) -> Vec<Threshold> {
    ladder(levels, faults, "0.6", |text| {
        Decimal::parse(text).ok_or_else(|| {
            if text.starts_with('P') {
                format!(
                    "expected a number, found {text:?}; a duration goes with `measure: duration`"
                )
            } else {
                "the least value has too many digits".to_owned()
            }
        })
    })
}

/// Reads levels whose least values are durations.
pub(crate) fn durations(levels: &[FileLevel], faults: &mut Faults) -> Vec<Threshold> {
    ladder(levels, faults, "PT2H", |text| {
        time::seconds(text).ok_or_else(|| {
            format!("`duration` expects a duration of days or less, such as PT2H, found {text}")
        })
    })
}

fn ladder(
    levels: &[FileLevel],
    faults: &mut Faults,
    such_as: &str,
    read: impl Fn(&str) -> Result<Decimal, String>,
) -> Vec<Threshold> {
    let mut thresholds: Vec<Threshold> = Vec::new();
    for (n, level) in levels.iter().enumerate() {
        let Some(min) = &level.min else {
            let sentence =
                format!("a level of this measure needs its least value: `min: {such_as}`");
            faults.tell(format!("levels[{n}]"), sentence);
            continue;
        };
        let text = min.as_str().map_or_else(|| min.to_string(), str::to_owned);
        match read(&text) {
            Err(sentence) => faults.tell(format!("levels[{n}].min"), sentence),
            Ok(value) => {
                let level = Level::from(level);
                let threshold = Threshold { text, value, level };
                if let Some(before) = thresholds.last() {
                    check_rise(before, &threshold, n, faults);
                }
                thresholds.push(threshold);
            }
        }
    }
    if levels.is_empty() {
        faults.tell("$", "the key `levels` is missing");
    }
    thresholds
}

/// Levels stand in their order, so that the file reads as the ladder that it is.
fn check_rise(before: &Threshold, next: &Threshold, n: usize, faults: &mut Faults) {
    let rises = before
        .value
        .compare(next.value)
        .is_some_and(Ordering::is_lt);
    if !rises {
        let (before, found) = (&before.text, &next.text);
        let sentence = format!("expected more than {before}, the value before, found {found}");
        faults.tell(format!("levels[{n}].min"), sentence);
    }
    let (before, found) = (before.level.level, next.level.level);
    if before >= found {
        let sentence = format!("expected more than {before}, the level before, found {found}");
        faults.tell(format!("levels[{n}].level"), sentence);
    }
}
