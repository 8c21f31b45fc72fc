//! The registers in memory, and the way rows get into the log.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_xapi::Stored;

use super::{Entity, KnownRow, Row, RowId};
use crate::ports::{
    Change, Changes, Collection, CommitError, EventKind, Expected, Happened, LogEvent, NewEvent,
    Position, Records, StatementLog, StoreError,
};

/// The most rows one import may add.
const IMPORT_ROWS_MAX: usize = 50_000;
/// The most bytes of rows one import may add.
const IMPORT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How many register events are read at a time.
const EVENTS_AT_A_TIME: usize = 100;

/// One record whose version makes imports wait for each other.
const TURN: Collection = Collection("register-turn");
const TURN_KEY: &[u8] = b"registers";

/// Every register row that is known, by entity, in the order in which they became known.
#[derive(Debug, Clone, Default)]
pub struct Registers {
    rows: HashMap<Entity, Vec<KnownRow>>,
    through: Position,
}

/// The body of a register event.
#[derive(Debug, Serialize, Deserialize)]
struct RegisterEvent {
    rows: Vec<Row>,
}

impl Registers {
    /// Returns the rows of an entity in the order in which they became known.
    pub fn rows(&self, entity: &Entity) -> &[KnownRow] {
        self.rows.get(entity).map_or(&[], Vec::as_slice)
    }

    /// Adds what a register event says; events must come in order.
    pub fn add(&mut self, event: &LogEvent) -> Result<(), StoreError> {
        for known in event_rows(event)? {
            self.rows
                .entry(known.row.entity.clone())
                .or_default()
                .push(known);
        }
        self.through = event.position;
        Ok(())
    }

    /// Returns the entities of one kind, in the order of their ids.
    pub fn entities(&self, kind: super::EntityKind) -> Vec<&Entity> {
        let mut entities: Vec<_> = self
            .rows
            .keys()
            .filter(|entity| entity.kind == kind)
            .collect();
        entities.sort();
        entities
    }
}

/// Returns the rows that an event brought; none when it is no register event.
pub(crate) fn event_rows(event: &LogEvent) -> Result<Vec<KnownRow>, StoreError> {
    let Happened::Event(EventKind::Registers, body) = &event.what else {
        return Ok(Vec::new());
    };
    let body: RegisterEvent = serde_json::from_str(body).map_err(StoreError::failed)?;
    let known = body
        .rows
        .into_iter()
        .zip(0..)
        .map(|(row, number)| KnownRow {
            id: RowId {
                position: event.position,
                row: number,
            },
            known_from: event.stored,
            row,
        });
    Ok(known.collect())
}

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

/// Why an import did not happen. Nothing of it did.
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

/// The registers of one store, kept in memory and refreshed from the log.
#[derive(Debug)]
pub struct RegisterBook {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    known: RwLock<Arc<Registers>>,
}

impl RegisterBook {
    /// Opens the registers of a store; they are read at the first refresh.
    pub fn new(log: Arc<dyn StatementLog>, records: Arc<dyn Records>) -> Self {
        Self {
            log,
            records,
            known: RwLock::default(),
        }
    }

    /// Returns the registers with every row that the log holds now.
    pub async fn refresh(&self) -> Result<Arc<Registers>, StoreError> {
        loop {
            let through = self.present().through;
            let events = self
                .log
                .events(EventKind::Registers, through, EVENTS_AT_A_TIME)
                .await?;
            if events.is_empty() {
                return Ok(self.present());
            }
            self.take_in(&events)?;
        }
    }

    fn present(&self) -> Arc<Registers> {
        // A poisoned lock holds registers that are whole: they change by replacement only.
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn take_in(&self, events: &[LogEvent]) -> Result<(), StoreError> {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut registers = Registers::clone(&known);
        for event in events.iter().filter(|event| event.position > known.through) {
            registers.add(event)?;
        }
        *known = Arc::new(registers);
        Ok(())
    }

    /// Adds the rows of fields that change by them on some day, as one log event. Importing the
    /// same rows again changes nothing.
    pub async fn import(&self, rows: Vec<Row>) -> Result<Imported, ImportError> {
        const TRIES: usize = 5;
        for _ in 0..TRIES {
            let turn = self.records.get(TURN, TURN_KEY).await?;
            let expected = turn.map_or(Expected::Absent, |turn| Expected::Version(turn.version));
            let known = self.refresh().await?;
            let new = only_new(&known, &rows);
            let unchanged = rows.len() - new.len();
            if new.is_empty() {
                return Ok(Imported {
                    added: 0,
                    unchanged,
                    stored: None,
                });
            }
            let added = new.len();
            match self.records.commit(import_changes(new, expected)?).await {
                Ok(done) => {
                    let stored = done.events.first().map(|(_, stored)| *stored);
                    return Ok(Imported {
                        added,
                        unchanged,
                        stored,
                    });
                }
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
                Err(CommitError::TooLarge { changes, bytes }) => {
                    return Err(ImportError::TooLarge {
                        rows: changes,
                        bytes,
                    });
                }
            }
        }
        Err(ImportError::Busy)
    }
}

/// Keeps the rows of those fields whose value changes on some day by them. The rows of a field
/// stay together: it takes all of them, in their order, to say what the file says.
fn only_new(known: &Registers, rows: &[Row]) -> Vec<Row> {
    let mut fields: BTreeMap<(&Entity, &str), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        fields
            .entry((&row.entity, &row.field))
            .or_default()
            .push(row);
    }
    fields.retain(|(entity, field), new| {
        let old = known.rows(entity).iter().map(|known| &known.row);
        let old: Vec<_> = old.filter(|row| row.field == *field).collect();
        let all: Vec<_> = old.iter().chain(new.iter()).copied().collect();
        change_days(&all).any(|day| value_on(&old, day) != value_on(&all, day))
    });
    let keeps = |row: &&Row| fields.contains_key(&(&row.entity, row.field.as_str()));
    rows.iter().filter(keeps).cloned().collect()
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

fn import_changes(rows: Vec<Row>, expected: Expected) -> Result<Changes, ImportError> {
    let count = rows.len();
    let body = serde_json::to_string(&RegisterEvent { rows }).map_err(StoreError::failed)?;
    if count > IMPORT_ROWS_MAX || body.len() > IMPORT_BYTES_MAX {
        return Err(ImportError::TooLarge {
            rows: count,
            bytes: body.len(),
        });
    }
    Ok(Changes {
        changes: vec![Change {
            collection: TURN,
            key: TURN_KEY.to_vec(),
            value: Some(Vec::new()),
            expected,
        }],
        events: vec![NewEvent {
            kind: EventKind::Registers,
            body,
        }],
        import: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let body = serde_json::to_string(&RegisterEvent {
            rows: rows.to_vec(),
        })
        .unwrap();
        let mut registers = Registers::default();
        let what = Happened::Event(EventKind::Registers, body);
        let event = LogEvent {
            position: Position(1),
            stored: Stored(1),
            what,
        };
        registers.add(&event).unwrap();
        registers
    }

    #[test]
    fn rows_that_change_no_day_are_dropped() {
        let rows = [
            row(Some("NO060"), None),
            row(Some("SE322"), Some("2025-01-01")),
        ];
        assert_eq!(only_new(&known(&rows), &rows), []);
        assert_eq!(only_new(&Registers::default(), &[row(None, None)]), []);
    }

    #[test]
    fn an_emptied_value_from_a_day_on_is_news() {
        let emptied = [row(None, Some("2025-01-01"))];
        assert_eq!(
            only_new(&known(&[row(Some("NO060"), None)]), &emptied),
            emptied
        );
    }

    #[test]
    fn the_rows_of_a_changed_field_stay_together() {
        let before = [
            row(Some("NO060"), None),
            row(Some("SE322"), Some("2025-01-01")),
        ];
        let moved = [
            row(Some("NO060"), None),
            row(Some("SE321"), Some("2025-01-01")),
        ];
        assert_eq!(only_new(&known(&before), &moved), moved);
    }
}
