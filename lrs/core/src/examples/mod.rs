//! Examples in definitions: what a definition concludes, shown by its author and held to.
//!
//! An example says what is known (register rows, statements) and what is then expected as of a
//! day. Each is played in a store of its own in memory ([`Trial`]), by the runner that carries real
//! statements; the adapter of the definition's kind reads the answer the way that people are
//! answered. A definition whose examples do not all hold is not installed.

mod registers;
mod statement;
mod trial;

use std::fmt::{self, Write as _};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

pub use trial::Trial;

use self::registers::ExampleRegisters;
use self::statement::ExampleStatement;
use crate::StoreError;
use crate::definitions::{Definition, DefinitionFault, DefinitionFaults};
use crate::ledger::Adapter;

/// An example as the file has it; the schemas say what each member means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    name: String,
    #[serde(default)]
    registers: ExampleRegisters,
    #[serde(default)]
    statements: Vec<ExampleStatement>,
    as_of: Date,
    expect: Vec<Value>,
}

/// What an adapter reads for one thing that an example expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked for: a learner, an indicator.
    pub what: String,
    /// What the example expects, for people.
    pub expected: String,
    /// What was found, for people.
    pub found: String,
    /// Whether the one is the other.
    pub holds: bool,
}

/// One expectation of an example, with its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The example's name.
    pub example: String,
    /// Where the expectation stands in the definition: `examples[0].expect[1]`.
    pub path: String,
    /// The answer.
    pub answer: Answer,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Answer {
            what,
            expected,
            found,
            ..
        } = &self.answer;
        write!(
            f,
            "the example \"{}\" fails: {what}: found {found}, expected {expected}",
            self.example
        )
    }
}

/// The expectations that do not hold: never none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", lines(.0))]
pub struct FailedExamples(pub Vec<Shown>);

fn lines(failed: &[Shown]) -> String {
    let mut text = String::new();
    for (n, shown) in failed.iter().enumerate() {
        let separator = if n == 0 { "" } else { "\n" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{}: {shown}", shown.path);
    }
    text
}

/// Why the examples of a definition could not be played.
#[derive(Debug, Error)]
pub enum UnplayedExamples {
    /// An example says what cannot be: a row or a statement that would be refused.
    #[error(transparent)]
    Faults(#[from] DefinitionFaults),
    /// The store in memory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Plays the examples of a definition that compiles, and returns each expectation with its answer,
/// in the order of the file. `others` are definitions at hand: the newest of those that this one
/// needs are put to work beside it.
pub async fn play(
    definition: &Definition,
    adapter: &Arc<dyn Adapter>,
    others: &[Definition],
) -> Result<Vec<Shown>, UnplayedExamples> {
    let examples = examples(definition)?;
    if examples.is_empty() {
        return Ok(Vec::new());
    }
    let needed = needed(definition, &**adapter, others)?;
    let mut shown = Vec::new();
    for (n, example) in examples.iter().enumerate() {
        let path = format!("examples[{n}]");
        let trial = Trial::of((definition, &needed), adapter, example, &path).await?;
        for (m, expected) in example.expect.iter().enumerate() {
            let path = format!("{path}.expect[{m}]");
            let answer = adapter.answer(&trial, expected).await?;
            shown.push(Shown {
                example: example.name.clone(),
                path,
                answer,
            });
        }
    }
    Ok(shown)
}

/// Returns what a definition needs, and what that needs in turn.
fn needed(
    definition: &Definition,
    adapter: &dyn Adapter,
    others: &[Definition],
) -> Result<Vec<Definition>, DefinitionFaults> {
    let mut found: Vec<Definition> = Vec::new();
    let mut needed = adapter.needs(definition);
    while let Some(id) = needed.pop() {
        if id == definition.id || found.iter().any(|known| known.id == id) {
            continue;
        }
        let of_id = |other: &&Definition| (&other.kind, &other.id) == (&definition.kind, &id);
        let newest = others
            .iter()
            .filter(of_id)
            .max_by_key(|other| other.version);
        let newest = newest.ok_or_else(|| {
            let sentence = format!("{id} is not at hand for them; give its file before this one");
            fault("examples", sentence)
        })?;
        needed.extend(adapter.needs(newest));
        found.push(newest.clone());
    }
    Ok(found)
}

/// Returns those of the expectations that do not hold, if any.
pub fn failed(shown: &[Shown]) -> Option<FailedExamples> {
    let failed = shown.iter().filter(|shown| !shown.answer.holds);
    let failed: Vec<_> = failed.cloned().collect();
    (!failed.is_empty()).then_some(FailedExamples(failed))
}

fn examples(definition: &Definition) -> Result<Vec<Example>, DefinitionFaults> {
    let Some(list) = definition.body.get("examples") else {
        return Ok(Vec::new());
    };
    serde_json::from_value(list.clone()).map_err(|error| {
        let sentence = format!("expected a list of examples: {error}");
        fault("examples", sentence)
    })
}

fn fault(path: &str, sentence: String) -> DefinitionFaults {
    DefinitionFaults(vec![DefinitionFault {
        path: path.to_owned(),
        line: None,
        column: None,
        sentence,
    }])
}
