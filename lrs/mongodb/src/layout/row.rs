//! The row of the log: how it is written, read, and known to be whole.

use std::sync::Arc;

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, RawArrayBuf, RawBsonRef, RawDocument, RawDocumentBuf, cstr};
use uuid::Uuid;
use varde_core::KeyId;
use varde_core::ports::{
    EventKind, Happened, LogEvent, NewStatement, StoredStatement, TermKey, Tombstone,
};
use varde_xapi::{StatementId, Stored};

use super::id;
use crate::error::Fault;

/// The field that ends what the checksum covers; derived fields stand behind it.
const CHECKSUM: &str = "checksum";

/// Where a new row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) position: i64,
    pub(crate) stored: i64,
}

/// A row read back.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) event: LogEvent,
    /// The terms that a statement carries itself.
    pub(crate) own: Vec<TermKey>,
    /// The terms that bound its readers.
    pub(crate) scope: Vec<TermKey>,
    /// Whether a statement of its space voids it.
    pub(crate) voided: bool,
}

impl Row {
    /// Returns the statement, unless the row is something else.
    pub(crate) fn statement(&self) -> Option<&StoredStatement> {
        match &self.event.what {
            Happened::Statement(statement) => Some(statement),
            Happened::Erased(_) | Happened::Event(..) => None,
        }
    }

    /// Returns the statement, unless the row is something else.
    pub(crate) fn into_statement(self) -> Option<StoredStatement> {
        match self.event.what {
            Happened::Statement(statement) => Some(*statement),
            Happened::Erased(_) | Happened::Event(..) => None,
        }
    }

    /// Returns where the row stands.
    pub(crate) fn place(&self) -> Place {
        Place {
            position: id::number(self.event.position),
            stored: self.event.stored.0,
        }
    }
}

/// Returns how a row says a kind of event.
pub(crate) fn kind_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Registers => "registers",
        EventKind::Activation => "activation",
        EventKind::Erasure => "erasure",
    }
}

fn kind_of(name: &str) -> Option<EventKind> {
    let kinds = [
        EventKind::Registers,
        EventKind::Activation,
        EventKind::Erasure,
    ];
    kinds.into_iter().find(|kind| kind_name(*kind) == name)
}

/// Writes a statement, with its entries in the index and whether it is voided.
pub(crate) fn statement(
    new: &NewStatement,
    place: Place,
    keys: &[i64],
    voided: bool,
) -> RawDocumentBuf {
    let mut row = RawDocumentBuf::new();
    let of_id = id::of_statement(new.id, new.space.is_test());
    row.append(cstr!("_id"), of_id);
    append_place(&mut row, place);
    row.append(cstr!("space"), new.space.to_string().as_str());
    row.append(
        cstr!("key"),
        binary(new.key.0.as_bytes(), BinarySubtype::Uuid),
    );
    row.append(cstr!("authority"), &*new.authority);
    row.append(cstr!("version"), new.version.as_str());
    if let Some(text) = &new.id_text {
        row.append(cstr!("id_text"), text.as_str());
    }
    if let Some(timestamp) = new.timestamp {
        row.append(cstr!("timestamp"), Stored::from(timestamp).0);
    }
    row.append(
        cstr!("equality"),
        binary(&new.equality, BinarySubtype::Generic),
    );
    append_targets(&mut row, new.refers_to, new.voids);
    row.append(cstr!("own"), id::bytes_of(&new.terms));
    row.append(cstr!("scope"), id::bytes_of(&new.scope));
    row.append(cstr!("body"), new.body.as_str());
    append_checksum(&mut row);
    append_named(&mut row, new.refers_to, new.voids);
    let mut list = RawArrayBuf::new();
    for key in keys {
        list.push(*key);
    }
    row.append(cstr!("keys"), list);
    if voided {
        row.append(cstr!("voided"), true);
    }
    row
}

/// Writes what is left of an erased statement.
pub(crate) fn tombstone(left: &Tombstone, place: Place, voided: bool) -> RawDocumentBuf {
    let mut row = RawDocumentBuf::new();
    let of_id = id::of_statement(left.id, left.space.is_test());
    row.append(cstr!("_id"), of_id);
    append_place(&mut row, place);
    row.append(cstr!("erased"), true);
    row.append(cstr!("space"), left.space.to_string().as_str());
    append_targets(&mut row, left.refers_to, left.voids);
    row.append(cstr!("body"), left.facts.as_str());
    append_checksum(&mut row);
    append_named(&mut row, left.refers_to, left.voids);
    if voided {
        row.append(cstr!("voided"), true);
    }
    row
}

/// Writes an event of another kind.
pub(crate) fn event(kind: EventKind, body: &str, place: Place) -> RawDocumentBuf {
    let mut row = RawDocumentBuf::new();
    row.append(cstr!("_id"), place.position);
    append_place(&mut row, place);
    row.append(cstr!("event"), kind_name(kind));
    row.append(cstr!("body"), body);
    append_checksum(&mut row);
    row
}

fn append_place(row: &mut RawDocumentBuf, place: Place) {
    row.append(cstr!("position"), place.position);
    row.append(cstr!("stored"), place.stored);
}

fn append_targets(
    row: &mut RawDocumentBuf,
    refers_to: Option<StatementId>,
    voids: Option<StatementId>,
) {
    if let Some(target) = refers_to {
        row.append(cstr!("refers_to"), id::plain(target));
    }
    if let Some(target) = voids {
        row.append(cstr!("voids"), id::plain(target));
    }
}

/// Whoever is named is found through one index, whether it is referred to or voided.
fn append_named(
    row: &mut RawDocumentBuf,
    refers_to: Option<StatementId>,
    voids: Option<StatementId>,
) {
    let mut named: Vec<_> = refers_to.into_iter().chain(voids).collect();
    named.dedup();
    if named.is_empty() {
        return;
    }
    let mut list = RawArrayBuf::new();
    for target in named {
        list.push(id::plain(target));
    }
    row.append(cstr!("names"), list);
}

fn append_checksum(row: &mut RawDocumentBuf) {
    let bytes = row.as_bytes();
    // Without the length before and the zero behind the fields.
    let fields = bytes.get(4..bytes.len() - 1).unwrap_or_default();
    let checksum = i64::from(crc32fast::hash(fields));
    row.append(cstr!("checksum"), checksum);
}

fn binary(bytes: &[u8], subtype: BinarySubtype) -> Binary {
    Binary {
        subtype,
        bytes: bytes.to_vec(),
    }
}

/// Reads a row, and refuses it when it is not whole.
pub(crate) fn read(document: &RawDocument) -> Result<Row, Fault> {
    let whole = is_whole(document);
    whole
        .then(|| decode(document))
        .flatten()
        .ok_or_else(|| damaged(document))
}

/// Says which row is not whole.
fn damaged(document: &RawDocument) -> Fault {
    let of_id = document.get("_id").ok().flatten().and_then(id::read);
    Fault::Damaged {
        position: document.get_i64("position").unwrap_or_default(),
        id: of_id.map(|(id, _)| id),
    }
}

fn is_whole(document: &RawDocument) -> bool {
    let mut covered = 0;
    for element in document.iter_elements() {
        let Ok(element) = element else { return false };
        if element.key().as_str() == CHECKSUM {
            let fields = document.as_bytes().get(4..4 + covered);
            let found = element.value().ok().and_then(RawBsonRef::as_i64);
            return fields.is_some_and(|fields| found == Some(i64::from(crc32fast::hash(fields))));
        }
        // A byte for the type, the name and its end, the value.
        covered += 1 + element.key().as_str().len() + 1 + element.size();
    }
    false
}

fn decode(document: &RawDocument) -> Option<Row> {
    let text = |name| document.get_str(name).ok();
    let position = id::position(document.get_i64("position").ok()?);
    let stored = Stored(document.get_i64("stored").ok()?);
    let terms = |name| match document.get_binary(name) {
        Ok(binary) => id::terms_of(binary.bytes),
        Err(_) => Vec::new(),
    };
    let what = if let Some(kind) = text("event") {
        Happened::Event(kind_of(kind)?, text("body")?.to_owned())
    } else if document.get_bool("erased").unwrap_or(false) {
        Happened::Erased(decode_tombstone(document)?)
    } else {
        let statement = decode_statement(document)?;
        Happened::Statement(Box::new(StoredStatement {
            position,
            stored,
            ..statement
        }))
    };
    Some(Row {
        event: LogEvent {
            position,
            stored,
            what,
        },
        own: terms("own"),
        scope: terms("scope"),
        voided: document.get_bool("voided").unwrap_or(false),
    })
}

/// Reads the target of a field; the field may be absent.
#[expect(
    clippy::option_option,
    reason = "a field that is absent differs from one that cannot be read"
)]
fn target(document: &RawDocument, name: &str) -> Option<Option<StatementId>> {
    match document.get(name).ok()? {
        None => Some(None),
        Some(value) => id::read(value).map(|(id, _)| Some(id)),
    }
}

fn decode_tombstone(document: &RawDocument) -> Option<Tombstone> {
    let (id, _) = id::read(document.get("_id").ok()??)?;
    Some(Tombstone {
        id,
        space: document.get_str("space").ok()?.parse().ok()?,
        refers_to: target(document, "refers_to")?,
        voids: target(document, "voids")?,
        facts: document.get_str("body").ok()?.to_owned(),
    })
}

/// Returns the statement; position and `stored` are the caller's to fill in.
fn decode_statement(document: &RawDocument) -> Option<StoredStatement> {
    let (id, _) = id::read(document.get("_id").ok()??)?;
    let key = document.get_binary("key").ok()?;
    let timestamp = document.get("timestamp").ok()?;
    Some(StoredStatement {
        position: id::position(0),
        stored: Stored(0),
        id,
        id_text: document.get_str("id_text").ok().map(str::to_owned),
        space: document.get_str("space").ok()?.parse().ok()?,
        key: KeyId(Uuid::from_slice(key.bytes).ok()?),
        authority: Arc::from(document.get_str("authority").ok()?),
        version: document.get_str("version").ok()?.to_owned(),
        timestamp: match timestamp {
            None => None,
            Some(value) => Some(Stored(value.as_i64()?).instant()),
        },
        equality: document
            .get_binary("equality")
            .ok()?
            .bytes
            .try_into()
            .ok()?,
        body: document.get_str("body").ok()?.to_owned(),
        refers_to: target(document, "refers_to")?,
        voids: target(document, "voids")?,
    })
}
