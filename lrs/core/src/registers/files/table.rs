//! A sheet as lines of named cells.

use super::kind::Columns;
use super::sheet::{Record, Sheet};
use super::{FileFault, workbook};

/// The most characters of a found value that an error quotes.
const QUOTED_CHARS_MAX: usize = 60;

/// A table with its kind told by its sheet's name or its header.
#[derive(Debug)]
pub struct Table {
    /// What it holds.
    pub columns: &'static Columns,
    sheet: Sheet,
    header: Vec<String>,
}

/// One line of a table.
#[derive(Debug, Clone, Copy)]
pub struct Line<'t> {
    table: &'t Table,
    /// The line in the file or sheet, from 1.
    pub number: u64,
    record: &'t Record,
}

impl Table {
    /// Reads a sheet as the table that its name names, else the one that its header is of.
    pub fn read(mut sheet: Sheet, known: &[&'static Columns]) -> Result<Self, Vec<FileFault>> {
        if sheet.records.is_empty() {
            let sentence = "found no line; expected a header".to_owned();
            return Err(vec![sheet.fault(None, sentence)]);
        }
        let first = sheet.records.remove(0);
        let header: Vec<String> = first.cells.iter().map(|cell| cell.to_lowercase()).collect();
        let columns = kind_of(sheet.name.as_deref(), &header, known)
            .map_err(|sentence| vec![sheet.fault(Some(first.line), sentence)])?;
        let faults = uneven(&sheet, header.len());
        if faults.is_empty() {
            Ok(Self {
                columns,
                sheet,
                header,
            })
        } else {
            Err(faults)
        }
    }

    /// Returns the file that it stands in.
    pub fn file(&self) -> &str {
        &self.sheet.file
    }

    /// Returns the sheet's name in a workbook.
    pub fn sheet(&self) -> Option<&str> {
        self.sheet.name.as_deref()
    }

    /// Returns the lines below the header.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = Line<'_>> {
        self.sheet.records.iter().map(|record| Line {
            table: self,
            number: record.line,
            record,
        })
    }
}

impl<'t> Line<'t> {
    /// Returns a cell's text without spaces around it, empty where the column is missing.
    pub fn text(&self, column: &str) -> &'t str {
        let cell = self
            .place(column)
            .and_then(|place| self.record.cells.get(place));
        cell.map_or("", String::as_str)
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.table.header.iter().position(|name| name == column)
    }

    /// Says what is wrong with a cell.
    pub fn fault(&self, column: &str, sentence: String) -> FileFault {
        let cell = self.table.sheet().and(self.place(column)).map(|place| {
            let row = u32::try_from(self.number.saturating_sub(1)).unwrap_or(u32::MAX);
            workbook::address(row, u32::try_from(place).unwrap_or(u32::MAX))
        });
        FileFault {
            column: Some(column.to_owned()),
            cell,
            ..self.whole_fault(sentence)
        }
    }

    /// Says what is wrong with the line as a whole.
    pub fn whole_fault(&self, sentence: String) -> FileFault {
        self.table.sheet.fault(Some(self.number), sentence)
    }

    /// Says that a cell's value has another form than expected.
    pub(super) fn misfit(&self, column: &str, expected: &str) -> FileFault {
        let text = self.text(column);
        let found = if text.is_empty() || !self.table.columns.may_quote(column) {
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

fn kind_of(
    sheet: Option<&str>,
    header: &[String],
    known: &[&'static Columns],
) -> Result<&'static Columns, String> {
    let repeated = header
        .iter()
        .enumerate()
        .find(|(n, column)| !column.is_empty() && header.iter().take(*n).any(|c| c == *column));
    if let Some((_, column)) = repeated {
        return Err(format!("found the column {column} twice; expected it once"));
    }
    let departures = |columns: &Columns| {
        let (missing, unknown) = columns.departures(header);
        missing.len() + unknown.len()
    };
    let named = known
        .iter()
        .find(|columns| sheet.is_some_and(|name| name.trim().eq_ignore_ascii_case(columns.name)));
    let nearest = || known.iter().min_by_key(|columns| departures(columns));
    match named.or_else(nearest) {
        Some(nearest) if departures(nearest) == 0 => Ok(nearest),
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
        nearest.name,
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

/// Cells behind the header's last are a fault. In a CSV file missing ones are too; a workbook does
/// not hold those that are empty.
fn uneven(sheet: &Sheet, columns: usize) -> Vec<FileFault> {
    let is_uneven = |record: &&Record| match sheet.name {
        None => record.cells.len() != columns,
        Some(_) => record.cells.len() > columns,
    };
    let uneven = sheet.records.iter().filter(is_uneven);
    uneven
        .map(|record| {
            let found = record.cells.len();
            let sentence = format!("found {found} cells; expected {columns}, as in the header");
            sheet.fault(Some(record.line), sentence)
        })
        .collect()
}
