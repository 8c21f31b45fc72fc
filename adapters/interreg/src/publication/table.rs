//! A release as CSV (RFC 4180), a line for each number.

use std::io;

use csv::{Terminator, WriterBuilder};

use super::release::{Number, Release};
use crate::export::guarded;

const COLUMNS: [&str; 15] = [
    "project",
    "release",
    "period",
    "published",
    "snapshot",
    "known_at",
    "rule_set",
    "rule_set_hash",
    "code",
    "name_en",
    "unit_en",
    "dimension",
    "value",
    "number",
    "as_of",
];

/// Writes the numbers of a release: of each indicator its total, then its tables. A number that is held
/// back is empty.
pub fn table(release: &Release, to: impl io::Write) -> io::Result<()> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(to);
    writer.write_record(COLUMNS)?;
    for one in &release.indicators {
        let mut line = |dimension: &str, value: &str, number: Option<Number>| {
            let cells = [
                release.project.to_string(),
                release.number.to_string(),
                release.period.to_string(),
                release.published.to_string(),
                release.snapshot.to_string(),
                release.known_at.to_string(),
                release.rule_set.clone(),
                release.rule_set_hash.clone(),
                one.code.to_string(),
                one.name.en.clone(),
                one.unit.en.clone(),
                dimension.to_owned(),
                value.to_owned(),
                number.map_or_else(String::new, |number| number.value.to_string()),
                number.map_or_else(String::new, |number| number.as_of.to_string()),
            ];
            writer.write_record(cells.iter().map(|cell| guarded(cell)))
        };
        line("", "", Some(one.total))?;
        for (dimension, cells) in &one.tables {
            if cells.is_empty() {
                line(dimension.name(), "", None)?;
            }
            for (value, number) in cells {
                line(dimension.name(), value, *number)?;
            }
        }
    }
    writer.flush()
}
