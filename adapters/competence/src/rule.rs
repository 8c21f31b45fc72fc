//! An evidence rule, read from its definition.

use std::cmp::Ordering;

use serde::Deserialize;
use serde_json::Value;
use varde_core::classes::Class;
use varde_core::definitions::{Definition, DefinitionFault, DefinitionFaults};

use crate::condition::Condition;
use crate::counting::{Count, Distinct};
use crate::decimal::Decimal;
use crate::finding::{Basis, Phase};
use crate::matching::Match;
use crate::measure::{Level, Measure, Threshold};
use crate::period::Period;

/// A rule that can be carried out.
#[derive(Debug)]
pub(crate) struct Rule {
    /// `id@version`.
    pub(crate) name: String,
    pub(crate) competence: String,
    pub(crate) basis: Basis,
    pub(crate) phase: Phase,
    pub(crate) matching: Match,
    pub(crate) measure: Measure,
    pub(crate) valid_for: Option<Period>,
}

/// The file as its schema has it, as far as it is read.
#[derive(Debug, Deserialize)]
struct File {
    competence: String,
    basis: Basis,
    #[serde(default)]
    phase: Phase,
    #[serde(default, rename = "match")]
    matching: FileMatch,
    measure: Option<String>,
    #[serde(default)]
    levels: Vec<FileLevel>,
    count: Option<FileCount>,
    window: Option<String>,
    valid_for: Option<String>,
}

#[derive(Debug, Deserialize)]
struct FileCount {
    min: usize,
    #[serde(default)]
    distinct: Distinct,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct FileMatch {
    class: Vec<Class>,
    verb: Vec<String>,
    object: Vec<String>,
    object_type: Vec<String>,
    within: Vec<String>,
    authority: Vec<String>,
    #[serde(rename = "where")]
    conditions: Vec<FileCondition>,
}

#[derive(Debug, Deserialize)]
struct FileCondition {
    path: String,
    op: String,
    value: Value,
}

#[derive(Debug, Clone, Deserialize)]
struct FileLevel {
    min: Option<Value>,
    level: u32,
    name: Option<String>,
}

/// Keys of the language that this version does not carry out.
const NOT_YET: [(&str, &str); 3] = [
    ("all_of", "rules made of other rules are"),
    ("any_of", "rules made of other rules are"),
    ("at_least", "rules made of other rules are"),
];

impl Rule {
    /// Reads a definition that fits its schema, or says everything that is wrong with it.
    pub(crate) fn compile(definition: &Definition) -> Result<Self, DefinitionFaults> {
        let mut faults = Faults::default();
        for (key, what) in NOT_YET {
            if definition.body.get(key).is_some() {
                faults.tell(key, format!("{what} not carried out by this version"));
            }
        }
        let file: File = match serde_json::from_value(definition.body.clone()) {
            Ok(file) => file,
            Err(error) => {
                faults.tell("$", error.to_string());
                return Err(faults.done());
            }
        };
        let measure = measure(&file, &mut faults);
        let valid_for = period("valid_for", file.valid_for.as_deref(), &mut faults);
        let matching = matching(file.matching, &mut faults);
        let (Some(measure), true) = (measure, faults.0.is_empty()) else {
            return Err(faults.done());
        };
        Ok(Self {
            name: definition.name(),
            competence: file.competence,
            basis: file.basis,
            phase: file.phase,
            matching,
            measure,
            valid_for,
        })
    }
}

#[derive(Debug, Default)]
struct Faults(Vec<DefinitionFault>);

impl Faults {
    fn tell(&mut self, path: impl Into<String>, sentence: impl Into<String>) {
        let (path, sentence) = (path.into(), sentence.into());
        self.0.push(DefinitionFault {
            path,
            line: None,
            column: None,
            sentence,
        });
    }

    fn done(self) -> DefinitionFaults {
        DefinitionFaults(self.0)
    }
}

fn matching(file: FileMatch, faults: &mut Faults) -> Match {
    let mut conditions = Vec::new();
    for (n, FileCondition { path, op, value }) in file.conditions.iter().enumerate() {
        match Condition::parse(path, op, value) {
            Ok(condition) => conditions.push(condition),
            Err((member, sentence)) => faults.tell(format!("match.where[{n}].{member}"), sentence),
        }
    }
    Match {
        classes: file.class,
        verbs: file.verb,
        objects: file.object,
        object_types: file.object_type,
        within: file.within,
        authorities: file.authority,
        conditions,
    }
}

fn period(key: &str, text: Option<&str>, faults: &mut Faults) -> Option<Period> {
    match Period::parse(text?) {
        Ok(period) => Some(period),
        Err(sentence) => {
            faults.tell(key, sentence);
            None
        }
    }
}

fn measure(file: &File, faults: &mut Faults) -> Option<Measure> {
    if file.measure.as_deref() != Some("count") {
        refuse_counting(file, faults);
    }
    match file.measure.as_deref() {
        Some("score") => Some(Measure::Score(thresholds(&file.levels, faults))),
        Some("level") => {
            // Whoever may name a level outright hands out what others must show.
            if file.matching.authority.is_empty() {
                let sentence = "`level` believes what is asserted, so name whom: the key \
                                `authority` is missing";
                faults.tell("match", sentence);
            }
            Some(Measure::Level(thresholds(&file.levels, faults)))
        }
        Some(name @ "success") => one_level(name, &file.levels, faults).map(Measure::Success),
        Some(name @ "completion") => one_level(name, &file.levels, faults).map(Measure::Completion),
        Some("count") => Some(Measure::Count(count(file, faults))),
        Some(name) => {
            let sentence = format!(
                "the measure `{name}` is not carried out by this version; \
                 it carries out score, level, success, completion and count"
            );
            faults.tell("measure", sentence);
            None
        }
        None => {
            faults.tell("$", "the key `measure` is missing");
            None
        }
    }
}

/// Only a count is made of several statements.
fn refuse_counting(file: &File, faults: &mut Faults) {
    for (key, given) in [
        ("count", file.count.is_some()),
        ("window", file.window.is_some()),
    ] {
        if given {
            let sentence = format!("`{key}` goes with `measure: count` alone in this version");
            faults.tell(key, sentence);
        }
    }
}

fn count(file: &File, faults: &mut Faults) -> Count {
    let thresholds = thresholds(&file.levels, faults);
    let least = file.count.as_ref().map_or(1, |count| count.min);
    for (n, threshold) in thresholds.iter().enumerate() {
        let text = &threshold.text;
        if !text.parse::<usize>().is_ok_and(|number| number >= least) {
            let sentence =
                format!("`count` expects a whole number, at least {least}, found {text}");
            faults.tell(format!("levels[{n}].min"), sentence);
        }
    }
    Count {
        thresholds,
        distinct: file
            .count
            .as_ref()
            .map(|count| count.distinct)
            .unwrap_or_default(),
        window: period("window", file.window.as_deref(), faults),
    }
}

/// `success` and `completion` are true or not: they show one level.
fn one_level(name: &str, levels: &[FileLevel], faults: &mut Faults) -> Option<Level> {
    for (n, level) in levels.iter().enumerate() {
        if level.min.is_some() {
            let sentence = format!("`{name}` is true or not and has no least value; leave it out");
            faults.tell(format!("levels[{n}].min"), sentence);
        }
    }
    if let [level] = levels {
        return Some(Level::from(level));
    }
    let found = levels.len();
    let sentence = format!("`{name}` is true or not and shows one level, found {found}");
    faults.tell("levels", sentence);
    None
}

fn thresholds(levels: &[FileLevel], faults: &mut Faults) -> Vec<Threshold> {
    let mut thresholds: Vec<Threshold> = Vec::new();
    for (n, level) in levels.iter().enumerate() {
        match threshold(level) {
            Ok(threshold) => {
                if let Some(before) = thresholds.last() {
                    check_rise(before, &threshold, n, faults);
                }
                thresholds.push(threshold);
            }
            Err(sentence) => faults.tell(format!("levels[{n}]"), sentence),
        }
    }
    if levels.is_empty() {
        faults.tell("$", "the key `levels` is missing");
    }
    thresholds
}

fn threshold(level: &FileLevel) -> Result<Threshold, &'static str> {
    let min = level
        .min
        .as_ref()
        .ok_or("a level of a score needs its least value: `min: 0.6`")?;
    let text = min.as_str().map_or_else(|| min.to_string(), str::to_owned);
    let value = Decimal::parse(&text).ok_or("the least value has too many digits")?;
    Ok(Threshold {
        text,
        value,
        level: Level::from(level),
    })
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

impl From<&FileLevel> for Level {
    fn from(file: &FileLevel) -> Self {
        Self {
            level: file.level,
            name: file.name.clone(),
        }
    }
}
