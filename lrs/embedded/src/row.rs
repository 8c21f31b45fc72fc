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
const SCOPE: usize = 12;

/// The kinds of row, as the `kind` column says them.
const STATEMENT: i64 = 0;
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
}

impl Whole {
    /// Returns the statement, unless the row is an event of another kind.
    pub(crate) fn into_statement(self) -> Option<StoredStatement> {
        match self.event.what {
            Happened::Statement(statement) => Some(*statement),
            Happened::Erased(_) | Happened::Event(..) => None,
        }
    }

    pub(crate) fn statement(&self) -> Option<&StoredStatement> {
        match &self.event.what {
            Happened::Statement(statement) => Some(statement),
            Happened::Erased(_) | Happened::Event(..) => None,
        }
    }

    pub(crate) fn link(&self) -> Option<Link<'_>> {
        let (id, space, refers_to) = match &self.event.what {
            Happened::Statement(own) => (own.id, &own.space, own.refers_to),
            Happened::Erased(own) => (own.id, &own.space, own.refers_to),
            Happened::Event(..) => return None,
        };
        Some(Link {
            id,
            space,
            refers_to,
        })
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
    terms.iter().flat_map(|term| term.0.to_be_bytes()).collect()
}

pub(crate) fn terms_of(bytes: &[u8]) -> Vec<TermKey> {
    let (terms, _) = bytes.as_chunks::<8>();
    terms
        .iter()
        .map(|bytes| TermKey(u64::from_be_bytes(*bytes)))
        .collect()
}

/// Returns the CRC-32 of the columns, each with its type and length so that none runs into the
/// next, and of what the origin's number stands for.
fn checksum(values: &[ValueRef<'_>], origin: Option<&Origin>) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for value in values {
        cover(&mut hasher, *value);
    }
    if let Some(origin) = origin {
        hasher.update(&origin.covered);
        if values[SCOPE] == ValueRef::Null {
            hasher.update(&bytes_of(&origin.scope));
        }
    }
    hasher.finalize()
}

/// Returns what a checksum covers of an origin: its parts, each with type and length.
pub(crate) fn covered(space: &str, key: &[u8], authority: &str) -> Vec<u8> {
    let parts = [(3, space.as_bytes()), (4, key), (3, authority.as_bytes())];
    let covered =
        parts.map(|(tag, bytes)| [&[tag][..], &(bytes.len() as u64).to_be_bytes(), bytes].concat());
    covered.concat()
}

fn cover(hasher: &mut crc32fast::Hasher, value: ValueRef<'_>) {
    let (tag, bytes) = match value {
        ValueRef::Null => return hasher.update(&[0]),
        ValueRef::Integer(number) => {
            hasher.update(&[1]);
            return hasher.update(&number.to_be_bytes());
        }
        ValueRef::Real(number) => {
            hasher.update(&[2]);
            return hasher.update(&number.to_be_bytes());
        }
        ValueRef::Text(bytes) => (3, bytes),
        ValueRef::Blob(bytes) => (4, bytes),
    };
    hasher.update(&[tag]);
    hasher.update(&(bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

/// Reads the row that a query over [`columns!`] stands on, and refuses it when it is not whole.
pub(crate) fn read(row: &Row<'_>, database: &Database) -> Result<Whole, Fault> {
    let position = row.get(0)?;
    let id = row
        .get_ref(4)?
        .as_blob()
        .ok()
        .and_then(|id| Uuid::from_slice(id).ok());
    let damaged = || Fault::Damaged {
        position,
        id: id.map(StatementId),
    };
    let mut values = [ValueRef::Null; COVERED];
    for (index, value) in values.iter_mut().enumerate() {
        *value = row.get_ref(index)?;
    }
    let origin = match values[ORIGIN] {
        ValueRef::Integer(number) => Some(database.origin(number)?.ok_or_else(damaged)?),
        _ => None,
    };
    if row.get_ref(COVERED)?.as_i64() != Ok(i64::from(checksum(&values, origin.as_deref()))) {
        return Err(damaged());
    }
    let (Ok(dictionary), Ok(bytes)) = (values[13].as_i64(), values[14].as_blob()) else {
        return Err(damaged());
    };
    let body = database.unpack(dictionary, bytes)?.ok_or_else(damaged)?;
    decode(&values, origin.as_deref(), body).ok_or_else(damaged)
}

fn decode(
    values: &[ValueRef<'_>; COVERED],
    origin: Option<&Origin>,
    body: String,
) -> Option<Whole> {
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
    let terms = |column: usize| Some(values[column].as_blob_or_null().ok()?.map(terms_of));
    let of_origin = || origin.map_or_else(Vec::new, |origin| origin.scope.clone());
    let (own, scope) = (terms(11)?, terms(SCOPE)?);
    Some(Whole {
        event: LogEvent {
            position,
            stored,
            what,
        },
        terms: own.unwrap_or_default(),
        scope: scope.unwrap_or_else(of_origin),
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
