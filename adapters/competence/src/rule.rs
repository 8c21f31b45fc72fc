//! An evidence rule, read from its definition.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use varde_core::classes::Class;
use varde_core::definitions::{Definition, DefinitionFaults};

use crate::composite::Composite;
use crate::condition::Condition;
use crate::counting::{Distinct, Several};
use crate::evidence::Evidence;
use crate::faults::Faults;
use crate::finding::{Basis, Phase};
use crate::levels::{FileLevel, Level, durations, one_level, refuse_least_values, thresholds};
use crate::matching::Match;
use crate::measure::Measure;
use crate::period::Period;

/// A rule that can be carried out.
#[derive(Debug, Clone)]
pub(crate) enum Rule {
    /// Evidence is what statements show.
    Evidence(Arc<Evidence>),
    /// Evidence is what other rules show together.
    Composite(Composite),
}

/// What a rule is a rule of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The rule's id.
    pub(crate) id: String,
    /// `id@version`.
    pub(crate) name: String,
    pub(crate) competence: String,
    pub(crate) basis: Basis,
    pub(crate) phase: Phase,
}

impl Claim {
    /// Reads what a definition is a rule of; `None` for one that does not fit its schema.
    pub(crate) fn read(definition: &Definition) -> Option<Self> {
        #[derive(Deserialize)]
        struct Head {
            competence: String,
            basis: Basis,
            #[serde(default)]
            phase: Phase,
        }
        let Head {
            competence,
            basis,
            phase,
        } = Head::deserialize(&*definition.body).ok()?;
        Some(Self {
            id: definition.id.clone(),
            name: definition.name(),
            competence,
            basis,
            phase,
        })
    }
}

/// The file as its schema has it, as far as it is read.
#[derive(Debug, Deserialize)]
struct File {
    #[serde(default, rename = "match")]
    matching: FileMatch,
    measure: Option<String>,
    #[serde(default)]
    levels: Vec<FileLevel>,
    count: Option<FileCount>,
    window: Option<String>,
    valid_for: Option<String>,
    #[serde(default)]
    all_of: Vec<String>,
    #[serde(default)]
    any_of: Vec<String>,
    at_least: Option<usize>,
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

/// The keys that say which statements are evidence: a rule made of other rules has none of them.
const OF_STATEMENTS: [&str; 5] = ["match", "measure", "count", "window", "valid_for"];

impl Rule {
    /// Reads a definition that fits its schema, or says everything that is wrong with it.
    pub(crate) fn compile(definition: &Definition) -> Result<Self, DefinitionFaults> {
        let mut faults = Faults::default();
        match Self::read(definition, &mut faults) {
            Some(rule) if faults.is_empty() => Ok(rule),
            _ => Err(faults.done()),
        }
    }

    fn read(definition: &Definition, faults: &mut Faults) -> Option<Self> {
        let file = File::deserialize(&*definition.body);
        let file = file
            .map_err(|error| faults.tell("$", error.to_string()))
            .ok()?;
        let Some(claim) = Claim::read(definition) else {
            faults.tell("$", "expected the keys `competence` and `basis`");
            return None;
        };
        if file.all_of.is_empty() && file.any_of.is_empty() {
            return evidence(claim, file, faults);
        }
        for key in OF_STATEMENTS {
            if definition.body.get(key).is_some() {
                let sentence = format!("`{key}` does not go with `all_of` and `any_of`");
                faults.tell(key, sentence);
            }
        }
        Some(Self::Composite(composite(claim, file, faults)))
    }
}

fn evidence(claim: Claim, file: File, faults: &mut Faults) -> Option<Rule> {
    if file.at_least.is_some() {
        faults.tell(
            "at_least",
            "`at_least` goes with `any_of`, which is missing",
        );
    }
    let measure = measure(&file, faults);
    let several = several(&file, faults);
    let evidence = Evidence {
        claim,
        measure: measure?,
        several,
        valid_for: period("valid_for", file.valid_for.as_deref(), faults),
        matching: matching(file.matching, faults),
    };
    Some(Rule::Evidence(Arc::new(evidence)))
}

fn composite(claim: Claim, file: File, faults: &mut Faults) -> Composite {
    for (key, rules) in [("all_of", &file.all_of), ("any_of", &file.any_of)] {
        if let Some(n) = rules.iter().position(|rule| *rule == claim.id) {
            faults.tell(format!("{key}[{n}]"), "a rule cannot be made of itself");
        }
    }
    let most = file.any_of.len();
    if let Some(found) = file.at_least.filter(|least| *least > most) {
        let sentence =
            format!("expected at most {most}, the number of rules in `any_of`, found {found}");
        faults.tell("at_least", sentence);
    }
    refuse_least_values("a rule made of other rules", &file.levels, faults);
    if file.levels.len() > 1 {
        let found = file.levels.len();
        let sentence = format!(
            "a rule made of other rules shows one level, or without `levels` the one that enough \
             of them reach; found {found}"
        );
        faults.tell("levels", sentence);
    }
    let least = if most == 0 {
        0
    } else {
        file.at_least.unwrap_or(1)
    };
    Composite {
        claim,
        all_of: file.all_of,
        any_of: file.any_of,
        at_least: least,
        level: file.levels.first().map(Level::from),
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
    let levels = &file.levels;
    match file.measure.as_deref() {
        Some("score") => Some(Measure::Score(thresholds(levels, faults))),
        Some("level") => {
            // Whoever may name a level outright hands out what others must show.
            if file.matching.authority.is_empty() {
                let sentence = "`level` believes what is asserted, so name whom: the key \
                                `authority` is missing";
                faults.tell("match", sentence);
            }
            Some(Measure::Level(thresholds(levels, faults)))
        }
        Some("success") => one_level("`success`", levels, faults).map(Measure::Success),
        Some("completion") => one_level("`completion`", levels, faults).map(Measure::Completion),
        Some("count") => {
            let thresholds = thresholds(levels, faults);
            let least = file.count.as_ref().map_or(1, |count| count.min);
            for (n, text) in thresholds.iter().map(|t| &t.text).enumerate() {
                if !text.parse::<usize>().is_ok_and(|number| number >= least) {
                    let sentence =
                        format!("`count` expects a whole number, at least {least}, found {text}");
                    faults.tell(format!("levels[{n}].min"), sentence);
                }
            }
            Some(Measure::Count(thresholds))
        }
        Some("duration") => Some(Measure::Duration(durations(levels, faults))),
        Some(name) => {
            faults.tell("measure", format!("`{name}` is no measure"));
            None
        }
        None => {
            faults.tell("$", "the key `measure` is missing");
            None
        }
    }
}

/// Reads how many statements it takes; a count and a duration always add up several.
fn several(file: &File, faults: &mut Faults) -> Option<Several> {
    let adds_up = matches!(file.measure.as_deref(), Some("count" | "duration"));
    if file.window.is_some() && file.count.is_none() && !adds_up {
        let sentence =
            "`window` bounds the statements that are counted: the key `count` is missing";
        faults.tell("window", sentence);
    }
    if file.count.is_some() && file.measure.as_deref() == Some("completion") {
        let sentence = "a completion shows for itself, since it may be taken back; to count \
                        completions take `measure: count` with `class: [completed]`";
        faults.tell("count", sentence);
    }
    (adds_up || file.count.is_some()).then(|| Several {
        least: file.count.as_ref().map_or(1, |count| count.min),
        distinct: file
            .count
            .as_ref()
            .map(|count| count.distinct)
            .unwrap_or_default(),
        window: period("window", file.window.as_deref(), faults),
    })
}
