//! Register rows in an example: lines of the tables that the project office imports.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::fault;
use crate::StoreError;
use crate::definitions::{DefinitionFault, DefinitionFaults};
use crate::registers::files::{self, FileFault, RegisterFile};
use crate::registers::{EntityKind, Row};

/// The key under which project files stand; every other one holds lines of a table.
const PROJECTS: &str = "projects";

/// Lines by the name of their table. Each is a map from columns to cells; a project is the whole
/// of its file.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct ExampleRegisters(BTreeMap<String, Vec<Map<String, Value>>>);

impl ExampleRegisters {
    /// Reads the rows as an import would, or says which lines it would refuse.
    pub(super) fn rows(&self, path: &str) -> Result<Vec<Row>, DefinitionFaults> {
        let mut files = Vec::new();
        for (table, lines) in &self.0 {
            let more = if table == PROJECTS {
                documents(lines)
            } else {
                csv_of(table, lines).map(|file| vec![file])
            };
            files.extend(more.map_err(|error| fault(path, error.to_string()))?);
        }
        let read = files::read(&files).map_err(|faults| {
            let faults = faults.0.iter().map(|fault| placed(path, fault));
            DefinitionFaults(faults.collect())
        })?;
        Ok(read.rows)
    }
}

/// Tells whether rows introduce a project.
pub(super) fn introduce(rows: &[Row], project: &str) -> bool {
    let is_it = |row: &Row| row.entity.kind == EntityKind::Project && row.entity.id == project;
    rows.iter().any(is_it)
}

fn documents(lines: &[Map<String, Value>]) -> Result<Vec<RegisterFile>, StoreError> {
    let each = lines.iter().enumerate().map(|(n, line)| {
        let bytes = serde_json::to_vec(line).map_err(StoreError::failed)?;
        Ok(RegisterFile {
            name: format!("{PROJECTS}[{n}]"),
            bytes,
        })
    });
    each.collect()
}

/// Writes lines as the table that they are lines of. A column that a line does not name is empty.
fn csv_of(table: &str, lines: &[Map<String, Value>]) -> Result<RegisterFile, StoreError> {
    let mut columns: Vec<&String> = lines.iter().flat_map(Map::keys).collect();
    columns.sort();
    columns.dedup();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).map_err(StoreError::failed)?;
    for line in lines {
        let cells = columns.iter().map(|column| cell(line.get(*column)));
        writer.write_record(cells).map_err(StoreError::failed)?;
    }
    Ok(RegisterFile {
        name: table.to_owned(),
        bytes: writer.into_inner().map_err(StoreError::failed)?,
    })
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// Says where in the definition a line stands that an import would refuse.
fn placed(path: &str, fault: &FileFault) -> DefinitionFault {
    let file = &fault.file;
    // The first line of a table is its header.
    let line = fault.line.and_then(|line| line.checked_sub(2));
    let path = match line.filter(|_| !file.ends_with(']')) {
        Some(line) => format!("{path}.{file}[{line}]"),
        None => format!("{path}.{file}"),
    };
    let sentence = match &fault.column {
        Some(column) => format!("{column}: {}", fault.sentence),
        None => fault.sentence.clone(),
    };
    DefinitionFault {
        path,
        line: None,
        column: None,
        sentence,
    }
}
