//! The workbook: a sheet for each part of the report.

use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{
    Chart, ChartType, Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet, XlsxError,
};

use super::language::{Language, Voice};
use super::messages::Message;
use super::provenance::Provenance;
use super::tables::{Cell, Made, Sheet, Table};
use crate::reports::ReportBody;

/// A4 in Excel's list of papers.
const A4: u8 = 9;
/// The most characters of a cell are 32,767; what is longer ends with three dots.
const TEXT_MAX: usize = 32_000;
/// The column of the summary with the share that was reached.
const SHARE: u16 = 6;
const FILL: u32 = 0x00DC_E6F1;
const BAR: u32 = 0x001F_5F8B;

/// How cells look.
struct Look {
    title: Format,
    plain: Format,
    head: Format,
    text: Format,
    number: Format,
    decimal: Format,
    day: Format,
}

impl Look {
    fn new() -> Self {
        let cell = || {
            Format::new()
                .set_border(FormatBorder::Thin)
                .set_border_color(Color::RGB(FILL))
                .set_align(FormatAlign::Top)
        };
        Self {
            title: Format::new().set_bold().set_font_size(14),
            plain: Format::new(),
            head: cell()
                .set_bold()
                .set_background_color(Color::RGB(FILL))
                .set_text_wrap(),
            text: cell().set_text_wrap(),
            number: cell().set_num_format("0"),
            decimal: cell().set_num_format("0.00"),
            day: cell().set_num_format("yyyy-mm-dd"),
        }
    }
}

/// Writes the workbook in a language. The same report gives the same bytes.
pub(super) fn write(
    body: &ReportBody,
    provenance: &Provenance,
    language: Language,
) -> Result<Vec<u8>, XlsxError> {
    let made = Made {
        body,
        provenance,
        voice: Voice::In(language),
    };
    let mut book = Workbook::new();
    book.set_properties(&properties(provenance, language)?);
    let writer = Writer {
        look: Look::new(),
        provenance,
        language,
    };
    for sheet in made.sheets() {
        let name = sheet.name.text(language);
        let chart = (sheet.name == Message::Summary).then_some(body.indicators.len());
        writer.sheet(book.add_worksheet().set_name(name)?, &sheet, chart)?;
    }
    book.save_to_buffer()
}

/// Says when the workbook was made: at the instant up to which everything is known in it.
fn properties(provenance: &Provenance, language: Language) -> Result<DocProperties, XlsxError> {
    let seconds = provenance.known_at.instant().as_second();
    Ok(DocProperties::new()
        .set_title(format!(
            "{} {}",
            provenance.name(language),
            provenance.period.end
        ))
        .set_subject(format!("SHA-256 {}", provenance.hash))
        .set_author("Varde")
        .set_creation_datetime(&ExcelDateTime::from_timestamp(seconds)?))
}

struct Writer<'a> {
    look: Look,
    provenance: &'a Provenance,
    language: Language,
}

impl Writer<'_> {
    fn sheet(
        &self,
        sheet: &mut Worksheet,
        content: &Sheet,
        chart: Option<usize>,
    ) -> Result<(), XlsxError> {
        let top = self.heading(sheet, content)?;
        let mut row = top;
        for table in &content.tables {
            let is_only = content.tables.len() == 1;
            let first = row;
            row = self.table(sheet, (table, is_only), row)?;
            if is_only {
                sheet.set_freeze_panes(first + 1, 0)?;
                sheet.set_repeat_rows(first, first)?;
            }
            row += 1;
        }
        for note in &content.notes {
            sheet.write_with_format(row, 0, note.text(self.language), &self.look.plain)?;
            row += 1;
        }
        if let Some(indicators) = chart.filter(|indicators| *indicators > 0) {
            row = self.chart(sheet, (content, indicators, top), row + 1)?;
        }
        self.page(sheet, content, row)
    }

    /// Writes what the sheet is and where its figures are from, and returns the next row.
    fn heading(&self, sheet: &mut Worksheet, content: &Sheet) -> Result<u32, XlsxError> {
        let from = self.provenance;
        let name = content.name.text(self.language);
        sheet.write_with_format(0, 0, name, &self.look.title)?;
        let said = |message: Message| message.text(self.language);
        let lines = [
            format!(
                "{} · {} {} · {} · {} {}",
                from.name(self.language),
                said(Message::Report).to_lowercase(),
                from.number,
                from.days(self.language),
                said(Message::Revision).to_lowercase(),
                from.revision
            ),
            format!("{}: {}", said(Message::ReportHash), from.hash),
            format!(
                "{}: {} · {}: {}",
                said(Message::KnownUntil),
                from.known_at,
                said(Message::Zone),
                from.zone
            ),
            format!(
                "{}: {} · {}",
                said(Message::RuleSet),
                from.rule_set,
                from.rule_set_hash
            ),
        ];
        let mut row = 1;
        for line in lines {
            sheet.write_with_format(row, 0, line, &self.look.plain)?;
            row += 1;
        }
        if content.restricted {
            sheet.write_with_format(row, 0, said(Message::Restricted), &self.look.title)?;
            row += 1;
        }
        Ok(row + 1)
    }

    /// Writes a table and returns the row behind it.
    fn table(
        &self,
        sheet: &mut Worksheet,
        (table, is_only): (&Table, bool),
        mut row: u32,
    ) -> Result<u32, XlsxError> {
        if !is_only {
            let title = table.title.text(self.language);
            sheet.write_with_format(row, 0, title, &self.look.title)?;
            row += 1;
        }
        for (at, column) in (0..).zip(table.columns) {
            let title = column.title.text(self.language);
            sheet.write_string_with_format(row, at, title, &self.look.head)?;
        }
        row += 1;
        if table.rows.is_empty() {
            let nothing = Message::NothingHere.text(self.language);
            sheet.write_with_format(row, 0, nothing, &self.look.plain)?;
            return Ok(row + 1);
        }
        for cells in &table.rows {
            for (at, cell) in (0..).zip(cells) {
                self.cell(sheet, (row, at), cell)?;
            }
            row += 1;
        }
        Ok(row)
    }

    /// Writes a cell. A text is never taken for a formula: it is written as a string.
    fn cell(
        &self,
        sheet: &mut Worksheet,
        (row, at): (u32, u16),
        cell: &Cell,
    ) -> Result<(), XlsxError> {
        let look = &self.look;
        match cell {
            Cell::Empty => sheet.write_blank(row, at, &look.text)?,
            Cell::Text(text) => {
                let text = bounded(text);
                sheet.write_string_with_format(row, at, text, &look.text)?
            }
            Cell::Number(number) => {
                let format = if number.is_integer() {
                    &look.number
                } else {
                    &look.decimal
                };
                let number = number.to_f64().unwrap_or_default();
                sheet.write_number_with_format(row, at, number, format)?
            }
            Cell::Day(day) => {
                let year = u16::try_from(day.year()).unwrap_or_default();
                let month = day.month().unsigned_abs();
                let day = ExcelDateTime::from_ymd(year, month, day.day().unsigned_abs())?;
                sheet.write_datetime_with_format(row, at, day, &look.day)?
            }
        };
        Ok(())
    }

    /// Draws what share of its target each indicator has reached, and returns the row behind it.
    fn chart(
        &self,
        sheet: &mut Worksheet,
        (content, indicators, top): (&Sheet, usize, u32),
        row: u32,
    ) -> Result<u32, XlsxError> {
        const PIXELS: u32 = 34;
        const ROW_PIXELS: u32 = 20;
        let count = u32::try_from(indicators).unwrap_or(u32::MAX).min(1_000);
        // The table has a row of titles.
        let first = top + 1;
        let last = first + count - 1;
        let name = content.name.text(self.language);
        let mut chart = Chart::new(ChartType::Bar);
        chart
            .add_series()
            .set_categories((name, first, 0, last, 0))
            .set_values((name, first, SHARE, last, SHARE))
            .set_name(Message::Reached.text(self.language))
            .set_format(
                rust_xlsxwriter::ChartFormat::new().set_solid_fill(
                    rust_xlsxwriter::ChartSolidFill::new().set_color(Color::RGB(BAR)),
                ),
            )
            .set_data_label(rust_xlsxwriter::ChartDataLabel::new().show_value());
        let title = format!(
            "{}: {}",
            Message::Progress.text(self.language),
            Message::Reached.text(self.language)
        );
        chart.title().set_name(&title).set_overlay(false);
        chart.legend().set_hidden();
        // The first indicator stands on top, as in the table.
        chart.y_axis().set_reverse();
        chart.x_axis().set_min(0);
        let height = 120 + PIXELS * count;
        chart.set_width(900).set_height(height);
        sheet.insert_chart(row, 0, &chart)?;
        Ok(row + height / ROW_PIXELS + 1)
    }

    /// Sets widths, and how it is printed: on A4, all columns on one page, with the report's hash
    /// below.
    fn page(&self, sheet: &mut Worksheet, content: &Sheet, rows: u32) -> Result<(), XlsxError> {
        let tables = content.tables.iter();
        let columns = tables.clone().map(|table| table.columns.len()).max();
        let columns = u16::try_from(columns.unwrap_or(1)).unwrap_or(u16::MAX);
        for at in 0..columns {
            let widths = tables
                .clone()
                .filter_map(|table| table.columns.get(usize::from(at)));
            let width = widths.map(|column| column.width).max().unwrap_or_default();
            sheet.set_column_width(at, width)?;
        }
        sheet.set_paper_size(A4);
        sheet.set_landscape();
        sheet.set_print_fit_to_pages(1, 0);
        sheet.set_print_area(0, 0, rows, columns.saturating_sub(1))?;
        let page = Message::Page.text(self.language);
        let hash = &self.provenance.hash;
        sheet.set_footer(format!("&L&8SHA-256 {hash}&R&8{page} &P / &N"));
        Ok(())
    }
}

/// Cuts a text to what a cell may hold.
fn bounded(text: &str) -> String {
    if text.chars().count() <= TEXT_MAX {
        return text.to_owned();
    }
    text.chars().take(TEXT_MAX).chain(['…']).collect()
}
