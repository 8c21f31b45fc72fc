//! Tables as CSV (RFC 4180), in the style of programs or in that of Nordic spreadsheet programs.

use csv::{Terminator, WriterBuilder};

use super::PackError;
use super::language::Voice;
use super::provenance::{COLUMNS, Provenance};
use super::tables::{Cell, Table};
use crate::export::guarded;

/// Writes a table; every line begins with where its figures are from. For programs: commas, dots in
/// numbers, names of columns in English. For people: semicolons, decimal commas, a byte order mark,
/// which their spreadsheet programs expect.
pub(super) fn write(
    table: &Table,
    provenance: &Provenance,
    voice: Voice,
) -> Result<Vec<u8>, PackError> {
    let (delimiter, mark) = match voice {
        Voice::Codes => (b',', ""),
        Voice::In(_) => (b';', "\u{feff}"),
    };
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .delimiter(delimiter)
        .from_writer(mark.as_bytes().to_vec());
    let from = COLUMNS.iter().copied();
    let own = table
        .columns
        .iter()
        .map(|column| (column.key, column.title));
    let titles = from.chain(own).map(|(key, title)| match voice {
        Voice::Codes => key,
        Voice::In(language) => title.text(language),
    });
    writer.write_record(titles)?;
    let from = provenance.cells();
    for row in &table.rows {
        let from = from.iter().map(|cell| guarded(cell));
        let own = row.iter().map(|cell| as_text(cell, voice));
        writer.write_record(from.chain(own))?;
    }
    writer.into_inner().map_err(|_| PackError::Unwritten("CSV"))
}

fn as_text(cell: &Cell, voice: Voice) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => guarded(text),
        Cell::Number(number) => match voice {
            Voice::Codes => number.to_string(),
            Voice::In(_) => number.to_string().replace('.', ","),
        },
        Cell::Day(day) => day.to_string(),
    }
}
