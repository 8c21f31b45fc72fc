//! A CSV file as lines of named cells.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::kind::{Columns, FileKind, TABLES};
use super::{FileFault, RegisterFile};

/// The most characters of a found value that an error quotes.
const QUOTED_CHARS_MAX: usize = 60;

/// A table with its kind told by its header.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) file: String,
    pub(super) kind: FileKind,
    header: Vec<String>,
    records: Vec<(u64, StringRecord)>,
}

/// One line of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    table: &'t Table,
    /// The line in the file, from 1.
    pub(super) number: u64,
    record: &'t StringRecord,
}

impl Table {
    /// Reads a table: UTF-8, with or without byte order mark, separated by commas or semicolons.
    pub(super) fn read(file: &RegisterFile) -> Result<Self, Vec<FileFault>> {
        let text = utf8(file).map_err(|fault| vec![fault])?;
        let mut records = records(file, text)?.into_iter();
        let Some((line, first)) = records.next() else {
            return Err(vec![fault(
                file,
                None,
                "found no line; expected a header".to_owned(),
            )]);
        };
        let header: Vec<String> = first.iter().map(str::to_lowercase).collect();
        let kind = kind_of(&header).map_err(|sentence| vec![fault(file, Some(line), sentence)])?;
        let records: Vec<_> = records.collect();
        let faults = uneven(file, header.len(), &records);
        if faults.is_empty() {
            Ok(Self {
                file: file.name.clone(),
                kind,
                header,
                records,
            })
        } else {
            Err(faults)
        }
    }

    /// Returns the lines below the header.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.records.iter().map(|(number, record)| Line {
            table: self,
            number: *number,
            record,
        })
    }
}

impl<'t> Line<'t> {
    /// Returns a cell's text without spaces around it, empty where the column is missing.
    pub(super) fn text(&self, column: &str) -> &'t str {
        let place = self.table.header.iter().position(|name| name == column);
        place.and_then(|place| self.record.get(place)).unwrap_or("")
    }

    /// Says what is wrong with a cell.
    pub(super) fn fault(&self, column: &str, sentence: String) -> FileFault {
        FileFault {
            file: self.table.file.clone(),
            line: Some(self.number),
            column: Some(column.to_owned()),
            sentence,
        }
    }

    /// Says that a cell's value has another form than expected.
    pub(super) fn misfit(&self, column: &str, expected: &str) -> FileFault {
        let text = self.text(column);
        let found = if text.is_empty() || !self.table.kind.may_quote(column) {
            super::fault::shape(text)
        } else {
            format!(
                "`{}`",
                text.chars().take(QUOTED_CHARS_MAX).collect::<String>()
            )
        };
        self.fault(column, format!("found {found}; expected {expected}"))
    }
}

fn fault(file: &RegisterFile, line: Option<u64>, sentence: String) -> FileFault {
    FileFault {
        file: file.name.clone(),
        line,
        column: None,
        sentence,
    }
}

fn utf8(file: &RegisterFile) -> Result<&str, FileFault> {
    let text = std::str::from_utf8(&file.bytes).map_err(|error| {
        let before = file.bytes.iter().take(error.valid_up_to());
        let line = 1 + before.filter(|byte| **byte == b'\n').count() as u64;
        let sentence = "found a byte that is not UTF-8; save the file as CSV UTF-8".to_owned();
        fault(file, Some(line), sentence)
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Returns the records that hold anything, each with its line.
fn records(file: &RegisterFile, text: &str) -> Result<Vec<(u64, StringRecord)>, Vec<FileFault>> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| vec![fault(file, None, format!("found {error}"))])?;
        if record.iter().any(|cell| !cell.is_empty()) {
            records.push((line_of(text, &record), record));
        }
    }
    Ok(records)
}

/// Whichever of comma and semicolon the header has more of.
fn separator(text: &str) -> u8 {
    let header = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("");
    let count = |separator| header.matches(separator).count();
    if count(';') > count(',') { b';' } else { b',' }
}

/// The reader's position stands before any blank lines that it skips; this is the line behind
/// them, counted as 1 for the first.
fn line_of(text: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else {
        return 1;
    };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let behind = text.as_bytes().get(from..).unwrap_or(&[]);
    let skipped = behind
        .iter()
        .take_while(|byte| matches!(byte, b'\n' | b'\r'));
    position.line() + skipped.filter(|byte| **byte == b'\n').count() as u64
}

fn kind_of(header: &[String]) -> Result<FileKind, String> {
    let repeated = header
        .iter()
        .enumerate()
        .find(|(n, column)| header.iter().take(*n).any(|c| c == *column));
    if let Some((_, column)) = repeated {
        return Err(format!("found the column {column} twice; expected it once"));
    }
    let departures = |columns: &Columns| {
        let (missing, unknown) = columns.departures(header);
        missing.len() + unknown.len()
    };
    match TABLES.iter().min_by_key(|columns| departures(columns)) {
        Some(nearest) if departures(nearest) == 0 => Ok(nearest.kind),
        Some(nearest) => Err(no_kind(nearest, header)),
        None => Err("found no kind of table".to_owned()),
    }
}

fn no_kind(nearest: &Columns, header: &[String]) -> String {
    let (missing, unknown) = nearest.departures(header);
    let list = |columns: &[&str]| columns.join(", ");
    let mut found = Vec::new();
    if !missing.is_empty() {
        found.push(format!("no column {}", list(&missing)));
    }
    if !unknown.is_empty() {
        found.push(format!(
            "{} that no such file has",
            columns_quoted(&unknown)
        ));
    }
    let optional = match nearest.optional {
        [] => String::new(),
        optional => format!(" and optionally {}", list(optional)),
    };
    format!(
        "found a header that is nearest to {}, but with {}; expected {}{optional}",
        nearest.kind,
        found.join(" and "),
        list(nearest.required),
    )
}

/// Unknown headers are named only when they look like headers: a file without a header has its
/// first line of data there.
fn columns_quoted(unknown: &[&str]) -> String {
    let like_header = |name: &&str| {
        name.chars()
            .all(|c| c.is_ascii_lowercase() || matches!(c, '_' | ' '))
    };
    if unknown.iter().all(like_header) {
        format!("the column {}", unknown.join(", "))
    } else {
        format!("{} columns", unknown.len())
    }
}

fn uneven(file: &RegisterFile, columns: usize, records: &[(u64, StringRecord)]) -> Vec<FileFault> {
    let uneven = records.iter().filter(|(_, record)| record.len() != columns);
    uneven
        .map(|(line, record)| {
            let found = record.len();
            let sentence = format!("found {found} cells; expected {columns}, as in the header");
            fault(file, Some(*line), sentence)
        })
        .collect()
}
