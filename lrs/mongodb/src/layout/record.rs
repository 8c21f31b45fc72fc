//! Records: their `_id`s are in the order of their keys.

use mongodb::bson::{RawDocument, RawDocumentBuf, cstr, spec::BinarySubtype};
use varde_core::ports::{Collection, KeyRange, Record};

/// Stands between collection and key; no collection's name has it.
const SEPARATOR: char = ':';

/// Returns the `_id` of a record: each byte of the key is the character of that number, so that
/// the database's order of texts is the order of keys, and a key of plain text can be read.
pub(crate) fn id(collection: Collection, key: &[u8]) -> String {
    id_of(collection.0, key)
}

/// Does the same for a collection that is known by its name alone.
pub(crate) fn id_of(collection: &str, key: &[u8]) -> String {
    let mut id = String::with_capacity(collection.len() + 1 + key.len());
    id.push_str(collection);
    id.push(SEPARATOR);
    id.extend(key.iter().copied().map(char::from));
    id
}

/// Returns the collection and the key that an `_id` is made of.
pub(crate) fn parts(id: &str) -> Option<(&str, Vec<u8>)> {
    let (collection, key) = id.split_once(SEPARATOR)?;
    let key: Result<Vec<u8>, _> = key.chars().map(|c| u8::try_from(u32::from(c))).collect();
    Some((collection, key.ok()?))
}

/// Where in the order of `_id`s a range begins and ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// The first `_id`, or the one before it.
    pub(crate) from: String,
    /// Whether the first is left out.
    pub(crate) behind: bool,
    /// The end, left out.
    pub(crate) to: String,
}

/// Returns the bounds of a range.
pub(crate) fn bounds(collection: Collection, range: &KeyRange) -> Bounds {
    let first = id(collection, &range.prefix);
    let after = range.after.as_deref().map(|after| id(collection, after));
    let to = successor(&first);
    match after.filter(|after| *after >= first) {
        Some(from) => Bounds {
            from,
            behind: true,
            to,
        },
        None => Bounds {
            from: first,
            behind: false,
            to,
        },
    }
}

/// Returns the first text behind all that begin with this one, which ends with a character that
/// has a next one.
fn successor(text: &str) -> String {
    let mut next = text.to_owned();
    let last = next.pop().map_or(0, u32::from);
    next.extend(char::from_u32(last + 1));
    next
}

/// Writes a record.
pub(crate) fn write(id: &str, value: &[u8], version: i64) -> RawDocumentBuf {
    let mut document = RawDocumentBuf::new();
    document.append(cstr!("_id"), id);
    document.append(
        cstr!("value"),
        mongodb::bson::RawBinaryRef {
            subtype: BinarySubtype::Generic,
            bytes: value,
        },
    );
    document.append(cstr!("version"), version);
    document
}

/// Reads a record with the name of its collection.
pub(crate) fn read(document: &RawDocument) -> Option<(String, Record)> {
    let (collection, key) = parts(document.get_str("_id").ok()?)?;
    let record = Record {
        key,
        value: document.get_binary("value").ok()?.bytes.to_vec(),
        version: u64::try_from(document.get_i64("version").ok()?).ok()?,
    };
    Some((collection.to_owned(), record))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STONES: Collection = Collection("stones");

    fn range(prefix: &[u8], after: Option<&[u8]>) -> Bounds {
        let range = KeyRange {
            prefix: prefix.to_vec(),
            after: after.map(<[u8]>::to_vec),
            limit: 1,
        };
        bounds(STONES, &range)
    }

    #[test]
    fn every_byte_comes_back_and_keeps_its_order() {
        let keys: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte, 255 - byte]).collect();
        let ids: Vec<_> = keys.iter().map(|key| id(STONES, key)).collect();
        assert!(ids.is_sorted());
        for (key, id) in keys.iter().zip(&ids) {
            assert_eq!(parts(id), Some(("stones", key.clone())));
        }
    }

    #[test]
    fn a_range_holds_what_begins_with_its_prefix() {
        for (prefix, inside, outside) in [
            (&b""[..], &b"a"[..], None),
            (b"a", b"a\xff", Some(&b"b"[..])),
            (b"a\xff", b"a\xff\xff", Some(b"b")),
        ] {
            let bounds = range(prefix, None);
            let holds = |key: &[u8]| {
                let id = id(STONES, key);
                bounds.from <= id && id < bounds.to
            };
            assert!(holds(prefix) && holds(inside));
            assert!(outside.is_none_or(|key| !holds(key)));
        }
        let other = id(Collection("stones-more"), b"a");
        let bounds = range(b"", None);
        assert!(
            other < bounds.from || other >= bounds.to,
            "another collection's"
        );
    }

    #[test]
    fn a_range_never_begins_before_its_prefix() {
        assert_eq!(range(b"b", Some(b"a")), range(b"b", None));
        assert!(range(b"b", Some(b"b")).behind);
    }
}
