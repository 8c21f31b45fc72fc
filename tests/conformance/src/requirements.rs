//! The files of requirements.
//!
//! A chapter is a TOML file: a title and sections. A section has a title, its place in the
//! standard, and requirements: an id, one sentence, and the tests that hold it, each as
//! `crate::module::name`.

use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// A part of the standard, in the order of the files' names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// The heading.
    pub title: String,
    /// The sections, in order.
    pub section: Vec<Section>,
}

/// Requirements that stand in one place of the standard.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// Where the standard has it.
    pub source: String,
    /// The requirements, in order.
    pub requirement: Vec<Requirement>,
}

/// One thing that the standard requires, or that a rule of ours settles where it leaves room.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// A stable name, such as `statements-put-without-id`.
    pub id: String,
    /// The versions that have it.
    #[serde(default)]
    pub versions: Versions,
    /// The requirement in one sentence.
    pub text: String,
    /// The codes of the rules that an error names where it is broken, if it can be.
    #[serde(default)]
    pub rules: Vec<String>,
    /// The tests that hold it.
    #[serde(default)]
    pub tests: Vec<String>,
    /// Why no test can hold it: the case does not arise.
    pub never: Option<String>,
}

/// The versions of the standard that have a requirement.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Versions {
    /// 1.0.3 and 2.0.
    #[default]
    #[serde(rename = "both")]
    Both,
    /// 1.0.3 alone.
    #[serde(rename = "1.0.3")]
    V1,
    /// 2.0 alone.
    #[serde(rename = "2.0")]
    V2,
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Both => "both",
            Self::V1 => "1.0.3",
            Self::V2 => "2.0",
        })
    }
}

impl Chapter {
    /// Returns the chapter's requirements.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.section.iter().flat_map(|section| &section.requirement)
    }
}

/// Reads the chapters of a folder, in the order of the files' names.
pub fn read(folder: &Path) -> Result<Vec<Chapter>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    files.sort();
    files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file)?;
            toml::from_str(&text).with_context(|| file.display().to_string())
        })
        .collect()
}
