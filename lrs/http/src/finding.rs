//! Faults as an answer tells them: those of statements and those of the protocol alike.

use std::fmt;

use serde::Serialize;
use varde_core::Tolerance;
use varde_xapi::{Fault, Faults, Rule, shape_of_text};

use crate::ProtocolRule;

/// The most characters of a sender's value that a finding quotes.
const QUOTE_CHARS_MAX: usize = 120;

/// One broken rule: where, which, what was found and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The JSON path, or the name of a parameter or header.
    pub path: String,
    /// The line in the body, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
    /// The rule's stable code.
    pub rule: &'static str,
    /// Where the rule is written.
    pub section: &'static str,
    /// The sender's own value, cut to 120 characters.
    pub found: String,
    /// What would have been accepted.
    pub expected: String,
    /// The form of what was found, never its value; for notes, and for no answer.
    #[serde(skip)]
    pub(crate) shape: String,
    /// Whether what is expected tells something that the sender chose, so that it stands in no note.
    #[serde(skip)]
    pub(crate) quotes: bool,
}

impl Finding {
    /// Makes a finding about a parameter, a header or the body as a whole.
    pub fn new(path: &str, rule: ProtocolRule, found: &str, expected: impl Into<String>) -> Self {
        Self {
            path: path.chars().take(QUOTE_CHARS_MAX).collect(),
            line: None,
            column: None,
            rule: rule.code(),
            section: rule.source(),
            found: found.chars().take(QUOTE_CHARS_MAX).collect(),
            expected: expected.into(),
            shape: shape_of_text(found),
            quotes: false,
        }
    }

    /// Makes a finding about something that is told in our words, not in the sender's.
    pub(crate) fn told(
        path: &str,
        rule: ProtocolRule,
        found: &'static str,
        expected: impl Into<String>,
    ) -> Self {
        Self::new(path, rule, found, expected).shaped(found)
    }

    /// Says in our words what form it was that was found.
    pub(crate) fn shaped(self, shape: &'static str) -> Self {
        let shape = shape.to_owned();
        Self { shape, ..self }
    }

    /// Says that what is expected tells something that the sender chose.
    pub(crate) fn quoting(self) -> Self {
        Self {
            quotes: true,
            ..self
        }
    }
}

impl From<&Fault> for Finding {
    fn from(fault: &Fault) -> Self {
        Self {
            path: fault.path.clone(),
            line: fault.line,
            column: fault.column,
            rule: fault.rule.code(),
            section: fault.rule.source(),
            found: fault.found.clone(),
            expected: fault.expected.clone(),
            shape: fault.shape.clone(),
            // The digest that an attachment named.
            quotes: fault.rule == Rule::PartDigest,
        }
    }
}

/// Returns what stands behind an expectation that a key can be let off.
pub(crate) fn let_off_by(tolerance: Tolerance) -> String {
    format!(
        " (a key with the tolerance {} is let off)",
        tolerance.name()
    )
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, " (line {line}, column {column})")?;
        }
        write!(f, ": expected {}, found {}", self.expected, self.found)
    }
}

/// Everything found wrong with one request; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    /// The findings that are told, in the order of the request.
    pub told: Vec<Finding>,
    /// How many there are, told or not.
    pub total: usize,
}

impl Findings {
    /// Returns all in one sentence: the only one, or their number and the first.
    pub fn sentence(&self) -> String {
        match self.told.as_slice() {
            [] => "the request breaks a rule".to_owned(),
            [only] if self.total <= 1 => only.to_string(),
            [first, ..] => format!("{} faults, the first: {first}", self.total),
        }
    }
}

impl From<Finding> for Findings {
    fn from(finding: Finding) -> Self {
        Self {
            told: vec![finding],
            total: 1,
        }
    }
}

impl From<Vec<Finding>> for Findings {
    fn from(told: Vec<Finding>) -> Self {
        Self {
            total: told.len(),
            told,
        }
    }
}

impl From<&Faults> for Findings {
    fn from(faults: &Faults) -> Self {
        Self {
            told: faults.iter().map(Finding::from).collect(),
            total: faults.total(),
        }
    }
}
