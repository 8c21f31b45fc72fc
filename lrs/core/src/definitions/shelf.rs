//! How definitions are kept: where each stands in a small record that changes, and a large body
//! apart from it in pieces that never do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::{Body, DefinitionHash, DefinitionRecord};
use crate::ports::{Change, Collection, Expected, KeyRange, Record, Records, StoreError};

/// hash → [`DefinitionRecord`].
const DEFINITION: Collection = Collection("definition");
/// hash, number → a piece of the JSON text of a body that is too large for its record.
const BODY: Collection = Collection("definition-body");
/// The most bytes of a body's text that stand in its record.
const INSIDE_MAX: usize = 64 * 1024;
/// How many bytes a piece has, but for the last.
const PIECE_BYTES: usize = 1024 * 1024;
/// More pieces than any body has.
const PIECES_MAX: usize = 1_000;
/// More definitions than a store will ever hold.
const DEFINITIONS_MAX: usize = 100_000;

/// The records of definitions. What it has read is kept at hand, by the bytes that it was read from:
/// whoever follows the log looks at every definition at each step, and who answers at each question.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    pub(super) records: Arc<dyn Records>,
    known: Arc<Mutex<HashMap<Vec<u8>, Known>>>,
}

/// A definition that was read, whole.
#[derive(Debug)]
struct Known {
    /// The value of its record.
    value: Vec<u8>,
    record: DefinitionRecord,
}

/// A definition with the version of its record.
pub(super) type Versioned = (DefinitionRecord, u64);

impl Shelf {
    pub(super) fn of(records: Arc<dyn Records>) -> Self {
        Self {
            records,
            known: Arc::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the definitions that a caller wants by their kind and state, in the order of their
    /// hashes. Bodies of others are not read.
    pub(super) async fn all(
        &self,
        wanted: impl Fn(&DefinitionRecord) -> bool + Send,
    ) -> Result<Vec<Versioned>, StoreError> {
        let range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: DEFINITIONS_MAX,
        };
        let mut all = Vec::new();
        for record in self.records.range(DEFINITION, &range).await? {
            let found = self.parsed(&record)?;
            if wanted(&found) {
                all.push((self.whole(&record, found).await?, record.version));
            }
        }
        Ok(all)
    }

    pub(super) async fn get(&self, hash: DefinitionHash) -> Result<Option<Versioned>, StoreError> {
        let Some(record) = self.records.get(DEFINITION, &hash.0).await? else {
            return Ok(None);
        };
        let whole = self.whole(&record, self.parsed(&record)?).await?;
        Ok(Some((whole, record.version)))
    }

    /// Returns several in the order asked for, with one question where all bodies are at hand.
    pub(super) async fn each(
        &self,
        hashes: &[DefinitionHash],
    ) -> Result<Vec<Option<DefinitionRecord>>, StoreError> {
        let ranges = hashes.iter().map(|hash| {
            let range = KeyRange {
                prefix: hash.0.to_vec(),
                after: None,
                limit: 1,
            };
            (DEFINITION, range)
        });
        let mut each = Vec::new();
        for found in self.records.ranges(ranges.collect()).await? {
            each.push(match found.first() {
                Some(record) => Some(self.whole(record, self.parsed(record)?).await?),
                None => None,
            });
        }
        Ok(each)
    }

    /// Reads a record, but for a body that stands apart, unless that is at hand.
    fn parsed(&self, record: &Record) -> Result<DefinitionRecord, StoreError> {
        match self.known().get(&record.key) {
            Some(known) if known.value == record.value => Ok(known.record.clone()),
            _ => serde_json::from_slice(&record.value).map_err(StoreError::failed),
        }
    }

    /// Puts the body back that stands apart. It never changes, whatever else of the record does.
    async fn whole(
        &self,
        record: &Record,
        mut found: DefinitionRecord,
    ) -> Result<DefinitionRecord, StoreError> {
        let body = match self.known().get(&record.key) {
            // Maybe since it was parsed, by somebody else.
            Some(known) if known.value == record.value => return Ok(known.record.clone()),
            Some(known) => Some(known.record.definition.body.clone()),
            None => None,
        };
        if found.pieces > 0 {
            found.definition.body = if let Some(body) = body {
                body
            } else {
                let hash = record.key.as_slice().try_into();
                let hash = DefinitionHash(hash.map_err(StoreError::failed)?);
                self.body(hash, found.pieces).await?
            };
        }
        let known = Known {
            value: record.value.clone(),
            record: found.clone(),
        };
        self.known().insert(record.key.clone(), known);
        Ok(found)
    }

    async fn body(&self, hash: DefinitionHash, pieces: usize) -> Result<Body, StoreError> {
        let range = KeyRange {
            prefix: hash.0.to_vec(),
            after: None,
            limit: PIECES_MAX,
        };
        let found = self.records.range(BODY, &range).await?;
        if found.len() != pieces {
            let found = found.len();
            let fault =
                format!("{found} pieces of the definition {hash} are there: expected {pieces}");
            return Err(StoreError::failed(fault));
        }
        let text: Vec<u8> = found.into_iter().flat_map(|piece| piece.value).collect();
        let value: Value = serde_json::from_slice(&text).map_err(StoreError::failed)?;
        Ok(value.into())
    }
}

/// Returns the changes that put a definition there for the first time.
pub(super) fn add(mut record: DefinitionRecord) -> Result<Vec<Change>, StoreError> {
    let hash = record.definition.hash();
    let text = serde_json::to_vec(&record.definition.body).map_err(StoreError::failed)?;
    let mut changes = Vec::new();
    if text.len() > INSIDE_MAX {
        for (number, piece) in (0_u32..).zip(text.chunks(PIECE_BYTES)) {
            changes.push(Change {
                collection: BODY,
                key: [&hash.0[..], &number.to_be_bytes()].concat(),
                value: Some(piece.to_vec()),
                // Whoever has put it before has put the same.
                expected: Expected::Anything,
            });
        }
    }
    record.pieces = changes.len();
    changes.push(put(record, Expected::Absent)?);
    Ok(changes)
}

/// Returns the change that says where a definition stands now; its body stays as it is.
pub(super) fn change(record: DefinitionRecord, version: u64) -> Result<Change, StoreError> {
    put(record, Expected::Version(version))
}

fn put(mut record: DefinitionRecord, expected: Expected) -> Result<Change, StoreError> {
    let hash = record.definition.hash();
    if record.pieces > 0 {
        record.definition.body = Value::Null.into();
    }
    let value = serde_json::to_vec(&record).map_err(StoreError::failed)?;
    Ok(Change {
        collection: DEFINITION,
        key: hash.0.to_vec(),
        value: Some(value),
        expected,
    })
}
