//! Indicator tables as CSV (RFC 4180): one file of indicators, one of keys.
//!
//! Numbers have no grouping. A text that a spreadsheet would take for a formula gets an
//! apostrophe before it.

use std::io;

use csv::{Terminator, Writer, WriterBuilder};
use varde_xapi::StatementId;

use crate::Amount;
use crate::table::{CountedKey, IndicatorReport, IndicatorTable, IndicatorValue};

const INDICATOR_COLUMNS: [&str; 26] = [
    "project",
    "definition",
    "hash",
    "as_of",
    "known_at",
    "complete_through",
    "code",
    "name_nb",
    "name_sv",
    "name_en",
    "unit_nb",
    "unit_sv",
    "unit_en",
    "measure",
    "baseline",
    "baseline_year",
    "baseline_source",
    "milestone",
    "target",
    "target_source",
    "value",
    "numerator",
    "denominator",
    "provisional",
    "unresolved",
    "excluded",
];

/// The columns of every key, before those of the dimensions.
const KEY_COLUMNS: [&str; 10] = [
    "project",
    "code",
    "as_of",
    "known_at",
    "day",
    "unit",
    "organisation_key",
    "person",
    "resolved",
    "amount",
];

/// The dimensions, in the order of their columns; a key has nothing in those that are not its own.
const DIMENSIONS: [&str; 12] = [
    "country",
    "nuts3",
    "gender",
    "birth_year_band",
    "organisation",
    "scheme",
    "action",
    "size",
    "nace",
    "kind",
    "role",
    "state",
];

/// Writes `indicators.csv`: a line for each indicator.
pub fn indicators(report: &IndicatorReport, to: impl io::Write) -> io::Result<()> {
    let mut writer = writer(to);
    writer.write_record(INDICATOR_COLUMNS)?;
    for table in &report.tables {
        for indicator in &table.indicators {
            write(&mut writer, &indicator_cells(table, indicator))?;
        }
    }
    writer.flush()
}

/// Writes `keys.csv`: a line for each counted key, its statement ids parted by spaces; those of
/// `carried` are of erased statements, and counted as an earlier version of the set did.
pub fn keys(report: &IndicatorReport, to: impl io::Write) -> io::Result<()> {
    let mut writer = writer(to);
    let columns = KEY_COLUMNS.iter().chain(&DIMENSIONS);
    writer.write_record(columns.chain(&["statements", "carried"]))?;
    for table in &report.tables {
        for indicator in &table.indicators {
            for key in &indicator.keys {
                write(&mut writer, &key_cells(table, indicator, key))?;
            }
        }
    }
    writer.flush()
}

fn writer<W: io::Write>(to: W) -> Writer<W> {
    WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(to)
}

fn write<W: io::Write>(writer: &mut Writer<W>, cells: &[String]) -> io::Result<()> {
    Ok(writer.write_record(cells.iter().map(|cell| guarded(cell)))?)
}

/// Keeps a spreadsheet from taking a text for a formula; numbers stay numbers.
pub fn guarded(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if formula && !is_number(cell) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn is_number(cell: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let plain = cell.strip_prefix('-').unwrap_or(cell);
    match plain.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(plain),
    }
}

fn indicator_cells(table: &IndicatorTable, indicator: &IndicatorValue) -> [String; 26] {
    let IndicatorValue {
        name,
        unit,
        baseline,
        ..
    } = indicator;
    let baseline = baseline.as_ref();
    let number = |number: Option<Amount>| number.map(|n| n.to_string()).unwrap_or_default();
    [
        table.project.to_string(),
        table.definition.clone(),
        table.hash.to_string(),
        table.as_of.to_string(),
        table.known_at.to_string(),
        table.complete_through.to_string(),
        indicator.code.to_string(),
        name.nb.clone(),
        name.sv.clone(),
        name.en.clone(),
        unit.nb.clone(),
        unit.sv.clone(),
        unit.en.clone(),
        indicator.measure.name().to_owned(),
        number(baseline.map(|baseline| baseline.value)),
        baseline
            .map(|baseline| baseline.year.to_string())
            .unwrap_or_default(),
        baseline
            .map(|baseline| baseline.source.clone())
            .unwrap_or_default(),
        number(indicator.milestone),
        indicator.target.to_string(),
        indicator.source.clone(),
        indicator.value.to_string(),
        number(indicator.parts.get("numerator").copied()),
        number(indicator.parts.get("denominator").copied()),
        indicator.provisional.to_string(),
        indicator.unresolved.to_string(),
        indicator.exclusions.len().to_string(),
    ]
}

fn key_cells(table: &IndicatorTable, indicator: &IndicatorValue, key: &CountedKey) -> Vec<String> {
    let ids = |statements: &[StatementId]| {
        let ids = statements.iter().map(ToString::to_string);
        ids.collect::<Vec<_>>().join(" ")
    };
    let or_nothing = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut cells = vec![
        table.project.to_string(),
        indicator.code.to_string(),
        table.as_of.to_string(),
        table.known_at.to_string(),
        key.day.to_string(),
        or_nothing(&key.unit),
        or_nothing(&key.organisation),
        or_nothing(&key.person),
        if key.resolved { "yes" } else { "no" }.to_owned(),
        key.amount.to_string(),
    ];
    let value = |dimension| key.breakdowns.get(dimension).cloned().unwrap_or_default();
    cells.extend(DIMENSIONS.map(value));
    cells.extend([ids(&key.statements), ids(&key.carried)]);
    cells
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn only_texts_that_look_like_formulas_are_guarded() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("+47", "'+47"),
            ("-x", "'-x"),
            ("@a", "'@a"),
            ("\ta", "'\ta"),
            ("\ra", "'\ra"),
            ("\na", "'\na"),
            ("-5", "-5"),
            ("-5.25", "-5.25"),
            ("-5.", "'-5."),
            ("a=b", "a=b"),
            ("", ""),
        ];
        for (cell, expected) in cases {
            assert_eq!(guarded(cell), expected, "{cell:?}");
        }
    }
}
