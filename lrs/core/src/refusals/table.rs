//! Notes as a table: a row for each broken rule, or one where no single rule was broken.

use std::io::Write;

use super::{Broken, NoteOfKey};
use crate::sheet;

const HEAD: [&str; 16] = [
    "key", "last", "first", "times", "method", "route", "status", "code", "faults", "path", "line",
    "column", "rule", "section", "found", "expected",
];

/// Writes notes as CSV, in their order.
pub fn write_csv(notes: &[NoteOfKey], out: impl Write) -> Result<(), csv::Error> {
    let rows = notes.iter().flat_map(|note| {
        let told = note.note.refusal.broken.iter().map(Some);
        let none = note.note.refusal.broken.is_empty().then_some(None);
        told.chain(none).map(|broken| row(note, broken))
    });
    sheet::write(out, &HEAD, rows)
}

fn row(NoteOfKey { key, note }: &NoteOfKey, broken: Option<&Broken>) -> [String; 16] {
    let refusal = &note.refusal;
    let of = |read: fn(&Broken) -> String| broken.map_or_else(String::new, read);
    let number = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
    let expected = match broken {
        Some(broken) => &broken.expected,
        None => &refusal.expected,
    };
    [
        key.clone(),
        note.last.to_string(),
        note.first.to_string(),
        note.times.to_string(),
        refusal.method.clone(),
        refusal.route.clone(),
        refusal.status.to_string(),
        refusal.code.clone(),
        refusal.total.to_string(),
        of(|broken| broken.path.clone()),
        number(broken.and_then(|broken| broken.line)),
        number(broken.and_then(|broken| broken.column)),
        of(|broken| broken.rule.clone()),
        of(|broken| broken.section.clone()),
        of(|broken| broken.shape.clone()),
        expected.clone().unwrap_or_default(),
    ]
}
