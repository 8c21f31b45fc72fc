//! Sheets of cells: a CSV file is one, a workbook has some.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord, Trim};
use encoding_rs::WINDOWS_1252;

use super::{FileFault, RegisterFile, workbook};

/// The most bytes of a file.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Lines of cells, as a CSV file or one sheet of a workbook holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The file.
    pub file: String,
    /// The sheet's name in a workbook.
    pub name: Option<String>,
    /// The lines that hold anything.
    pub(super) records: Vec<Record>,
}

/// One line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The line in the file or sheet, from 1.
    pub(super) line: u64,
    /// The cells, without spaces around them.
    pub(super) cells: Vec<String>,
}

impl Sheet {
    /// Reads a CSV file, or every sheet of a workbook that holds anything and whose name begins
    /// with no `_`.
    pub fn read(file: &RegisterFile) -> Result<Vec<Self>, Vec<FileFault>> {
        if file.bytes.len() > FILE_BYTES_MAX {
            let sentence = format!(
                "found {} bytes; expected at most {FILE_BYTES_MAX} (64 MiB): split the file",
                file.bytes.len()
            );
            return Err(vec![file.fault(None, sentence)]);
        }
        if workbook::is_one(&file.bytes) {
            return workbook::read(file);
        }
        let text = text(&file.bytes);
        Ok(vec![Self {
            file: file.name.clone(),
            name: None,
            records: records(file, &text)?,
        }])
    }

    /// Returns the cells of each line that holds anything.
    pub fn cells(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        self.records.iter().map(|record| record.cells.clone())
    }

    /// Says what is wrong with the sheet or one of its lines.
    pub fn fault(&self, line: Option<u64>, sentence: String) -> FileFault {
        FileFault {
            file: self.file.clone(),
            sheet: self.name.clone(),
            line,
            sentence,
            ..FileFault::default()
        }
    }
}

impl RegisterFile {
    /// Says what is wrong with the file or one of its lines.
    pub(super) fn fault(&self, line: Option<u64>, sentence: String) -> FileFault {
        FileFault {
            file: self.name.clone(),
            line,
            sentence,
            ..FileFault::default()
        }
    }
}

/// Returns a file's text: UTF-8, with or without byte order mark, else Windows-1252, in which
/// spreadsheet programs of Northern Europe write CSV. Every byte is a character of that, so this
/// cannot fail.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// Returns the records that hold anything, each with its line.
fn records(file: &RegisterFile, text: &str) -> Result<Vec<Record>, Vec<FileFault>> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| vec![file.fault(None, format!("found {error}"))])?;
        if record.iter().any(|cell| !cell.is_empty()) {
            records.push(Record {
                line: line_of(text, &record),
                cells: record.iter().map(str::to_owned).collect(),
            });
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
