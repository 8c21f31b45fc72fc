//! An indicator as `varde report explain` opens it: to keys, statements, register rows and what was
//! left out.

use std::fmt::Write as _;

use serde_json::json;
use varde_core::Caller;
use varde_core::registers::{KnownRow, RowId};
use varde_interreg::{CountedKey, Exclusion, IndicatorQuery, IndicatorValue, Lineage};

use super::ledger::{register_json, register_row};
use super::report::no_indicators;
use crate::desk::Desk;
use crate::exit::{Exit, Failure};
use crate::terminal::columns;
use crate::wiring::Parts;

/// Prints what indicators rest on.
pub(super) async fn tell(
    desk: &Desk,
    parts: &Parts,
    (caller, query): (&Caller, &IndicatorQuery),
    as_json: bool,
) -> Result<(), Failure> {
    let lineage = parts.indicators.lineage(caller, query).await;
    let lineage = lineage.map_err(no_indicators)?;
    let mut values = lineage
        .report
        .tables
        .iter()
        .flat_map(|table| &table.indicators);
    if values.next().is_none() {
        let sentence = "no current indicator set has an indicator of this code";
        return Err(Failure::new(Exit::Data, sentence));
    }
    if as_json {
        let registers: Vec<_> = lineage.rows.iter().map(register_json).collect();
        let told = json!({ "indicators": lineage.report, "registers": registers });
        return desk.print(format!("{told}\n")).await;
    }
    desk.print(as_text(&lineage)).await
}

fn as_text(lineage: &Lineage) -> String {
    let mut text = String::new();
    for table in &lineage.report.tables {
        for value in &table.indicators {
            // Writing to a text cannot fail.
            let _ = writeln!(
                text,
                "  {} of {} as of {}, as known at {}: {}",
                value.code, table.project, table.as_of, table.known_at, value.value
            );
            indicator(&mut text, value, &lineage.rows);
        }
    }
    text
}

fn indicator(text: &mut String, value: &IndicatorValue, rows: &[KnownRow]) {
    for (part, amount) in &value.parts {
        let _ = writeln!(text, "    {part} {amount}");
    }
    for key in &value.keys {
        counted(text, key);
        registers(text, &key.rows, rows);
    }
    if !value.exclusions.is_empty() {
        let _ = writeln!(text, "    left out:");
    }
    for exclusion in &value.exclusions {
        left_out(text, exclusion);
        registers(text, &exclusion.rows, rows);
    }
}

fn counted(text: &mut String, key: &CountedKey) {
    let named = [&key.unit, &key.organisation, &key.person];
    let named: Vec<_> = named.into_iter().flatten().map(String::as_str).collect();
    let _ = writeln!(
        text,
        "    {} from {}: {}",
        key.amount,
        key.day,
        named.join(", ")
    );
    for statement in &key.statements {
        let mark = if key.carried.contains(statement) {
            " (erased; carried over from an earlier version of the set)"
        } else {
            ""
        };
        let _ = writeln!(text, "      statement {statement}{mark}");
    }
}

fn left_out(text: &mut String, exclusion: &Exclusion) {
    let units = exclusion.units.iter();
    let named = units
        .chain(&exclusion.organisation)
        .chain(&exclusion.person);
    let named: Vec<_> = named.map(String::as_str).collect();
    let (day, sentence) = (exclusion.day, exclusion.sentence);
    let _ = writeln!(text, "    {day}: {}: {sentence}", named.join(", "));
    for statement in &exclusion.statements {
        let _ = writeln!(text, "      statement {statement}");
    }
}

fn registers(text: &mut String, ids: &[RowId], rows: &[KnownRow]) {
    let found = ids.iter().filter_map(|id| {
        let place = rows.binary_search_by_key(id, |row| row.id).ok()?;
        rows.get(place)
    });
    let found: Vec<_> = found.map(register_row).collect();
    for line in columns(&found, &[]).lines() {
        let _ = writeln!(text, "    {line}");
    }
}
