//! The row of the log: how it is written, read, and known to be whole.

use jiff::Timestamp;
use rusqlite::types::{FromSqlError, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Row};
use std::sync::Arc;
use uuid::Uuid;
use varde_core::Space;
use varde_core::ports::{
    EventKind, Happened, LogEvent, NewEvent, NewStatement, StoredStatement, TermKey, Tombstone,
};
use varde_xapi::{StatementId, Stored};

use crate::bodies::{PLAIN, Packed};
use crate::database::Database;
use crate::error::{Fault, position_of};
use crate::index::IdKey;
use crate::origin::Origin;

/// The columns under the checksum, in the order that it covers them, then the checksum.
macro_rules! columns {
    () => {
        "position, stored, kind, origin, id, id_text, version, timestamp, equality, refers_to, \
         voids, terms, scope, dict, body, checksum"
    };
}
pub(crate) use columns;

const COVERED: usize = 15;
const ORIGIN: usize = 3;
const TERMS: usize = 11;
const SCOPE: usize = 12;

/// The kinds of row, as the `kind` column says them.
pub(crate) const STATEMENT: i64 = 0;
const TOMBSTONE: i64 = -1;

/// Returns how the `kind` column says a kind of event.
pub(crate) fn kind_number(kind: EventKind) -> i64 {
    match kind {
        EventKind::Registers => 1,
        EventKind::Activation => 2,
        EventKind::Erasure => 3,
    }
}

fn kind_of(number: i64) -> Option<EventKind> {
    let kinds = [
        EventKind::Registers,
        EventKind::Activation,
        EventKind::Erasure,
    ];
    kinds.into_iter().find(|kind| kind_number(*kind) == number)
}

/// A row read back: the event, and the terms that a statement carries itself.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) event: LogEvent,
    pub(crate) terms: Vec<TermKey>,
    pub(crate) scope: Vec<TermKey>,
}

/// What links a row to others: a statement, or what is left of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link<'a> {
    pub(crate) id: StatementId,
    pub(crate) space: &'a Space,
    pub(crate) refers_to: Option<StatementId>,
    pub(crate) voids: Option<StatementId>,
}

impl Whole {
    /// Returns the statement, unless the row is an event of another kind.
    pub(crate) fn into_statement(self) -> Option<StoredStatement> {
        into_statement(self.event)
    }

    /// Returns what the `kind` column says.
    pub(crate) fn kind(&self) -> i64 {
        match &self.event.what {
            Happened::Statement(_) => STATEMENT,
            Happened::Erased(_) => TOMBSTONE,
            Happened::Event(kind, _) => kind_number(*kind),
        }
    }

    pub(crate) fn statement(&self) -> Option<&StoredStatement> {
        match &self.event.what {
            Happened::Statement(statement) => Some(statement),
            Happened::Erased(_) | Happened::Event(..) => None,
        }
    }

    pub(crate) fn link(&self) -> Option<Link<'_>> {
        Some(match &self.event.what {
            Happened::Statement(own) => Link {
                id: own.id,
                space: &own.space,
                refers_to: own.refers_to,
                voids: own.voids,
            },
            Happened::Erased(own) => Link {
                id: own.id,
                space: &own.space,
                refers_to: own.refers_to,
                voids: own.voids,
            },
            Happened::Event(..) => return None,
        })
    }
}

impl Link<'_> {
    /// Returns what the row is found by.
    pub(crate) fn key(&self) -> IdKey {
        (self.id, self.space.is_test())
    }
}

/// Returns the statement, unless the event is of another kind.
pub(crate) fn into_statement(event: LogEvent) -> Option<StoredStatement> {
    match event.what {
        Happened::Statement(statement) => Some(*statement),
        Happened::Erased(_) | Happened::Event(..) => None,
    }
}

/// Where a new row stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) position: i64,
    pub(crate) stored: Stored,
}

/// Writes a statement at its place, over what stood there.
pub(crate) fn write_statement(
    connection: &Connection,
    place: Place,
    new: &NewStatement,
    body: &Packed,
    origin: &Origin,
) -> rusqlite::Result<()> {
    let timestamp = new.timestamp.map(|timestamp| Stored::from(timestamp).0);
    let terms = bytes_of(&new.terms);
    let id = |id: &Option<StatementId>| id.map(|id| id.0.into_bytes());
    let (refers_to, voids) = (id(&new.refers_to), id(&new.voids));
    let values = [
        ValueRef::Integer(place.position),
        ValueRef::Integer(place.stored.0),
        ValueRef::Integer(STATEMENT),
        ValueRef::Integer(origin.number),
        ValueRef::Blob(new.id.0.as_bytes()),
        text(new.id_text.as_deref()),
        text(Some(&new.version)),
        timestamp.map_or(ValueRef::Null, ValueRef::Integer),
        ValueRef::Blob(&new.equality),
        blob(refers_to.as_ref().map(<[u8; 16]>::as_slice)),
        blob(voids.as_ref().map(<[u8; 16]>::as_slice)),
        ValueRef::Blob(&terms),
        // Rows of the first format have their scope here, not with their origin.
        ValueRef::Null,
        ValueRef::Integer(body.dictionary),
        ValueRef::Blob(&body.bytes),
    ];
    write(connection, &values, Some(origin))
}

/// Writes what is left of an erased statement at its place, over what stood there.
pub(crate) fn write_tombstone(
    connection: &Connection,
    place: Place,
    left: &Tombstone,
    origin: &Origin,
) -> rusqlite::Result<()> {
    let id = |id: &Option<StatementId>| id.map(|id| id.0.into_bytes());
    let (refers_to, voids) = (id(&left.refers_to), id(&left.voids));
    let mut values = [ValueRef::Null; COVERED];
    values[0] = ValueRef::Integer(place.position);
    values[1] = ValueRef::Integer(place.stored.0);
    values[2] = ValueRef::Integer(TOMBSTONE);
    values[ORIGIN] = ValueRef::Integer(origin.number);
    values[4] = ValueRef::Blob(left.id.0.as_bytes());
    values[9] = blob(refers_to.as_ref().map(<[u8; 16]>::as_slice));
    values[10] = blob(voids.as_ref().map(<[u8; 16]>::as_slice));
    values[13] = ValueRef::Integer(PLAIN);
    values[14] = ValueRef::Blob(left.facts.as_bytes());
    write(connection, &values, Some(origin))
}

/// Writes an event at its place, over what stood there.
pub(crate) fn write_event(
    connection: &Connection,
    place: Place,
    new: &NewEvent,
) -> rusqlite::Result<()> {
    let mut values = [ValueRef::Null; COVERED];
    values[0] = ValueRef::Integer(place.position);
    values[1] = ValueRef::Integer(place.stored.0);
    values[2] = ValueRef::Integer(kind_number(new.kind));
    values[13] = ValueRef::Integer(PLAIN);
    values[14] = ValueRef::Blob(new.body.as_bytes());
    write(connection, &values, None)
}

fn write(
    connection: &Connection,
    values: &[ValueRef<'_>; COVERED],
    origin: Option<&Origin>,
) -> rusqlite::Result<()> {
    let mut insert: CachedStatement<'_> = connection.prepare_cached(concat!(
        "INSERT OR REPLACE INTO log(",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    ))?;
    for (index, value) in values.iter().enumerate() {
        insert.raw_bind_parameter(index + 1, Bound(*value))?;
    }
    insert.raw_bind_parameter(COVERED + 1, checksum(values, origin))?;
    insert.raw_execute().map(drop)
}

/// A value that is bound as it stands.
struct Bound<'a>(ValueRef<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.0))
    }
}

fn text(text: Option<&str>) -> ValueRef<'_> {
    text.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes()))
}

fn blob(bytes: Option<&[u8]>) -> ValueRef<'_> {
    bytes.map_or(ValueRef::Null, ValueRef::Blob)
}

pub(crate) fn bytes_of(terms: &[TermKey]) -> Vec<u8> {
    bytes(terms).collect()
}

fn bytes(terms: &[TermKey]) -> impl Iterator<Item = u8> {
    terms.iter().flat_map(|term| term.0.to_be_bytes())
}

pub(crate) fn terms_of(bytes: &[u8]) -> Vec<TermKey> {
    let (terms, _) = bytes.as_chunks::<8>();
    terms
        .iter()
        .map(|bytes| TermKey(u64::from_be_bytes(*bytes)))
        .collect()
}

/// Tells whether a column of terms has one.
fn has(column: ValueRef<'_>, term: TermKey) -> bool {
    let bytes = column.as_blob().unwrap_or_default();
    let (terms, _) = bytes.as_chunks::<8>();
    terms.contains(&term.0.to_be_bytes())
}

/// Returns the CRC-32 of the columns, each with its type and length so that none runs into the
/// next, and of what the origin's number stands for.
fn checksum(values: &[ValueRef<'_>; COVERED], origin: Option<&Origin>) -> u32 {
    // In one piece: many small ones cost the hasher more than the bytes themselves.
    let mut covered = Vec::with_capacity(1_024);
    for value in values {
        cover(&mut covered, *value);
    }
    if let Some(origin) = origin {
        covered.extend_from_slice(&origin.covered);
        if values[SCOPE] == ValueRef::Null {
            covered.extend(bytes(&origin.scope));
        }
    }
    crc32fast::hash(&covered)
}

/// Returns what a checksum covers of an origin: its parts, each with type and length.
pub(crate) fn covered(space: &str, key: &[u8], authority: &str) -> Vec<u8> {
    let parts = [(3, space.as_bytes()), (4, key), (3, authority.as_bytes())];
    let covered =
        parts.map(|(tag, bytes)| [&[tag][..], &(bytes.len() as u64).to_be_bytes(), bytes].concat());
    covered.concat()
}

fn cover(covered: &mut Vec<u8>, value: ValueRef<'_>) {
    let (tag, bytes) = match value {
        ValueRef::Null => return covered.push(0),
        ValueRef::Integer(number) => {
            covered.push(1);
            return covered.extend_from_slice(&number.to_be_bytes());
        }
        ValueRef::Real(number) => {
            covered.push(2);
            return covered.extend_from_slice(&number.to_be_bytes());
        }
        ValueRef::Text(bytes) => (3, bytes),
        ValueRef::Blob(bytes) => (4, bytes),
    };
    covered.push(tag);
    covered.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    covered.extend_from_slice(bytes);
}

/// Reads the row that a query over [`columns!`] stands on, and refuses it when it is not whole.
pub(crate) fn read(row: &Row<'_>, database: &Database) -> Result<Whole, Fault> {
    let sound = Sound::of(row, database)?;
    let event = sound.event(database)?;
    let (own, scope) = sound.terms().ok_or_else(|| sound.damaged())?;
    Ok(Whole {
        event,
        terms: own,
        scope,
    })
}

/// Reads of such a row the event alone.
pub(crate) fn read_event(row: &Row<'_>, database: &Database) -> Result<LogEvent, Fault> {
    Sound::of(row, database)?.event(database)
}

/// The columns of a row whose checksum fits them.
pub(crate) struct Sound<'r> {
    values: [ValueRef<'r>; COVERED],
    origin: Option<Arc<Origin>>,
}

impl<'r> Sound<'r> {
    pub(crate) fn of(row: &'r Row<'_>, database: &Database) -> Result<Self, Fault> {
        let mut values = [ValueRef::Null; COVERED];
        for (index, value) in values.iter_mut().enumerate() {
            *value = row.get_ref(index)?;
        }
        let mut sound = Self {
            values,
            origin: None,
        };
        if let ValueRef::Integer(number) = values[ORIGIN] {
            let origin = database.origin(number)?;
            sound.origin = Some(origin.ok_or_else(|| sound.damaged())?);
        }
        let checksum = checksum(&values, sound.origin.as_deref());
        if row.get_ref(COVERED)?.as_i64() == Ok(i64::from(checksum)) {
            Ok(sound)
        } else {
            Err(sound.damaged())
        }
    }

    /// Says which row is not whole.
    fn damaged(&self) -> Fault {
        Fault::Damaged {
            position: self.values[0].as_i64().unwrap_or_default(),
            id: id_of(self.values[4]).ok().flatten(),
        }
    }

    pub(crate) fn event(&self, database: &Database) -> Result<LogEvent, Fault> {
        let damaged = || self.damaged();
        let (Ok(dictionary), Ok(bytes)) = (self.values[13].as_i64(), self.values[14].as_blob())
        else {
            return Err(damaged());
        };
        let body = database.unpack(dictionary, bytes)?.ok_or_else(damaged)?;
        decode(&self.values, self.origin.as_deref(), body).ok_or_else(damaged)
    }

    /// Tells whether it is the row of that id, of a test space or not.
    pub(crate) fn has_id(&self, id: StatementId, test: bool) -> bool {
        let of_kind = self.origin.as_deref();
        let of_kind = of_kind.is_some_and(|origin| origin.space.is_test() == test);
        of_kind && self.values[4].as_blob() == Ok(id.0.as_bytes())
    }

    /// Tells whether it refers to another, whose terms it may inherit.
    pub(crate) fn refers(&self) -> bool {
        self.values[9] != ValueRef::Null
    }

    /// Tells whether a statement carries a term itself.
    pub(crate) fn carries(&self, term: TermKey) -> bool {
        has(self.values[TERMS], term)
    }

    /// Tells whether a term bounds a statement's readers.
    pub(crate) fn has_scope(&self, term: TermKey) -> bool {
        match (self.values[SCOPE], self.origin.as_deref()) {
            (ValueRef::Null, Some(origin)) => origin.scope.contains(&term),
            (scope, _) => has(scope, term),
        }
    }

    /// Returns the terms that a statement carries itself, and those of its scope.
    fn terms(&self) -> Option<(Vec<TermKey>, Vec<TermKey>)> {
        let terms = |column: usize| Some(self.values[column].as_blob_or_null().ok()?.map(terms_of));
        let (own, scope) = (terms(TERMS)?, terms(SCOPE)?);
        let of_origin = || self.origin.as_deref().map(|origin| origin.scope.clone());
        let scope = scope.or_else(of_origin).unwrap_or_default();
        Some((own.unwrap_or_default(), scope))
    }
}

fn decode(
    values: &[ValueRef<'_>; COVERED],
    origin: Option<&Origin>,
    body: String,
) -> Option<LogEvent> {
    let position = position_of(values[0].as_i64().ok()?);
    let stored = Stored(values[1].as_i64().ok()?);
    let what = match values[2].as_i64().ok()? {
        STATEMENT => {
            let statement = decode_statement(values, origin?, body)?;
            Happened::Statement(Box::new(StoredStatement {
                position,
                stored,
                ..statement
            }))
        }
        TOMBSTONE => Happened::Erased(decode_tombstone(values, origin?, body)?),
        kind => Happened::Event(kind_of(kind)?, body),
    };
    Some(LogEvent {
        position,
        stored,
        what,
    })
}

/// Reads the id of a statement, or that there is none.
fn id_of(value: ValueRef<'_>) -> Result<Option<StatementId>, FromSqlError> {
    let id = value.as_blob_or_null()?.map(Uuid::from_slice).transpose();
    let id = id.map_err(|error| FromSqlError::Other(Box::new(error)))?;
    Ok(id.map(StatementId))
}

fn decode_tombstone(
    values: &[ValueRef<'_>; COVERED],
    origin: &Origin,
    facts: String,
) -> Option<Tombstone> {
    Some(Tombstone {
        id: id_of(values[4]).ok()??,
        space: origin.space.clone(),
        refers_to: id_of(values[9]).ok()?,
        voids: id_of(values[10]).ok()?,
        facts,
    })
}

/// Returns the statement; position and `stored` are the caller's to fill in.
fn decode_statement(
    values: &[ValueRef<'_>; COVERED],
    origin: &Origin,
    body: String,
) -> Option<StoredStatement> {
    Some(StoredStatement {
        position: position_of(0),
        stored: Stored(0),
        id: id_of(values[4]).ok()??,
        id_text: values[5].as_str_or_null().ok()?.map(str::to_owned),
        space: origin.space.clone(),
        key: origin.key,
        authority: Arc::clone(&origin.authority),
        version: values[6].as_str().ok()?.to_owned(),
        timestamp: values[7].as_i64_or_null().ok()?.map(instant),
        equality: values[8].as_blob().ok()?.try_into().ok()?,
        body,
        refers_to: id_of(values[9]).ok()?,
        voids: id_of(values[10]).ok()?,
    })
}

fn instant(micros: i64) -> Timestamp {
    Stored(micros).instant()
}
