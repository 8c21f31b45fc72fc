//! What is wrong with an input, told to the person who must mend it.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::json::shape_of_text;
pub use crate::rule::Rule;

/// The most characters of a sender's value that a fault quotes.
const QUOTE_CHARS_MAX: usize = 120;

/// The most faults that are told one by one; the rest are only counted.
pub const FAULTS_MAX: usize = 100;

/// One broken rule: where, which, what was found and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The JSON path (`$[7].actor.mbox`), or the name of a parameter or header.
    pub path: String,
    /// The line in the body, from 1; absent for parameters.
    pub line: Option<u32>,
    /// The column in characters, from 1; absent for parameters.
    pub column: Option<u32>,
    /// The rule that was broken.
    pub rule: Rule,
    /// The sender's own value, cut to 120 characters. Belongs in the sender's answer only.
    pub found: String,
    /// The form of what was found, never its value; fit for logs.
    pub shape: String,
    /// What would have been accepted.
    pub expected: String,
}

impl Fault {
    /// Makes a fault of a query parameter or header, with its name as the path.
    pub fn of_parameter(name: &str, rule: Rule, found: Found, expected: &str) -> Self {
        Self {
            path: name.to_owned(),
            line: None,
            column: None,
            rule,
            found: found.quote,
            shape: found.shape,
            expected: expected.to_owned(),
        }
    }
}

/// What was found, in two forms: quoted for the sender, and as a mere shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub(crate) quote: String,
    pub(crate) shape: String,
}

impl Found {
    /// Describes a text by a bounded quote, and by its length.
    pub fn text(value: &str) -> Self {
        Self::new(value, shape_of_text(value))
    }

    pub(crate) fn new(quote: &str, shape: impl Into<String>) -> Self {
        Self {
            quote: bounded(quote),
            shape: shape.into(),
        }
    }
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(QUOTE_CHARS_MAX) {
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, " (line {line}, column {column})")?;
        }
        write!(
            f,
            ": expected {}, found {}; {}",
            self.expected,
            self.found,
            self.rule.text()
        )?;
        write!(f, " [{}, {}]", self.rule.code(), self.rule.source())
    }
}

impl std::error::Error for Fault {}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Fault", 7)?;
        object.serialize_field("path", &self.path)?;
        object.serialize_field("line", &self.line)?;
        object.serialize_field("column", &self.column)?;
        object.serialize_field("rule", self.rule.code())?;
        object.serialize_field("section", self.rule.source())?;
        object.serialize_field("found", &self.found)?;
        object.serialize_field("expected", &self.expected)?;
        object.end()
    }
}

/// Every fault of one input: never empty, the first hundred told, all counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    told: Vec<Fault>,
    total: usize,
}

impl Faults {
    /// Gathers faults of which `total` were seen; `None` when there are none.
    pub(crate) fn gather(told: Vec<Fault>, total: usize) -> Option<Self> {
        (!told.is_empty()).then_some(Self { told, total })
    }

    /// Returns faults that were found apart from a text, the first hundred told; `None` when there
    /// are none.
    pub fn of(mut told: Vec<Fault>) -> Option<Self> {
        let total = told.len();
        told.truncate(FAULTS_MAX);
        Self::gather(told, total)
    }

    /// Turns faults of a JSON text into faults of the parameter that it was the value of.
    pub(crate) fn of_parameter(mut self, name: &str) -> Self {
        for fault in &mut self.told {
            let below = fault.path.strip_prefix('$').unwrap_or_default();
            fault.path = format!("{name}{below}");
            (fault.line, fault.column) = (None, None);
        }
        self
    }

    /// Returns the told faults, at most [`FAULTS_MAX`], in the order of the text.
    pub fn as_slice(&self) -> &[Fault] {
        &self.told
    }

    /// Iterates over the told faults.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.told.iter()
    }

    /// Returns how many faults there are, told or not.
    pub fn total(&self) -> usize {
        self.total
    }
}

impl<'a> IntoIterator for &'a Faults {
    type Item = &'a Fault;
    type IntoIter = std::slice::Iter<'a, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self {
            told: vec![fault],
            total: 1,
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.told.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{fault}")?;
        }
        match self.total.saturating_sub(self.told.len()) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for Faults {}
