//! A definition and its identity.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::Body;

/// SHA-256 over the definition's canonical JSON; printed as 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DefinitionHash(pub [u8; 32]);

impl fmt::Display for DefinitionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A definition with the versions before it, of which it takes over what cannot be read anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The definition.
    pub hash: DefinitionHash,
    /// The earlier versions that were installed before it, the newest first.
    pub predecessors: Vec<DefinitionHash>,
}

/// A text that is no definition hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected 64 hex digits")]
pub struct HashError;

impl FromStr for DefinitionHash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let digits: Vec<u8> = text
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<_>>()
            .ok_or(HashError)?;
        let bytes: Vec<u8> = digits
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, d| byte << 4 | d))
            .collect();
        match (bytes.try_into(), digits.len()) {
            (Ok(bytes), 64) => Ok(Self(bytes)),
            _ => Err(HashError),
        }
    }
}

impl TryFrom<String> for DefinitionHash {
    type Error = HashError;

    fn try_from(text: String) -> Result<Self, HashError> {
        text.parse()
    }
}

impl From<DefinitionHash> for String {
    fn from(hash: DefinitionHash) -> Self {
        hash.to_string()
    }
}

/// A definition: an evidence rule, an indicator set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// What it is: `evidence-rule`, `indicator-set`.
    pub kind: String,
    /// Its id among those of its kind.
    pub id: String,
    /// Its version, from 1.
    pub version: u32,
    /// The whole file as a JSON value.
    pub body: Body,
}

impl Definition {
    /// Returns the definition's identity. Keys are sorted, so neither order nor layout of the
    /// file, nor whether it was YAML or JSON, changes it.
    pub fn hash(&self) -> DefinitionHash {
        self.body.hash(&self.kind, || {
            let mut hasher = Sha256::new();
            hasher.update(self.kind.as_bytes());
            hasher.update([0]);
            hasher.update(self.body.to_string().as_bytes());
            DefinitionHash(hasher.finalize().into())
        })
    }

    /// Returns `id@version`, as reports and explanations name it.
    pub fn name(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }
}

/// One thing wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DefinitionFault {
    /// Where, as a JSON path.
    pub path: String,
    /// The line in the file, from 1, where the file is at hand.
    pub line: Option<u32>,
    /// The column in that line, from 1.
    pub column: Option<u32>,
    /// What was found and what was expected, in one sentence.
    pub sentence: String,
}

/// Everything wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", lines(.0))]
pub struct DefinitionFaults(pub Vec<DefinitionFault>);

fn lines(faults: &[DefinitionFault]) -> String {
    let mut text = String::new();
    for (n, fault) in faults.iter().enumerate() {
        let separator = if n == 0 { "" } else { "\n" };
        let place = match (fault.line, fault.column) {
            (Some(line), Some(column)) => format!("line {line}, column {column}, "),
            (Some(line), None) => format!("line {line}, "),
            _ => String::new(),
        };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{place}{}: {}", fault.path, fault.sentence);
    }
    text
}
