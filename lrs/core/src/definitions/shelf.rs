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

/// The records of definitions. What it has read of large bodies is kept at hand: a body never
/// changes, and whoever follows the log looks at every definition at each step.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    pub(super) records: Arc<dyn Records>,
    bodies: Arc<Mutex<HashMap<DefinitionHash, Body>>>,
}

/// A definition with the version of its record.
pub(super) type Versioned = (DefinitionRecord, u64);

impl Shelf {
    pub(super) fn of(records: Arc<dyn Records>) -> Self {
        Self {
            records,
            bodies: Arc::default(),
        }
    }

    fn bodies(&self) -> MutexGuard<'_, HashMap<DefinitionHash, Body>> {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner)
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
            let found = parse(&record)?;
            if wanted(&found) {
                all.push((self.whole(&record.key, found).await?, record.version));
            }
        }
        Ok(all)
    }

    pub(super) async fn get(&self, hash: DefinitionHash) -> Result<Option<Versioned>, StoreError> {
        let Some(record) = self.records.get(DEFINITION, &hash.0).await? else {
            return Ok(None);
        };
        let whole = self.whole(&record.key, parse(&record)?).await?;
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
                Some(record) => Some(self.whole(&record.key, parse(record)?).await?),
                None => None,
            });
        }
        Ok(each)
    }

    /// Puts the body back that stands apart.
    async fn whole(
        &self,
        key: &[u8],
        mut record: DefinitionRecord,
    ) -> Result<DefinitionRecord, StoreError> {
        if record.pieces == 0 {
            return Ok(record);
        }
        let hash = DefinitionHash(key.try_into().map_err(StoreError::failed)?);
        let at_hand = self.bodies().get(&hash).cloned();
        record.definition.body = if let Some(body) = at_hand {
            body
        } else {
            let body = self.body(hash, record.pieces).await?;
            self.bodies().entry(hash).or_insert(body).clone()
        };
        Ok(record)
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

fn parse(record: &Record) -> Result<DefinitionRecord, StoreError> {
    serde_json::from_slice(&record.value).map_err(StoreError::failed)
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
