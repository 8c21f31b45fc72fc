//! Spaces: what one key writes into, and what it sees.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A project's code: 1 to 64 of `a-z`, `0-9` and `-`, such as `sing`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectCode(String);

/// A text that is no project's code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{found}` is no project's code: expected 1 to 64 of a-z, 0-9 and -")]
pub struct ProjectCodeError {
    /// The text as given.
    pub found: String,
}

impl ProjectCode {
    /// Returns the code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProjectCode {
    type Err = ProjectCodeError;

    fn from_str(text: &str) -> Result<Self, ProjectCodeError> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for ProjectCode {
    type Error = ProjectCodeError;

    fn try_from(text: String) -> Result<Self, ProjectCodeError> {
        let plain = |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text))
        } else {
            Err(ProjectCodeError { found: text })
        }
    }
}

impl From<ProjectCode> for String {
    fn from(code: ProjectCode) -> Self {
        code.0
    }
}

impl fmt::Display for ProjectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A project's live or test part of the store. Each key has one home space, fixed when made.
///
/// Printed as `sing` (live) or `sing:test`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Space {
    project: ProjectCode,
    test: bool,
}

/// A text that names no space.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{found}` names no space: expected 1 to 64 of a-z, 0-9 and -, then optionally `:test`")]
pub struct SpaceError {
    /// The text as given.
    pub found: String,
}

impl Space {
    /// Makes the live space of a project: 1 to 64 of `a-z`, `0-9` and `-`.
    pub fn live(project: &str) -> Result<Self, SpaceError> {
        Self::new(project, false)
    }

    /// Makes the test space of a project.
    pub fn test(project: &str) -> Result<Self, SpaceError> {
        Self::new(project, true)
    }

    fn new(project: &str, test: bool) -> Result<Self, SpaceError> {
        match project.parse() {
            Ok(project) => Ok(Self { project, test }),
            Err(ProjectCodeError { found }) => Err(SpaceError { found }),
        }
    }

    /// Returns the project that a statement counts for when nothing nearer decides.
    pub fn project(&self) -> &str {
        self.project.as_str()
    }

    /// Returns the code of the project that the space is part of.
    pub fn project_code(&self) -> &ProjectCode {
        &self.project
    }

    /// Tells whether statements here are stored and shown but never counted.
    pub fn is_test(&self) -> bool {
        self.test
    }
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.project.as_str())?;
        if self.test {
            f.write_str(":test")
        } else {
            Ok(())
        }
    }
}

impl FromStr for Space {
    type Err = SpaceError;

    fn from_str(text: &str) -> Result<Self, SpaceError> {
        match text.strip_suffix(":test") {
            Some(project) => Self::test(project),
            None => Self::live(text),
        }
    }
}

impl TryFrom<String> for Space {
    type Error = SpaceError;

    fn try_from(text: String) -> Result<Self, SpaceError> {
        text.parse()
    }
}

impl From<Space> for String {
    fn from(space: Space) -> Self {
        space.to_string()
    }
}
