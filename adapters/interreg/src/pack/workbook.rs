//! The workbook: a sheet for each part of the report.

use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{
    Chart, ChartType, Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder,
    Workbook, Worksheet, XlsxError,
};

use super::language::{Language, Voice};
use super::messages::Message;
use super::provenance::Provenance;
use super::tables::{Cell, Column, Made, Sheet, Table};
use crate::reports::ReportBody;

/// A4 in Excel's list of papers.
const A4: u8 = 9;
/// The most characters of a cell are 32,767; what is longer ends with three dots.
const TEXT_MAX: usize = 32_000;
/// The column of the summary with the share that was reached.
const SHARE: u16 = 6;
/// How high a line of cells and a line of titles is, in points.
const LINE: u32 = 15;
const TITLE_LINE: u32 = 20;
/// The highest row that a program shows, in points.
const ROW_MAX: u32 = 409;
/// How many letters take as much room as ten digits, by which the width of a column is measured.
const PLAIN: usize = 11;
const BOLD: usize = 10;
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
        let top = writer.sheet(book.add_worksheet().set_name(name)?, &sheet)?;
        if sheet.name == Message::Summary && !body.indicators.is_empty() {
            let progress = Message::Progress.text(language);
            let progress = book.add_worksheet().set_name(progress)?;
            writer.progress(progress, (name, top + 1, body.indicators.len()))?;
        }
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
    /// Writes a sheet, and returns the row of its first table's titles.
    fn sheet(&self, sheet: &mut Worksheet, content: &Sheet) -> Result<u32, XlsxError> {
        let widths = widths(content);
        for (at, width) in (0..).zip(&widths) {
            sheet.set_column_width(at, *width)?;
        }
        let top = self.heading(sheet, content.name, content.restricted)?;
        let mut row = top;
        for table in &content.tables {
            let is_only = content.tables.len() == 1;
            let first = row;
            row = self.table(sheet, (table, is_only), (row, &widths))?;
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
        let columns = u16::try_from(widths.len()).unwrap_or(u16::MAX);
        sheet.set_print_fit_to_pages(1, 0);
        sheet.set_print_area(0, 0, row, columns.saturating_sub(1))?;
        self.page(sheet);
        Ok(top)
    }

    /// Writes what the sheet is and where its figures are from, and returns the next row.
    fn heading(
        &self,
        sheet: &mut Worksheet,
        name: Message,
        restricted: bool,
    ) -> Result<u32, XlsxError> {
        let from = self.provenance;
        self.title(sheet, 0, name.text(self.language))?;
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
        if restricted {
            self.title(sheet, row, said(Message::Restricted))?;
            row += 1;
        }
        Ok(row + 1)
    }

    fn title(&self, sheet: &mut Worksheet, row: u32, text: &str) -> Result<(), XlsxError> {
        sheet.set_row_height(row, TITLE_LINE)?;
        sheet.write_with_format(row, 0, text, &self.look.title)?;
        Ok(())
    }

    /// Writes a table and returns the row behind it.
    fn table(
        &self,
        sheet: &mut Worksheet,
        (table, is_only): (&Table, bool),
        (mut row, widths): (u32, &[u16]),
    ) -> Result<u32, XlsxError> {
        if !is_only {
            self.title(sheet, row, table.title.text(self.language))?;
            row += 1;
        }
        let titles = table.columns.iter();
        let titles = titles.map(|column| column.title.text(self.language));
        let titles: Vec<&str> = titles.collect();
        for (at, title) in (0..).zip(&titles) {
            sheet.write_string_with_format(row, at, *title, &self.look.head)?;
        }
        sheet.set_row_height(row, height(titles.into_iter().zip(widths), BOLD))?;
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
            let texts = cells.iter().map(|cell| match cell {
                Cell::Text(text) => text.as_str(),
                Cell::Empty | Cell::Number(_) | Cell::Day(_) => "",
            });
            sheet.set_row_height(row, height(texts.zip(widths), PLAIN))?;
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

    /// Writes the sheet that draws what share of its target each indicator has reached. It is
    /// printed on one page, where a chart below a table would be cut in two.
    fn progress(
        &self,
        sheet: &mut Worksheet,
        (summary, first, indicators): (&str, u32, usize),
    ) -> Result<(), XlsxError> {
        const PIXELS: u32 = 34;
        const ROW_PIXELS: u32 = 20;
        const COLUMNS: u16 = 14;
        let row = self.heading(sheet, Message::Progress, false)?;
        let count = u32::try_from(indicators).unwrap_or(u32::MAX).min(1_000);
        let last = first + count - 1;
        let reached = Message::Reached.text(self.language);
        let mut bar = rust_xlsxwriter::ChartSolidFill::new();
        let mut chart = Chart::new(ChartType::Bar);
        chart
            .add_series()
            .set_categories((summary, first, 0, last, 0))
            .set_values((summary, first, SHARE, last, SHARE))
            .set_name(reached)
            .set_format(
                rust_xlsxwriter::ChartFormat::new().set_solid_fill(bar.set_color(Color::RGB(BAR))),
            )
            .set_data_label(rust_xlsxwriter::ChartDataLabel::new().show_value());
        let title = format!("{}: {reached}", Message::Progress.text(self.language));
        chart.title().set_name(&title).set_overlay(false);
        chart.legend().set_hidden();
        // The first indicator stands on top, as in the table.
        chart.y_axis().set_reverse();
        chart.x_axis().set_min(0);
        let height = 120 + PIXELS * count;
        chart.set_width(900).set_height(height);
        sheet.insert_chart(row, 0, &chart)?;
        sheet.set_print_fit_to_pages(1, 1);
        sheet.set_print_area(0, 0, row + height / ROW_PIXELS + 1, COLUMNS)?;
        self.page(sheet);
        Ok(())
    }

    /// Sets how it is printed: on A4, with the report's hash below.
    fn page(&self, sheet: &mut Worksheet) {
        sheet.set_paper_size(A4);
        sheet.set_landscape();
        let page = Message::Page.text(self.language);
        let hash = &self.provenance.hash;
        sheet.set_footer(format!("&L&8SHA-256 {hash}&R&8{page} &P / &N"));
    }
}

/// Returns how wide the columns are, in characters: as wide as the tables that share them need.
fn widths(content: &Sheet) -> Vec<u16> {
    let tables = content.tables.iter().map(|table| table.columns);
    let columns = tables.clone().map(<[Column]>::len).max().unwrap_or(0);
    let of_tables = |at| tables.clone().filter_map(move |table| table.get(at));
    (0..columns)
        .map(|at| of_tables(at).map(|column| column.width).max().unwrap_or(0))
        .collect()
}

/// Returns how high a row is in which each text is as broken as its column's width has it, in
/// points. Not every program measures rows by itself: without it, lines lie over the row below.
fn height<'a>(cells: impl Iterator<Item = (&'a str, &'a u16)>, letters: usize) -> u32 {
    let lines = cells.map(|(text, width)| lines(text, usize::from(*width) * letters / 10));
    (lines.max().unwrap_or(1) * LINE).min(ROW_MAX)
}

/// Returns how many lines of so many letters a text takes, broken between words where that is
/// possible.
fn lines(text: &str, width: usize) -> u32 {
    let width = width.max(1);
    let paragraphs = text.split('\n').map(|paragraph| {
        let (mut lines, mut used) = (1, 0);
        for word in paragraph.split(' ').map(|word| word.chars().count()) {
            if used > 0 && used + 1 + word > width {
                (lines, used) = (lines + 1, 0);
            }
            used += word + usize::from(used > 0);
            lines += used.saturating_sub(1) / width;
            used -= used.saturating_sub(1) / width * width;
        }
        lines
    });
    u32::try_from(paragraphs.sum::<usize>()).unwrap_or(u32::MAX / LINE)
}

/// Cuts a text to what a cell may hold.
fn bounded(text: &str) -> String {
    if text.chars().count() <= TEXT_MAX {
        return text.to_owned();
    }
    text.chars().take(TEXT_MAX).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::{BOLD, PLAIN, height, lines};

    #[test]
    fn a_row_is_as_high_as_its_longest_text_is_broken() {
        assert_eq!(lines("", 9), 1);
        assert_eq!(lines("one two", 9), 1);
        assert_eq!(lines("one two three", 9), 2);
        assert_eq!(lines("one\ntwo", 9), 2);
        assert_eq!(lines("a-word-of-22-characters", 9), 3);
        let cells = [("one", &10), ("one two 345", &10)];
        assert_eq!(height(cells.into_iter(), PLAIN), 15);
        assert_eq!(height(cells.into_iter(), BOLD), 30);
        let long = "a ".repeat(9_000);
        assert_eq!(height([(long.as_str(), &10)].into_iter(), PLAIN), 409);
    }
}
