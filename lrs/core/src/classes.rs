//! Verb classes: what front ends mean by their verbs, so that rules need not list them.
//!
//! The table is data (`schemas/definitions/verb-classes.json`). A class says only what a statement
//! claims of its own object; which object that is, a rule must look at: the same verb is sent of a
//! course, of a module in it and of a single question.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_xapi::{Object, Statement, StatementResult};

/// What a statement claims of its actor and object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Signed up.
    Registered,
    /// Signed off, or broke off.
    Left,
    /// Began.
    Started,
    /// Completed; the result may still deny it with `completion: false`.
    Completed,
    /// An earlier completion of the same object no longer holds.
    Undone,
    /// Met all that was asked, or was excused from it.
    Satisfied,
    /// Passed.
    Passed,
    /// Failed.
    Failed,
    /// Got a score.
    Scored,
    /// Was there, at least in part.
    Attended,
    /// Got a badge or certificate.
    Credential,
}

/// A text that names no class.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no verb class")]
pub struct ClassError(pub String);

impl Class {
    /// Every class.
    pub const EACH: [Self; 11] = [
        Self::Registered,
        Self::Left,
        Self::Started,
        Self::Completed,
        Self::Undone,
        Self::Satisfied,
        Self::Passed,
        Self::Failed,
        Self::Scored,
        Self::Attended,
        Self::Credential,
    ];

    /// Returns the name that definitions use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Left => "left",
            Self::Started => "started",
            Self::Completed => "completed",
            Self::Undone => "undone",
            Self::Satisfied => "satisfied",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Scored => "scored",
            Self::Attended => "attended",
            Self::Credential => "credential",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Class {
    type Err = ClassError;

    fn from_str(text: &str) -> Result<Self, ClassError> {
        let class = Self::EACH.into_iter().find(|class| class.name() == text);
        class.ok_or_else(|| ClassError(text.to_owned()))
    }
}

/// Returns the classes that a statement is in, in the order of [`Class`]; none for a verb that
/// the table does not know.
pub fn classify(statement: &Statement) -> Vec<Class> {
    let conditions = TABLE
        .get(statement.verb.id.as_str())
        .map_or(&[][..], Vec::as_slice);
    let mut classes: Vec<Class> = conditions
        .iter()
        .filter(|(_, condition)| condition.holds(statement))
        .map(|(class, _)| *class)
        .collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

/// Tells whether a statement with this verb may be in one of the classes; the rest of the statement
/// decides whether it is.
pub fn may_be(verb: &str, classes: &[Class]) -> bool {
    let conditions = TABLE.get(verb).map_or(&[][..], Vec::as_slice);
    conditions.iter().any(|(class, _)| classes.contains(class))
}

/// By verb: the classes it may stand for, each with its condition.
type Table = HashMap<String, Vec<(Class, Arc<Condition>)>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let file: File = serde_json::from_str(varde_schemas::VERB_CLASSES)
        .expect("the table has this form, as a test shows");
    let mut table = Table::new();
    for (class, conditions) in file.classes {
        for condition in conditions.into_iter().map(Arc::new) {
            for verb in &condition.verbs {
                table
                    .entry(verb.clone())
                    .or_default()
                    .push((class, Arc::clone(&condition)));
            }
        }
    }
    table
});

#[derive(Deserialize)]
struct File {
    classes: BTreeMap<Class, Vec<Condition>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    verbs: Vec<String>,
    object_types: Option<Vec<String>>,
    #[serde(default)]
    not_object_types: Vec<String>,
    has: Option<Has>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Has {
    Score,
    Completion,
    Success,
    Failure,
}

impl Condition {
    fn holds(&self, statement: &Statement) -> bool {
        let object_type = object_type(statement);
        let among = |types: &[String]| types.iter().any(|t| Some(t.as_str()) == object_type);
        self.object_types.as_deref().is_none_or(among)
            && !among(&self.not_object_types)
            && self
                .has
                .is_none_or(|has| has.holds(statement.result.as_ref()))
    }
}

impl Has {
    fn holds(self, result: Option<&StatementResult>) -> bool {
        result.is_some_and(|result| match self {
            Self::Score => result.score.is_some(),
            Self::Completion => result.completion == Some(true),
            Self::Success => result.success == Some(true),
            Self::Failure => result.success == Some(false),
        })
    }
}

fn object_type(statement: &Statement) -> Option<&str> {
    match &statement.object {
        Object::Activity(activity) => Some(
            activity
                .definition
                .as_ref()?
                .activity_type
                .as_ref()?
                .as_str(),
        ),
        _ => None,
    }
}
