//! A report as tables, from which CSV files, the workbook and the annex are written alike.

mod breakdowns;
mod corrections;
mod indicators;
mod method;
mod organisations;
mod quality;
mod summary;

use std::str::FromStr as _;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use super::language::Voice;
use super::messages::Message;
use super::provenance::Provenance;
use crate::reports::{ReportBody, ReportedIndicator};

/// The most decimals that are shown, as funders' forms have them.
const DECIMALS: u32 = 2;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    /// Rounded to two decimals, half away from zero.
    Number(Decimal),
    Day(Date),
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its name in files for programs.
    pub(super) key: &'static str,
    pub(super) title: Message,
    /// How wide it is, in characters.
    pub(super) width: u16,
}

/// A table with a row of titles.
#[derive(Debug)]
pub(crate) struct Table {
    /// The name of its CSV file; `None` for what stands in the other files only.
    pub(super) name: Option<&'static str>,
    pub(super) title: Message,
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Cell>>,
}

/// The tables that stand together.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: Message,
    /// Whether it names organisations, which for sole traders are persons.
    pub(super) restricted: bool,
    pub(super) tables: Vec<Table>,
    /// Sentences below the tables.
    pub(super) notes: Vec<Message>,
}

/// What tables are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made<'a> {
    pub(super) body: &'a ReportBody,
    pub(super) provenance: &'a Provenance,
    pub(super) voice: Voice,
}

impl Made<'_> {
    /// Returns the sheets, in the order of the workbook.
    pub(super) fn sheets(&self) -> [Sheet; 7] {
        [
            self.summary(),
            self.indicators(),
            self.breakdowns(),
            self.organisations(),
            self.corrections(),
            self.method(),
            self.quality(),
        ]
    }

    fn each(&self) -> impl Iterator<Item = (&ReportedIndicator, Cell)> {
        let indicators = self.body.indicators.iter();
        indicators.map(|one| (one, Cell::text(&one.code)))
    }
}

impl Cell {
    pub(super) fn text(text: &(impl ToString + ?Sized)) -> Self {
        match text.to_string() {
            text if text.is_empty() => Self::Empty,
            text => Self::Text(text),
        }
    }

    pub(super) fn maybe(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Empty, |text| Self::text(&text))
    }

    pub(super) fn number(number: Decimal) -> Self {
        Self::Number(shown(number))
    }

    pub(super) fn count(count: usize) -> Self {
        Self::Number(Decimal::from(count))
    }

    /// Reads a number of `report.json`; nothing where there is none.
    pub(super) fn json(value: Option<&Value>) -> Self {
        value.and_then(decimal).map_or(Self::Empty, Self::number)
    }
}

/// Returns a number as it is shown: at most two decimals, half away from zero.
pub fn shown(number: Decimal) -> Decimal {
    let away = RoundingStrategy::MidpointAwayFromZero;
    number.round_dp_with_strategy(DECIMALS, away).normalize()
}

/// Reads a number of `report.json`.
pub(crate) fn decimal(value: &Value) -> Option<Decimal> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let plain = Decimal::from_str(&text).ok();
    plain.or_else(|| Decimal::from_scientific(&text).ok())
}

/// Returns the share in percent that a part is of a whole; `None` of nothing.
pub(super) fn percent(part: Decimal, whole: Decimal) -> Option<Decimal> {
    part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole)
}

impl ReportedIndicator {
    /// Returns the number that is handed in: what is reported in total, or for a share or a
    /// distribution the value as of the period's end.
    pub fn handed_in(&self) -> Option<Decimal> {
        let reported = self.reported.map(|reported| reported.total);
        reported.or_else(|| self.standing.get("value").and_then(decimal))
    }

    /// Returns the value that is aimed at.
    pub fn aim(&self) -> Option<Decimal> {
        self.standing.get("target").and_then(decimal)
    }
}
