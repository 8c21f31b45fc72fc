//! What is told of sources, and the same as CSV (RFC 4180).

use std::collections::BTreeMap;
use std::io::Write;

use jiff::civil::Date;
use serde::Serialize;
use varde_xapi::Stored;

use super::{Counts, Rhythm};
use crate::ports::Position;
use crate::statements::Repeat;
use crate::{Role, Space, Tolerance};

/// The keys that statements come by, in the order of their names, with what came in the window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceTable {
    /// The first day of the window, in UTC.
    pub from: Date,
    /// Its last day.
    pub to: Date,
    /// Through which instant everything is counted; `None` while nothing is.
    pub complete_through: Option<Stored>,
    /// What came from all of them together.
    pub totals: Counts,
    /// The same by day, for days on which something came.
    pub days: Vec<SourceDay>,
    /// The sources.
    pub sources: Vec<Source>,
}

/// A key that statements come by, in a space.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// The key's name.
    pub name: String,
    /// Where it sends them.
    pub space: Space,
    /// What the person behind it is here for; `None` for a machine.
    pub role: Option<Role>,
    /// When the key was made, where that was noted.
    pub made: Option<Stored>,
    /// When it was revoked.
    pub revoked: Option<Stored>,
    /// From when on it is not let in any more.
    pub expires: Option<Stored>,
    /// When it was let in last, to the minute, as far as it is recorded.
    pub last_use: Option<Stored>,
    /// When its last statement was stored.
    pub last_statement: Option<Stored>,
    /// Since when it is silent: its last use, where that is longer ago than alarms are told of.
    pub silent_since: Option<Stored>,
    /// How many statements ever came by it.
    pub statements_ever: u64,
    /// How often it sends.
    pub rhythm: Rhythm,
    /// What came in the window.
    pub totals: Counts,
    /// What it is let off, and how often it was since it was made, as far as it is recorded.
    pub tolerances: BTreeMap<&'static str, u64>,
    /// What came by day, for days on which something came.
    pub days: Vec<SourceDay>,
}

/// What came on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SourceDay {
    /// The day of `stored`, in UTC.
    pub day: Date,
    /// What came.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Repeats that a source sent, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceRepeats {
    /// The repeats.
    pub repeats: Vec<Repeat>,
    /// What `after` of the next page is; `None` on the last.
    pub next: Option<Position>,
}

const COUNT_COLUMNS: [&str; 6] = [
    "statements",
    "without_timestamp",
    "future",
    "skew_max_seconds",
    "late",
    "repeats",
];

impl SourceTable {
    pub(super) fn new(
        (from, to): (Date, Date),
        complete_through: Option<Stored>,
        sources: Vec<Source>,
    ) -> Self {
        let (mut totals, mut days) = (Counts::default(), BTreeMap::<Date, Counts>::new());
        for day in sources.iter().flat_map(|source| &source.days) {
            totals += day.counts;
            *days.entry(day.day).or_default() += day.counts;
        }
        let days = days
            .into_iter()
            .map(|(day, counts)| SourceDay { day, counts });
        Self {
            from,
            to,
            complete_through,
            totals,
            days: days.collect(),
            sources,
        }
    }

    /// Returns those that somebody should look at: they are silent, or past their rhythm.
    pub fn silent(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| source.is_silent())
    }

    /// Writes a header, then a line for each source.
    pub fn write_csv(&self, out: impl Write) -> Result<(), csv::Error> {
        let mut columns = vec!["key", "space", "role", "from", "to"];
        columns.extend(COUNT_COLUMNS);
        columns.extend([
            "days_with_statements",
            "statements_per_day",
            "usual_gap_days",
            "longest_gap_days",
            "gap_days",
            "overdue",
            "last_use",
            "last_statement",
            "silent_since",
            "statements_ever",
        ]);
        columns.extend(Tolerance::EACH.map(Tolerance::name));
        columns.push("complete_through");
        let mut sheet = sheet(out);
        sheet.write_record(&columns)?;
        for source in &self.sources {
            let mut cells = source.head();
            cells.extend([self.from.to_string(), self.to.to_string()]);
            cells.extend(source.totals.cells());
            cells.extend(source.rhythm_cells());
            cells.extend([
                text(source.last_use),
                text(source.last_statement),
                text(source.silent_since),
                source.statements_ever.to_string(),
            ]);
            let uses = |tolerance: Tolerance| text(source.tolerances.get(tolerance.name()));
            cells.extend(Tolerance::EACH.map(uses));
            cells.push(text(self.complete_through));
            sheet.write_record(cells)?;
        }
        Ok(sheet.flush()?)
    }

    /// Writes a header, then a line for each source and day on which something came.
    pub fn write_days_csv(&self, out: impl Write) -> Result<(), csv::Error> {
        let mut columns = vec!["key", "space", "role", "day"];
        columns.extend(COUNT_COLUMNS);
        columns.push("complete_through");
        let mut sheet = sheet(out);
        sheet.write_record(&columns)?;
        for source in &self.sources {
            for day in &source.days {
                let mut cells = source.head();
                cells.push(day.day.to_string());
                cells.extend(day.counts.cells());
                cells.push(text(self.complete_through));
                sheet.write_record(cells)?;
            }
        }
        Ok(sheet.flush()?)
    }
}

impl Source {
    /// Tells whether it is silent, or past its rhythm.
    pub fn is_silent(&self) -> bool {
        self.silent_since.is_some() || self.rhythm.overdue
    }

    /// Returns the cells that tell which it is.
    fn head(&self) -> Vec<String> {
        let role = self.role.map_or("machine", Role::name);
        vec![guarded(&self.name), self.space.to_string(), role.to_owned()]
    }

    fn rhythm_cells(&self) -> [String; 6] {
        let Rhythm {
            days,
            per_day,
            usual_gap_days,
            longest_gap_days,
            gap_days,
            overdue,
        } = &self.rhythm;
        [
            days.to_string(),
            per_day.to_string(),
            text(*usual_gap_days),
            text(*longest_gap_days),
            text(*gap_days),
            overdue.to_string(),
        ]
    }
}

impl Counts {
    fn cells(self) -> [String; 6] {
        [
            self.statements,
            self.without_timestamp,
            self.future,
            self.skew_max_seconds,
            self.late,
            self.repeats,
        ]
        .map(|count| count.to_string())
    }
}

fn text(cell: Option<impl ToString>) -> String {
    cell.map_or_else(String::new, |cell| cell.to_string())
}

fn sheet<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out)
}

/// Keeps a spreadsheet from taking the name of a key for a formula.
fn guarded(name: &str) -> String {
    let risky = name.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    format!("{}{name}", if risky { "'" } else { "" })
}
