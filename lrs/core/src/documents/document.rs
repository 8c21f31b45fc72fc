//! A document and the record that holds it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha1::{Digest as _, Sha1};
use varde_xapi::Stored;

use super::merge::{NotJson, is_json, parse};
use super::subject::Subject;
use crate::ports::{Collection, StoreError};
use crate::{Caller, Tolerance};

/// subject, id (both hashed) → description and bytes.
pub(crate) const DOCUMENT: Collection = Collection("document");

/// The content type of mere bytes (RFC 2046 4.5.1).
const OCTETS: &str = "application/octet-stream";

/// A document as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// The content type, as sent.
    pub content_type: String,
    /// The bytes, as sent; there may be none.
    pub bytes: Vec<u8>,
}

impl NewDocument {
    /// Checks that what says to be JSON is; a caller that is let off keeps it as mere bytes.
    pub(super) fn checked(self, caller: &Caller) -> Result<Self, NotJson> {
        if !is_json(&self.content_type) {
            return Ok(self);
        }
        let Err(fault) = parse(&self.bytes).map(|_| ()) else {
            return Ok(self);
        };
        if !caller.tolerances.include(Tolerance::MislabelledDocuments) {
            return Err(fault);
        }
        caller.tolerances.used(Tolerance::MislabelledDocuments);
        Ok(Self {
            content_type: OCTETS.to_owned(),
            bytes: self.bytes,
        })
    }
}

/// A document as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id among those of its subject.
    pub id: String,
    /// The content type, as sent.
    pub content_type: String,
    /// When it was last changed; later with every change.
    pub updated: Stored,
    /// The SHA-1 digest of the bytes in lower-case hexadecimal digits (xAPI 1.0.3
    /// Communication 3.1).
    pub etag: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Returns the SHA-1 digest of some bytes in lower-case hexadecimal digits, unquoted.
pub fn entity_tag(bytes: &[u8]) -> String {
    Sha1::digest(bytes)
        .iter()
        .fold(String::with_capacity(40), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// What stands before the bytes of a record. It says what the document is about, which its key,
/// being hashed, does not.
#[derive(Serialize)]
struct Written<'a> {
    subject: &'a Subject,
    id: &'a str,
    content_type: &'a str,
    updated: Stored,
    etag: &'a str,
}

#[derive(Deserialize)]
struct Read {
    id: String,
    content_type: String,
    updated: Stored,
    etag: String,
}

impl Document {
    pub(super) fn new(id: &str, new: NewDocument, updated: Stored) -> Self {
        Self {
            id: id.to_owned(),
            content_type: new.content_type,
            updated,
            etag: entity_tag(&new.bytes),
            bytes: new.bytes,
        }
    }

    /// Writes the record's value: the length of the description in four bytes, the description as
    /// JSON, the bytes.
    pub(super) fn encode(&self, subject: &Subject) -> Result<Vec<u8>, StoreError> {
        let description = serde_json::to_vec(&Written {
            subject,
            id: &self.id,
            content_type: &self.content_type,
            updated: self.updated,
            etag: &self.etag,
        });
        let description = description.map_err(StoreError::failed)?;
        let length = u32::try_from(description.len()).map_err(StoreError::failed)?;
        Ok([length.to_be_bytes().as_slice(), &description, &self.bytes].concat())
    }

    /// Reads what a record's document is about.
    pub(super) fn subject(value: &[u8]) -> Result<Subject, StoreError> {
        #[derive(Deserialize)]
        struct About {
            subject: Subject,
        }
        let (description, _) = split(value)?;
        let about: About = serde_json::from_slice(description).map_err(StoreError::failed)?;
        Ok(about.subject)
    }

    pub(super) fn decode(value: &[u8]) -> Result<Self, StoreError> {
        let (description, bytes) = split(value)?;
        let read: Read = serde_json::from_slice(description).map_err(StoreError::failed)?;
        Ok(Self {
            id: read.id,
            content_type: read.content_type,
            updated: read.updated,
            etag: read.etag,
            bytes: bytes.to_vec(),
        })
    }
}

/// Splits a record's value into description and bytes.
fn split(value: &[u8]) -> Result<(&[u8], &[u8]), StoreError> {
    let damaged = || StoreError::failed("a document's record is damaged");
    let (length, rest) = value.split_first_chunk().ok_or_else(damaged)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(StoreError::failed)?;
    rest.split_at_checked(length).ok_or_else(damaged)
}
