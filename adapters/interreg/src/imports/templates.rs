//! The tables that a project office fills in: empty, or with the lines of an example project.

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde::Serialize;
use varde_core::registers::files::{Columns, REGISTER_TABLES, RegisterFile, Sheet};
use varde_core::{Caller, Forbidden, Need};

use super::{FACT_TABLES, Imports};

/// The name of the workbook with all tables.
pub const WORKBOOK: &str = "varde-import.xlsx";
/// How many lines of a sheet are made ready for text.
const LINES: u32 = 50_001;
/// How wide a column is, in characters.
const WIDTH: f64 = 18.0;

/// One table to be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Template {
    /// The table's name; `.csv` behind it is the file's.
    pub name: &'static str,
    /// The columns that must be there.
    pub required: &'static [&'static str],
    /// The columns that may be.
    pub optional: &'static [&'static str],
}

impl Imports {
    /// Lists the tables, to who may import.
    pub fn templates(&self, caller: &Caller) -> Result<Vec<Template>, Forbidden> {
        caller.may(Need::ImportFacts)?;
        Ok(list().collect())
    }

    /// Returns a table as a CSV file, or the workbook of all; `None` for a name that none has.
    pub fn template(
        &self,
        caller: &Caller,
        name: &str,
        example: bool,
    ) -> Result<Option<Vec<u8>>, Forbidden> {
        caller.may(Need::ImportFacts)?;
        Ok(file(name, example))
    }
}

/// Lists the tables, in the order in which an office fills them in.
pub fn list() -> impl Iterator<Item = Template> {
    tables().map(|columns| Template {
        name: columns.name,
        required: columns.required,
        optional: columns.optional,
    })
}

/// Returns the file of a name: `people.csv` and so on, or [`WORKBOOK`].
pub fn file(name: &str, example: bool) -> Option<Vec<u8>> {
    if name == WORKBOOK {
        return workbook(example).ok();
    }
    let table = name.strip_suffix(".csv")?;
    let columns = tables().find(|columns| columns.name == table)?;
    // Spreadsheet programs take a file for UTF-8 by its byte order mark.
    let text = if example {
        self::example(columns.name).to_owned()
    } else {
        format!("{}\n", header(columns).join(","))
    };
    Some(format!("\u{feff}{text}").into_bytes())
}

fn tables() -> impl Iterator<Item = &'static Columns> {
    REGISTER_TABLES.iter().chain(&FACT_TABLES)
}

fn header(columns: &Columns) -> Vec<&'static str> {
    [columns.required, columns.optional].concat()
}

/// Returns a workbook with a sheet for each table. All cells are text, so that a spreadsheet
/// program changes no number and no date that is typed into them.
fn workbook(example: bool) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let text = Format::new().set_num_format("@");
    let bold = Format::new().set_num_format("@").set_bold();
    for columns in tables() {
        let sheet = book.add_worksheet().set_name(columns.name)?;
        let lines = if example {
            lines_of(columns.name)
        } else {
            vec![header(columns).into_iter().map(str::to_owned).collect()]
        };
        let width = lines.first().map_or(0, Vec::len);
        for column in 0..u16::try_from(width).unwrap_or_default() {
            sheet.set_column_width(column, WIDTH)?;
            sheet.set_column_format(column, &text)?;
        }
        for (row, cells) in (0..LINES).zip(&lines) {
            let format = if row == 0 { &bold } else { &text };
            for (column, cell) in (0..).zip(cells) {
                if !cell.is_empty() {
                    sheet.write_string_with_format(row, column, cell, format)?;
                }
            }
        }
        sheet.set_freeze_panes(1, 0)?;
    }
    book.save_to_buffer()
}

/// Returns the lines of an example as the cells that an import reads.
fn lines_of(table: &str) -> Vec<Vec<String>> {
    let file = RegisterFile {
        name: table.to_owned(),
        bytes: example(table).as_bytes().to_vec(),
    };
    let sheets = Sheet::read(&file).unwrap_or_default();
    sheets.iter().flat_map(Sheet::cells).collect()
}

/// Returns the example of a table.
fn example(table: &str) -> &'static str {
    macro_rules! of {
        ($($name:literal in $folder:literal),* $(,)?) => {
            match table {
                $($name => include_str!(concat!(
                    "../../../../schemas/examples/interreg/", $folder, $name, ".csv"
                )),)*
                _ => "",
            }
        };
    }
    of!(
        "people" in "",
        "identities" in "",
        "organisations" in "",
        "affiliations" in "",
        "activities" in "",
        "organisers" in "",
        "attendance" in "facts/",
        "support" in "facts/",
        "partners" in "facts/",
        "solutions" in "facts/",
        "adoptions" in "facts/",
        "innovations" in "facts/",
        "employment" in "facts/",
        "agreements" in "facts/",
    )
}

#[cfg(test)]
mod tests {
    use varde_core::registers::files::Table;

    use super::*;

    fn read(name: &str, example: bool) -> Vec<Table> {
        let bytes = file(name, example).expect("a template");
        let name = name.to_owned();
        let sheets = Sheet::read(&RegisterFile { name, bytes }).expect("sheets");
        let known: Vec<_> = tables().collect();
        let tables = sheets.into_iter().map(|sheet| Table::read(sheet, &known));
        tables.map(|table| table.expect("a table")).collect()
    }

    #[test]
    fn every_template_is_read_as_its_table_and_every_example_has_lines() {
        for template in list() {
            for example in [false, true] {
                let tables = read(&format!("{}.csv", template.name), example);
                let [table] = tables.as_slice() else {
                    panic!("one table");
                };
                assert_eq!(table.columns.name, template.name);
                assert_eq!(table.lines().len() > 0, example, "{}", template.name);
            }
        }
        assert_eq!(file("nothing.csv", false), None);
        assert_eq!(file("people", false), None);
    }

    #[test]
    fn the_workbook_has_a_sheet_for_each_table_with_the_same_lines() {
        for example in [false, true] {
            let sheets = read(WORKBOOK, example);
            let names: Vec<_> = sheets.iter().map(|table| table.columns.name).collect();
            assert_eq!(
                names,
                list().map(|template| template.name).collect::<Vec<_>>()
            );
            for sheet in &sheets {
                let csv = read(&format!("{}.csv", sheet.columns.name), example);
                let cells = |table: &Table| -> Vec<Vec<String>> {
                    let columns = header(table.columns).into_iter();
                    let columns: Vec<_> = columns.collect();
                    let lines = table.lines();
                    let texts = |line: varde_core::registers::files::Line<'_>| {
                        columns
                            .iter()
                            .map(|name| line.text(name).to_owned())
                            .collect()
                    };
                    lines.map(texts).collect()
                };
                assert_eq!(cells(sheet), cells(&csv[0]), "{}", sheet.columns.name);
            }
        }
    }
}
