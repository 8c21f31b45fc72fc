//! Register rows as the log holds them: what is known of a person only under the person's key.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Entity, EntityKind, Row};
use crate::people::{IdentityId, PersonKeys, Vault};
use crate::ports::{EventKind, Happened, LogEvent, NewEvent, StoreError};
use crate::registers::files::SoleTrader;

/// The field that says into whom a person was merged: a link between ids, which stays readable.
pub(super) const MERGED_INTO: &str = "merged-into";

/// The body of a register event.
#[derive(Debug, Serialize, Deserialize)]
struct RegisterEvent {
    rows: Vec<LoggedRow>,
}

/// A row of a register event.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum LoggedRow {
    /// A row of a person: all but the entity under the person's key, in Base64.
    Sealed {
        entity: Entity,
        sealed: String,
    },
    Plain(Row),
}

/// What is sealed of a row.
#[derive(Debug, Serialize, Deserialize)]
struct Inside {
    field: String,
    value: Option<String>,
    valid_from: Option<Date>,
    valid_to: Option<Date>,
}

/// A row as it is read: whole, or closed because the key of its person is missing.
#[derive(Debug)]
pub(super) enum ReadRow {
    Open(Row),
    Closed(IdentityId),
}

impl Entity {
    /// Returns the id of the person whom the entity's rows speak of: a person of the register or a
    /// sole trader.
    pub fn person(&self) -> Option<IdentityId> {
        match self.kind {
            EntityKind::Person => self.id.parse().ok(),
            EntityKind::Organisation => SoleTrader::id_in(&self.id),
            EntityKind::Project | EntityKind::Identifier | EntityKind::Activity => None,
        }
    }
}

impl Row {
    /// Returns the id of the person under whose key the row is kept.
    pub(super) fn kept_under(&self) -> Option<IdentityId> {
        self.entity.person().filter(|_| self.field != MERGED_INTO)
    }
}

/// Makes the event of some rows. Each person they are kept under must have a key.
pub(super) fn event(
    vault: &Vault,
    keys: &PersonKeys,
    rows: Vec<Row>,
) -> Result<NewEvent, StoreError> {
    let logged = rows.into_iter().map(|row| logged(vault, keys, row));
    let rows = logged.collect::<Result<_, _>>()?;
    let body = serde_json::to_string(&RegisterEvent { rows }).map_err(StoreError::failed)?;
    Ok(NewEvent {
        kind: EventKind::Registers,
        body,
    })
}

fn logged(vault: &Vault, keys: &PersonKeys, row: Row) -> Result<LoggedRow, StoreError> {
    let Some(person) = row.kept_under() else {
        return Ok(LoggedRow::Plain(row));
    };
    let inside = Inside {
        field: row.field,
        value: row.value,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    };
    let text = serde_json::to_vec(&inside).map_err(StoreError::failed)?;
    let sealed = vault.seal(keys, person, &text);
    let sealed = sealed.ok_or_else(|| StoreError::failed("a person of a row has no key"))?;
    Ok(LoggedRow::Sealed {
        entity: row.entity,
        sealed: STANDARD_NO_PAD.encode(sealed),
    })
}

/// Returns the rows that an event brought; none when it is no register event.
pub(super) fn rows(event: &LogEvent, keys: &PersonKeys) -> Result<Vec<ReadRow>, StoreError> {
    let rows = read(event)?.into_iter();
    rows.map(|row| row.open(keys)).collect()
}

/// Returns the entities that an event's rows speak of; none when it is no register event.
pub(crate) fn event_entities(event: &LogEvent) -> Result<BTreeSet<Entity>, StoreError> {
    let rows = read(event)?.into_iter();
    let entity = |row| match row {
        LoggedRow::Sealed { entity, .. } | LoggedRow::Plain(Row { entity, .. }) => entity,
    };
    Ok(rows.map(entity).collect())
}

/// Returns the text of a register event whose rows of the persons whose keys these are have the
/// values that `value` says, readable by everybody; `None` where it has no such row. Each row keeps
/// its place, so that what rests on it still does.
pub(crate) fn rewritten(
    event: &LogEvent,
    keys: &PersonKeys,
    mut value: impl FnMut(IdentityId, &Row) -> Option<String>,
) -> Result<Option<String>, StoreError> {
    let mut any = false;
    let mut rows = Vec::new();
    for row in read(event)? {
        rows.push(match row.opened(keys)? {
            (LoggedRow::Sealed { entity, .. }, Some(row)) => {
                any = true;
                let value = entity.person().and_then(|person| value(person, &row));
                LoggedRow::Plain(Row { value, ..row })
            }
            (logged, _) => logged,
        });
    }
    let body = any.then(|| serde_json::to_string(&RegisterEvent { rows }));
    body.transpose().map_err(StoreError::failed)
}

/// Returns the persons under whose keys rows of the events are kept.
pub(super) fn persons(events: &[LogEvent]) -> Result<BTreeSet<IdentityId>, StoreError> {
    let mut persons = BTreeSet::new();
    for event in events {
        persons.extend(event_entities(event)?.iter().filter_map(Entity::person));
    }
    Ok(persons)
}

fn read(event: &LogEvent) -> Result<Vec<LoggedRow>, StoreError> {
    let Happened::Event(EventKind::Registers, body) = &event.what else {
        return Ok(Vec::new());
    };
    let body: RegisterEvent = serde_json::from_str(body).map_err(StoreError::failed)?;
    Ok(body.rows)
}

impl LoggedRow {
    /// Returns the row as it is logged, and what is sealed in it where its key is there.
    fn opened(self, keys: &PersonKeys) -> Result<(Self, Option<Row>), StoreError> {
        let Self::Sealed { entity, sealed } = self else {
            return Ok((self, None));
        };
        let logged = Self::Sealed {
            entity: entity.clone(),
            sealed: sealed.clone(),
        };
        let opened = Self::Sealed { entity, sealed }.open(keys)?;
        Ok(match opened {
            ReadRow::Open(row) => (logged, Some(row)),
            ReadRow::Closed(_) => (logged, None),
        })
    }

    fn open(self, keys: &PersonKeys) -> Result<ReadRow, StoreError> {
        let (entity, sealed) = match self {
            Self::Plain(row) => return Ok(ReadRow::Open(row)),
            Self::Sealed { entity, sealed } => (entity, sealed),
        };
        let person = entity.person();
        let person = person.ok_or_else(|| StoreError::failed("a sealed row is of no person"))?;
        let sealed = STANDARD_NO_PAD.decode(sealed).map_err(StoreError::failed)?;
        let Some(text) = keys.open(person, &sealed) else {
            return Ok(ReadRow::Closed(person));
        };
        let inside: Inside = serde_json::from_slice(&text).map_err(StoreError::failed)?;
        Ok(ReadRow::Open(Row {
            entity,
            field: inside.field,
            value: inside.value,
            valid_from: inside.valid_from,
            valid_to: inside.valid_to,
        }))
    }
}
