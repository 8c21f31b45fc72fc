//! A set of register files, read as one.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use serde::Serialize;

use super::kind::{Columns, FileKind, REGISTER_TABLES};
use super::line::Said;
use super::sole_trader::printable;
use super::{Cells, FileFault, FileFaults, Sheet, Table, line, project, workbook};
use crate::registers::{Entity, EntityKind, Row};

/// A register file as it was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterFile {
    /// Its name, as errors print it.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What a set of register files says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisterFiles {
    /// The rows, in the order of files and lines.
    pub rows: Vec<Row>,
    /// A verdict for each line of a table and for each project file, in the same order.
    pub verdicts: Vec<Verdict>,
}

/// What came of one line. It never holds a name or an identifier of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The file.
    pub file: String,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The line in the file or sheet, from 1; none for a project file.
    pub line: Option<u64>,
    /// What the file holds.
    pub kind: FileKind,
    /// How many register rows the line gave.
    pub rows: usize,
    /// What may be amiss: references to things that no file of the set introduces.
    pub warnings: Vec<String>,
}

/// One line or project file with what it says.
#[derive(Debug)]
struct Part {
    file: String,
    sheet: Option<String>,
    line: Option<u64>,
    kind: FileKind,
    said: Said,
}

/// Reads a set of register files, or gathers everything that is wrong with them.
pub fn read(files: &[RegisterFile]) -> Result<RegisterFiles, FileFaults> {
    let (files, faults) = examine(files);
    if faults.0.is_empty() {
        Ok(files)
    } else {
        Err(faults)
    }
}

/// Reads a set of register files: what is fine with them, and everything that is wrong. Nothing of
/// a set with a fault may be imported.
pub fn examine(files: &[RegisterFile]) -> (RegisterFiles, FileFaults) {
    let known: Vec<&'static Columns> = REGISTER_TABLES.iter().collect();
    let (mut parts, mut faults) = (Vec::new(), Vec::new());
    for file in files {
        let (more, wrong) = parts_of(file, &known);
        parts.extend(more);
        faults.extend(wrong);
    }
    concluded(parts, faults)
}

/// Does the same with project files and tables that were taken out of files before.
pub fn examine_tables(documents: &[RegisterFile], tables: &[Table]) -> (RegisterFiles, FileFaults) {
    let (mut parts, mut faults) = (Vec::new(), Vec::new());
    let documents = documents.iter().map(document);
    let tables = tables
        .iter()
        .filter_map(|table| Some(lines_of(table, FileKind::of(table.columns)?)));
    for (more, wrong) in documents.chain(tables) {
        parts.extend(more);
        faults.extend(wrong);
    }
    concluded(parts, faults)
}

/// Leaves out what contradicts something before it.
fn concluded(mut parts: Vec<Part>, mut faults: Vec<FileFault>) -> (RegisterFiles, FileFaults) {
    let contradictions = contradictions(&parts);
    let is_fine = |part: &Part| {
        let mut wrong = contradictions.iter();
        let place = (&part.file, &part.sheet, part.line);
        !wrong.any(|fault| (&fault.file, &fault.sheet, fault.line) == place)
    };
    parts.retain(is_fine);
    faults.extend(contradictions);
    (judged(parts), FileFaults(faults))
}

fn parts_of(file: &RegisterFile, known: &[&'static Columns]) -> (Vec<Part>, Vec<FileFault>) {
    if is_document(&file.bytes) {
        return document(file);
    }
    let sheets = match Sheet::read(file) {
        Ok(sheets) => sheets,
        Err(faults) => return (Vec::new(), faults),
    };
    let (mut parts, mut faults) = (Vec::new(), Vec::new());
    for sheet in sheets {
        match Table::read(sheet, known) {
            Ok(table) => {
                let read = FileKind::of(table.columns).map(|kind| lines_of(&table, kind));
                let (more, wrong) = read.unwrap_or_default();
                parts.extend(more);
                faults.extend(wrong);
            }
            Err(wrong) => faults.extend(wrong),
        }
    }
    (parts, faults)
}

fn document(file: &RegisterFile) -> (Vec<Part>, Vec<FileFault>) {
    let part = project::read(file).map(|said| Part {
        file: file.name.clone(),
        sheet: None,
        line: None,
        kind: FileKind::Project,
        said,
    });
    match part {
        Ok(part) => (vec![part], Vec::new()),
        Err(faults) => (Vec::new(), faults),
    }
}

fn lines_of(table: &Table, kind: FileKind) -> (Vec<Part>, Vec<FileFault>) {
    let (mut parts, mut faults) = (Vec::new(), Vec::new());
    for line in table.lines() {
        let before = faults.len();
        let cells = Cells {
            line,
            faults: &mut faults,
        };
        let said = line::read(kind, cells);
        if faults.len() == before {
            parts.push(Part {
                file: table.file().to_owned(),
                sheet: table.sheet().map(str::to_owned),
                line: Some(line.number),
                kind,
                said,
            });
        }
    }
    (parts, faults)
}

/// Tells a document from a table: its first line begins as a YAML key or a JSON object does.
pub fn is_document(bytes: &[u8]) -> bool {
    if workbook::is_one(bytes) {
        return false;
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| {
        let key = line
            .split_once(": ")
            .map(|(key, _)| key)
            .or(line.strip_suffix(':'));
        key.is_some_and(|key| !key.contains([',', ';'])) || line.starts_with('{') || line == "---"
    })
}

/// Finds lines that give one field of one entity other values on the same days.
fn contradictions(parts: &[Part]) -> Vec<FileFault> {
    type Place<'a> = (&'a Entity, &'a str, Option<Date>, Option<Date>);
    let mut known: HashMap<Place<'_>, (&Option<String>, &Part)> = HashMap::new();
    let mut faults = Vec::new();
    for part in parts {
        for row in &part.said.rows {
            let place = (
                &row.entity,
                row.field.as_str(),
                row.valid_from,
                row.valid_to,
            );
            match known.get(&place) {
                Some((value, first)) if **value != row.value => {
                    faults.push(contradiction(part, first, &row.field));
                }
                Some(_) => {}
                None => {
                    known.insert(place, (&row.value, part));
                }
            }
        }
    }
    faults
}

fn contradiction(part: &Part, first: &Part, field: &str) -> FileFault {
    let sheet = first.sheet.iter().map(|sheet| format!(", sheet {sheet}"));
    let line = first.line.iter().map(|line| format!(", line {line}"));
    let place: String = std::iter::once(first.file.clone())
        .chain(sheet)
        .chain(line)
        .collect();
    let sentence = format!(
        "found another {} than {place} gives for the same {} and days; expected one",
        printable(field),
        part.kind.thing()
    );
    FileFault {
        file: part.file.clone(),
        sheet: part.sheet.clone(),
        line: part.line,
        sentence,
        ..FileFault::default()
    }
}

fn judged(parts: Vec<Part>) -> RegisterFiles {
    let defined: BTreeSet<Entity> = parts
        .iter()
        .filter_map(|part| part.said.defines.clone())
        .collect();
    let mut files = RegisterFiles::default();
    for Part {
        file,
        sheet,
        line,
        kind,
        said,
    } in parts
    {
        let unknown = said
            .refers
            .iter()
            .filter(|entity| !defined.contains(*entity));
        let warnings = unknown.map(warning).collect();
        files.verdicts.push(Verdict {
            file,
            sheet,
            line,
            kind,
            rows: said.rows.len(),
            warnings,
        });
        files.rows.extend(said.rows);
    }
    files
}

fn warning(unknown: &Entity) -> String {
    let id = printable(&unknown.id);
    match unknown.kind {
        EntityKind::Person => format!("the pseudonym {id} is in no people file of this set"),
        EntityKind::Organisation => {
            format!("the organisation {id} is in no organisations file of this set")
        }
        EntityKind::Activity => format!("the activity {id} is in no activities file of this set"),
        EntityKind::Project => format!("the project {id} has no project file in this set"),
        EntityKind::Identifier => "an identifier is in no identities file of this set".to_owned(),
    }
}
