//! What is wrong with a register file, said to the person who keeps it.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

/// One thing wrong with a register file. It never quotes a name or an identifier of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FileFault {
    /// The file.
    pub file: String,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The line in the file or sheet, from 1.
    pub line: Option<u64>,
    /// The column's name, or the JSON path in a project file.
    pub column: Option<String>,
    /// The cell of a sheet, such as `C7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// What was found and what was expected.
    pub sentence: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(sheet) = &self.sheet {
            write!(f, ", sheet {sheet}")?;
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", {column}")?;
        }
        if let Some(cell) = &self.cell {
            write!(f, " ({cell})")?;
        }
        write!(f, ": {}", self.sentence)
    }
}

/// Everything wrong with a set of register files, in the order of files and lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Error, Serialize)]
#[error("{}", lines(.0))]
pub struct FileFaults(pub Vec<FileFault>);

fn lines(faults: &[FileFault]) -> String {
    faults
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Tells a value's shape without the value.
pub(super) fn shape(text: &str) -> String {
    match text.chars().count() {
        0 => "nothing".to_owned(),
        1 => "1 character".to_owned(),
        n => format!("{n} characters"),
    }
}
