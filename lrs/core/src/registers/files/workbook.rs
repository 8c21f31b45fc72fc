//! Workbooks (XLSX) as sheets of cells.
//!
//! A workbook is a ZIP archive, and a small one can unpack to anything: what it unpacks to is
//! counted before it is read. Cells are taken one by one, since a sheet with one cell in its last
//! corner would fill the memory as a rectangle.

use std::io::{self, Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, Xlsx};
use jiff::civil::Date;
use zip::ZipArchive;

use super::sheet::{FILE_BYTES_MAX, Record, Sheet};
use super::{FileFault, RegisterFile};

/// What every ZIP archive begins with.
const SIGNATURE: &[u8] = b"PK\x03\x04";
/// The most lines of a sheet: those that one import may hold, and the header.
const LINES_MAX: usize = 50_001;
/// The most columns of a sheet.
const COLUMNS_MAX: u32 = 100;
/// Begins the names of sheets that are left out.
const LEFT_OUT: char = '_';

/// Tells whether a file is a workbook.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Reads the sheets of a workbook that hold anything.
pub(super) fn read(file: &RegisterFile) -> Result<Vec<Sheet>, Vec<FileFault>> {
    check_size(&file.bytes).map_err(|sentence| vec![file.fault(None, sentence)])?;
    let unread = |error: &dyn std::fmt::Display| {
        vec![file.fault(
            None,
            format!("found a workbook that cannot be read ({error}); save it as XLSX again"),
        )]
    };
    let mut book: Xlsx<_> =
        Xlsx::new(Cursor::new(file.bytes.as_slice())).map_err(|error| unread(&error))?;
    let names: Vec<_> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && !sheet.name.starts_with(LEFT_OUT))
        .map(|sheet| sheet.name.clone())
        .collect();
    let (mut sheets, mut faults) = (Vec::new(), Vec::new());
    for name in names {
        let mut sheet = Sheet {
            file: file.name.clone(),
            name: Some(name.clone()),
            records: Vec::new(),
        };
        let mut cells = book
            .worksheet_cells_reader(&name)
            .map_err(|error| unread(&error))?;
        while let Some(cell) = cells.next_cell().map_err(|error| unread(&error))? {
            let (row, column) = cell.get_position();
            match text(cell.get_value()) {
                Ok(text) if text.is_empty() => {}
                Ok(text) => {
                    if let Err(fault) = put(&mut sheet, (row, column), text) {
                        faults.push(*fault);
                        break;
                    }
                }
                Err(found) => faults.push(FileFault {
                    cell: Some(address(row, column)),
                    ..sheet.fault(Some(u64::from(row) + 1), found)
                }),
            }
        }
        if !sheet.records.is_empty() {
            sheets.push(sheet);
        }
    }
    if faults.is_empty() {
        Ok(sheets)
    } else {
        Err(faults)
    }
}

/// Puts a text in its place: cells come line by line, and those that are empty do not come.
fn put(sheet: &mut Sheet, (row, column): (u32, u32), text: String) -> Result<(), Box<FileFault>> {
    let line = u64::from(row) + 1;
    if column >= COLUMNS_MAX {
        let sentence = format!("found a cell right of the {COLUMNS_MAX} columns that are read");
        let cell = Some(address(row, column));
        return Err(Box::new(FileFault {
            cell,
            ..sheet.fault(Some(line), sentence)
        }));
    }
    if sheet.records.last().is_none_or(|last| last.line != line) {
        if sheet.records.len() == LINES_MAX {
            let sentence = "found more than 50,000 lines; split the sheet".to_owned();
            return Err(Box::new(sheet.fault(Some(line), sentence)));
        }
        let cells = Vec::new();
        sheet.records.push(Record { line, cells });
    }
    let cells = sheet.records.last_mut().map(|record| &mut record.cells);
    let place = usize::try_from(column).unwrap_or(usize::MAX);
    if let Some(cells) = cells {
        cells.resize(cells.len().max(place + 1), String::new());
        if let Some(cell) = cells.get_mut(place) {
            *cell = text;
        }
    }
    Ok(())
}

/// Returns a cell as text: numbers as they are written, days by ISO 8601.
fn text(value: &DataRef<'_>) -> Result<String, String> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.trim().to_owned()
        }
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(true) => "yes".to_owned(),
        DataRef::Bool(false) => "no".to_owned(),
        DataRef::DateTime(instant) => day(instant)?,
        DataRef::Error(error) => {
            return Err(format!("found the error {error}; expected a value"));
        }
    })
}

fn day(instant: &ExcelDateTime) -> Result<String, String> {
    let (year, month, day, ..) = instant.to_ymd_hms_milli();
    let whole = instant.is_datetime() && instant.as_f64().fract().abs() < f64::EPSILON;
    let date = (i16::try_from(year).ok())
        .zip(i8::try_from(month).ok().zip(i8::try_from(day).ok()))
        .and_then(|(year, (month, day))| Date::new(year, month, day).ok());
    match date.filter(|_| whole) {
        Some(date) => Ok(date.to_string()),
        None => Err("found a time of day or a span; expected a day, or text".to_owned()),
    }
}

/// Names a cell as spreadsheet programs do, such as `C7`.
pub(super) fn address(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or_default();
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

/// Unpacks everything once, to nowhere, and refuses what is too much to be read.
fn check_size(bytes: &[u8]) -> Result<(), String> {
    let unread = |error: &dyn std::fmt::Display| {
        format!("found a workbook that cannot be unpacked ({error}); save it as XLSX again")
    };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unread(&error))?;
    let mut left = FILE_BYTES_MAX as u64;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| unread(&error))?;
        let unpacked = io::copy(&mut entry.take(left + 1), &mut io::sink());
        let unpacked = unpacked.map_err(|error| unread(&error))?;
        left = left.checked_sub(unpacked).ok_or_else(|| {
            format!(
                "found a workbook that unpacks to over {FILE_BYTES_MAX} bytes (64 MiB); split it"
            )
        })?;
    }
    Ok(())
}
