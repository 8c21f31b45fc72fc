//! Merging definitions behind the log.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use varde_xapi::definition::merge;

use super::Activities;
use crate::ports::{Change, Collection, Expected, Happened, LogEvent, Position, StoreError};
use crate::{KeyId, Space};

/// hash of space and IRI → the merged definition as JSON text.
pub(super) const ACTIVITY: Collection = Collection("activity");
/// How far the log was learned from.
pub(super) const PROGRESS: Collection = Collection("activity-progress");
/// How many events are read at a time.
const EVENTS_PER_STEP: usize = 200;
/// Definitions are committed once there are this many, well under the bound of one commit.
const DEFINITIONS_ENOUGH: usize = 500;
/// A merged definition grows no further than this many bytes.
pub(super) const DEFINITION_BYTES_MAX: usize = 256 * 1024;
/// Definitions are committed once they weigh this many bytes.
const BYTES_ENOUGH: usize = 1024 * 1024;

/// Returns the key of an activity; hashed, since IRIs may be longer than keys.
pub(super) fn key(space: &Space, activity: &str) -> Vec<u8> {
    let mut hasher = Sha256::new();
    for part in [&space.to_string(), "\0", activity] {
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_vec()
}

/// Definitions that changed and are not committed yet.
#[derive(Debug, Default)]
struct Learned {
    definitions: BTreeMap<Vec<u8>, Known>,
    /// How many bytes were merged in.
    bytes: usize,
    through: Position,
}

/// A merged definition, and whether it differs from the stored one.
#[derive(Debug)]
struct Known {
    definition: Option<String>,
    changed: bool,
}

impl Known {
    /// Takes a newer definition in, unless the sum grows over its bound.
    fn merge(&mut self, newer: &str) {
        let merged = merge(self.definition.as_deref(), newer);
        if merged.len() <= DEFINITION_BYTES_MAX && self.definition.as_ref() != Some(&merged) {
            self.definition = Some(merged);
            self.changed = true;
        }
    }
}

impl Learned {
    /// Returns what is to be committed.
    fn changes(self) -> Vec<Change> {
        let grown = self.definitions.into_iter();
        let grown = grown.filter(|(_, known)| known.changed);
        grown
            .map(|(key, known)| Change {
                collection: ACTIVITY,
                key,
                value: known.definition.map(String::into_bytes),
                expected: Expected::Anything,
            })
            .collect()
    }

    fn is_enough(&self) -> bool {
        self.definitions.len() >= DEFINITIONS_ENOUGH || self.bytes >= BYTES_ENOUGH
    }
}

impl Activities {
    /// Learns from up to 200 further events and tells whether there were any. Done twice at once,
    /// one of the two does it.
    pub async fn step(&self) -> Result<bool, StoreError> {
        let from = self.bookmark.read().await?;
        let events = self.log.follow(from.position, EVENTS_PER_STEP).await?;
        if events.is_empty() {
            return Ok(false);
        }
        let entitled = self.keys.entitled_to_define().await?;
        let mut learned = Learned {
            through: from.position,
            ..Learned::default()
        };
        for event in &events {
            self.learn(&mut learned, event, &entitled).await?;
            if learned.is_enough() {
                break;
            }
        }
        let (through, changes) = (learned.through, learned.changes());
        self.bookmark.move_on(from, through, changes).await?;
        Ok(true)
    }

    /// Waits until there is something to learn from.
    pub async fn rest(&self) -> Result<(), StoreError> {
        self.bookmark.rest().await
    }

    async fn learn(
        &self,
        learned: &mut Learned,
        event: &LogEvent,
        entitled: &BTreeSet<KeyId>,
    ) -> Result<(), StoreError> {
        learned.through = event.position;
        let Happened::Statement(statement) = &event.what else {
            return Ok(());
        };
        if !entitled.contains(&statement.key) {
            return Ok(());
        }
        for mention in varde_xapi::mentions(&statement.body) {
            let key = key(&statement.space, &mention.activity);
            let known = match learned.definitions.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let definition = self.stored(place.key()).await?;
                    place.insert(Known {
                        definition,
                        changed: false,
                    })
                }
            };
            known.merge(&mention.definition);
            learned.bytes += mention.definition.len();
        }
        Ok(())
    }

    pub(super) async fn stored(&self, key: &[u8]) -> Result<Option<String>, StoreError> {
        let record = self.records.get(ACTIVITY, key).await?;
        record
            .map(|record| String::from_utf8(record.value).map_err(StoreError::failed))
            .transpose()
    }
}
