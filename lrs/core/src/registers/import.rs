//! Taking rows in: what is new of them goes into the log as one event.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;
use varde_xapi::Stored;

use super::{Entity, RegisterBook, Registers, Row, keyed};
use crate::ports::{Change, CommitError, StoreError};

/// The most rows one import may add.
const IMPORT_ROWS_MAX: usize = 50_000;
/// The most bytes of rows one import may add.
const IMPORT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How often an import starts over because another came in between.
const TRIES: usize = 5;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// How many rows were new.
    pub added: usize,
    /// How many said what was known already.
    pub unchanged: usize,
    /// The instant at which the new rows became known.
    pub stored: Option<Stored>,
}

/// Why nothing was imported.
#[derive(Debug, Error)]
pub enum ImportError {
    /// More than one import may hold.
    #[error(
        "an import of {rows} rows and {bytes} bytes is over the bound of 50,000 rows or 64 MiB; split the files"
    )]
    TooLarge {
        /// How many new rows there were.
        rows: usize,
        /// How many bytes they took.
        bytes: usize,
    },
    /// Another import came in between too often.
    #[error("other imports are under way; try again when they are done")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a row says beside what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// Something of a field of which nothing was known.
    New,
    /// Something else than was known.
    Changed,
    /// What was known.
    Unchanged,
    /// Nothing of a field of which nothing was known.
    Nothing,
}

/// Rows with ids, told apart by whether they are news.
struct Plan {
    /// What each row as given says.
    news: Vec<News>,
    /// The rows to be added.
    new: Vec<Row>,
    /// What makes new ids last.
    identities: Vec<Change>,
}

impl RegisterBook {
    /// Adds the rows of fields that change by them on some day, as one log event. Importing the
    /// same rows again changes nothing.
    ///
    /// Rows come as the office writes them: persons by pseudonym, identifiers by their canonical
    /// text. The log and the registers get random ids in their place.
    pub async fn import(&self, rows: Vec<Row>) -> Result<Imported, ImportError> {
        for _ in 0..TRIES {
            let turn = self.turn().await?;
            let plan = self.plan(&rows).await?;
            let is_new = |news: &&News| matches!(news, News::New | News::Changed);
            let added = plan.news.iter().filter(is_new).count();
            let unchanged = rows.len() - added;
            let mut imported = Imported {
                added,
                unchanged,
                stored: None,
            };
            if plan.new.is_empty() {
                return Ok(imported);
            }
            let count = plan.new.len();
            let changes = self.changes(plan.new, plan.identities, turn).await?;
            let bytes = changes.events.iter().map(|event| event.body.len()).sum();
            if count > IMPORT_ROWS_MAX || bytes > IMPORT_BYTES_MAX {
                return Err(ImportError::TooLarge { rows: count, bytes });
            }
            match self.commit(changes).await {
                Ok(done) => {
                    imported.stored = done.events.first().map(|(_, stored)| *stored);
                    return Ok(imported);
                }
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
                Err(CommitError::TooLarge { changes, bytes }) => {
                    let rows = changes;
                    return Err(ImportError::TooLarge { rows, bytes });
                }
            }
        }
        Err(ImportError::Busy)
    }

    /// Tells of each row what it says beside what is known, and changes nothing.
    pub async fn examine(&self, rows: &[Row]) -> Result<Vec<News>, StoreError> {
        Ok(self.plan(rows).await?.news)
    }

    async fn plan(&self, rows: &[Row]) -> Result<Plan, StoreError> {
        let known = self.refresh().await?;
        let resolved = self.identities().resolve(keyed::names(rows)).await?;
        let keyed = keyed::keyed(rows, &resolved.ids);
        let changed = changed_fields(&known, keyed.iter().flatten());
        let is_new = |row: &Row| changed.contains(&(&row.entity, row.field.as_str()));
        let news = keyed.iter().map(|of_one| match of_one.split_first() {
            // The first of the rows that came of one is that row itself; the others introduce the
            // person.
            Some((row, others)) if is_new(row) || !others.iter().any(is_new) => {
                news(&known, row, is_new(row))
            }
            _ => News::New,
        });
        let news = news.collect();
        let new = keyed.iter().flatten().filter(|row| is_new(row));
        Ok(Plan {
            news,
            new: new.cloned().collect(),
            identities: resolved.new,
        })
    }
}

fn news(known: &Registers, row: &Row, is_new: bool) -> News {
    let rows = known.rows(&row.entity).iter();
    let is_known = rows.into_iter().any(|known| known.row.field == row.field);
    match (is_new, is_known) {
        (true, false) => News::New,
        (true, true) => News::Changed,
        (false, true) => News::Unchanged,
        (false, false) => News::Nothing,
    }
}

/// Returns the fields whose value changes by the rows on some day. The rows of a field stay
/// together: it takes all of them, in their order, to say what the file says.
fn changed_fields<'r>(
    known: &Registers,
    rows: impl Iterator<Item = &'r Row>,
) -> BTreeSet<(&'r Entity, &'r str)> {
    let mut fields: BTreeMap<(&Entity, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let field = (&row.entity, row.field.as_str());
        fields.entry(field).or_default().push(row);
    }
    fields.retain(|(entity, field), new| {
        let old = known.rows(entity).iter().map(|known| &known.row);
        let old: Vec<_> = old.filter(|row| row.field == *field).collect();
        let all: Vec<_> = old.iter().chain(new.iter()).copied().collect();
        change_days(&all).any(|day| value_on(&old, day) != value_on(&all, day))
    });
    fields.into_keys().collect()
}

/// Returns every day on which a field's value can begin to differ, and the first of all days.
fn change_days(rows: &[&Row]) -> impl Iterator<Item = Date> {
    let begins = rows.iter().filter_map(|row| row.valid_from);
    let ends = rows.iter().filter_map(|row| row.valid_to?.tomorrow().ok());
    let days: BTreeSet<Date> = begins.chain(ends).chain([Date::MIN]).collect();
    days.into_iter()
}

fn value_on<'a>(rows: &[&'a Row], day: Date) -> Option<&'a str> {
    rows.iter()
        .rev()
        .find(|row| row.holds_on(day))?
        .value
        .as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::PersonKeys;
    use crate::ports::{EventKind, Happened, LogEvent, Position};
    use crate::registers::EntityKind;

    fn row(value: Option<&str>, from: Option<&str>) -> Row {
        Row {
            entity: Entity::new(EntityKind::Person, "p-001"),
            field: "region".to_owned(),
            value: value.map(str::to_owned),
            valid_from: from.map(|day| day.parse().unwrap()),
            valid_to: None,
        }
    }

    fn known(rows: &[Row]) -> Registers {
        let body = serde_json::json!({ "rows": rows }).to_string();
        let mut registers = Registers::default();
        let what = Happened::Event(EventKind::Registers, body);
        let event = LogEvent {
            position: Position(1),
            stored: Stored(1),
            what,
        };
        registers.add(&event, &PersonKeys::default()).unwrap();
        registers
    }

    fn changes(known: &Registers, rows: &[Row]) -> bool {
        !changed_fields(known, rows.iter()).is_empty()
    }

    #[test]
    fn rows_that_change_no_day_are_no_news() {
        let rows = [
            row(Some("NO060"), None),
            row(Some("SE322"), Some("2025-01-01")),
        ];
        assert!(!changes(&known(&rows), &rows));
        assert!(!changes(&Registers::default(), &[row(None, None)]));
    }

    #[test]
    fn an_emptied_value_from_a_day_on_is_news() {
        let emptied = [row(None, Some("2025-01-01"))];
        assert!(changes(&known(&[row(Some("NO060"), None)]), &emptied));
    }

    #[test]
    fn a_row_of_a_later_day_makes_the_field_news() {
        let before = [
            row(Some("NO060"), None),
            row(Some("SE322"), Some("2025-01-01")),
        ];
        let moved = [
            row(Some("NO060"), None),
            row(Some("SE321"), Some("2025-01-01")),
        ];
        assert!(changes(&known(&before), &moved));
    }
}
