//! The `_id`s of the log.

use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, RawBsonRef};
use uuid::Uuid;
use varde_core::ports::{Position, TermKey};
use varde_xapi::StatementId;

/// Test spaces have ids of their own: the same bytes with another subtype are another value.
const TEST: BinarySubtype = BinarySubtype::UserDefined(0x80);

/// Sets the terms of a scope apart from those of filters, with which they share an index.
const SCOPE: u64 = 0x7363_6f70_655f_6b65;

/// Returns the `_id` of a statement.
pub(crate) fn of_statement(id: StatementId, is_test: bool) -> Binary {
    let subtype = if is_test { TEST } else { BinarySubtype::Uuid };
    uuid(id, subtype)
}

/// Returns a statement's id as it stands in other fields.
pub(crate) fn plain(id: StatementId) -> Binary {
    uuid(id, BinarySubtype::Uuid)
}

fn uuid(id: StatementId, subtype: BinarySubtype) -> Binary {
    Binary {
        subtype,
        bytes: id.0.as_bytes().to_vec(),
    }
}

/// Reads an id, with whether it is one of a test space.
pub(crate) fn read(value: RawBsonRef<'_>) -> Option<(StatementId, bool)> {
    let binary = value.as_binary()?;
    let id = Uuid::from_slice(binary.bytes).ok()?;
    match binary.subtype {
        BinarySubtype::Uuid => Some((StatementId(id), false)),
        subtype if subtype == TEST => Some((StatementId(id), true)),
        _ => None,
    }
}

/// Returns the number by which a position is stored.
pub(crate) fn number(position: Position) -> i64 {
    i64::try_from(position.0).unwrap_or(i64::MAX)
}

/// Returns the position of a number, which is never negative.
pub(crate) fn position(number: i64) -> Position {
    Position(u64::try_from(number).unwrap_or(0))
}

/// Returns what stands in the index for a term that a statement is found by.
pub(crate) fn key(term: TermKey) -> i64 {
    term.0.cast_signed()
}

/// Returns what stands in the index for a term that bounds a statement's readers.
pub(crate) fn scope_key(term: TermKey) -> i64 {
    (term.0 ^ SCOPE).cast_signed()
}

/// Returns the entries of a statement in the index: its own terms, those of its scope, and those
/// that it inherits.
pub(crate) fn keys(own: &[TermKey], scope: &[TermKey], inherited: &[TermKey]) -> Vec<i64> {
    let mut keys: Vec<_> = own
        .iter()
        .chain(inherited)
        .map(|term| key(*term))
        .chain(scope.iter().map(|term| scope_key(*term)))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Returns terms as they stand in a row.
pub(crate) fn bytes_of(terms: &[TermKey]) -> Binary {
    Binary {
        subtype: BinarySubtype::Generic,
        bytes: terms.iter().flat_map(|term| term.0.to_be_bytes()).collect(),
    }
}

/// Reads terms back.
pub(crate) fn terms_of(bytes: &[u8]) -> Vec<TermKey> {
    let (terms, _) = bytes.as_chunks::<8>();
    terms
        .iter()
        .map(|bytes| TermKey(u64::from_be_bytes(*bytes)))
        .collect()
}

/// Returns values as the list that `$in` takes.
pub(crate) fn list<T: Into<Bson>>(values: impl IntoIterator<Item = T>) -> Bson {
    Bson::Array(values.into_iter().map(Into::into).collect())
}
