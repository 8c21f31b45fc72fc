//! Notes of refused requests: what was wrong with what a key sent, for who looks after the front end.
//!
//! Nothing refused changes the record, and no value of a refused request is kept: a note has the endpoint, the
//! rules, where they were broken, and the form of what was found. Refusals that are alike share a note with their
//! number, so a front end that makes one mistake a thousand times does not push the others out. Notes gather in
//! memory and are recorded from time to time; each key has a ring of the newest.

mod note;
mod place;
mod table;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use thiserror::Error;

pub use self::note::{BROKEN_MAX, Broken, Note, Refusal};
pub use self::table::write_csv;
use crate::keys::{Key, Keys};
use crate::ports::{
    Change, Changes, Collection, Expected, KeyRange, Records, StoreError, was_done,
};
use crate::{Caller, Clock, Forbidden, KeyId, Need};

/// key id → the newest [`Note`]s, the newest last.
const REFUSALS: Collection = Collection("refusals");
/// How many notes a key has.
pub const NOTES_MAX: usize = 100;
/// How many notes of all keys together are told, the newest.
pub const TOLD_MAX: usize = 1_000;
/// How many keys are asked about at a time.
const KEYS_AT_A_TIME: usize = 50;
/// How often an addition is tried again because another process added at the same time.
const TRIES_MAX: usize = 100;

/// Notes refusals, and tells of them.
#[derive(Debug)]
pub struct Refusals {
    records: Arc<dyn Records>,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
    /// What is in no record yet, of each key the newest last.
    pending: Mutex<HashMap<KeyId, VecDeque<Note>>>,
}

/// A note, with the key that it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoteOfKey {
    /// The key's name.
    pub key: String,
    /// What was refused.
    #[serde(flatten)]
    pub note: Note,
}

/// Why notes were not told.
#[derive(Debug, Error)]
pub enum UntoldRefusals {
    /// The caller may not look at them.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// None of the caller's projects has a key of this name.
    #[error("no key has this name")]
    NoKey,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusals {
    /// Works on one store.
    pub fn new(records: Arc<dyn Records>, keys: Arc<Keys>, clock: Arc<dyn Clock>) -> Self {
        Self {
            records,
            keys,
            clock,
            pending: Mutex::default(),
        }
    }

    /// Notes that a request of a key was refused; in memory until [`Refusals::record`]. Of a key there are
    /// never more than [`NOTES_MAX`] in memory, however many come.
    pub fn note(&self, key: KeyId, refusal: Refusal) {
        let note = Note::of(refusal.bounded(), self.clock.now());
        add(self.pending().entry(key).or_default(), note);
    }

    fn pending(&self) -> MutexGuard<'_, HashMap<KeyId, VecDeque<Note>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts what was noted since the last time on record. What cannot be recorded now is kept for the next
    /// time.
    pub async fn record(&self) -> Result<(), StoreError> {
        let taken = std::mem::take(&mut *self.pending());
        let mut taken = taken.into_iter();
        while let Some((key, notes)) = taken.next() {
            if let Err(error) = self.record_of(key, &notes).await {
                self.put_back([(key, notes)].into_iter().chain(taken));
                return Err(error);
            }
        }
        Ok(())
    }

    /// Puts notes back that could not be recorded, before those that came meanwhile.
    fn put_back(&self, unrecorded: impl Iterator<Item = (KeyId, VecDeque<Note>)>) {
        let mut pending = self.pending();
        for (key, mut notes) in unrecorded {
            let newer = pending.remove(&key).unwrap_or_default();
            for note in newer {
                add(&mut notes, note);
            }
            pending.insert(key, notes);
        }
    }

    async fn record_of(&self, key: KeyId, notes: &VecDeque<Note>) -> Result<(), StoreError> {
        for _ in 0..TRIES_MAX {
            let (mut ring, expected) = self.recorded(key).await?;
            for note in notes {
                add(&mut ring, note.clone());
            }
            let change = Change {
                collection: REFUSALS,
                key: key.0.as_bytes().to_vec(),
                value: Some(serde_json::to_vec(&ring).map_err(StoreError::failed)?),
                expected,
            };
            let changes = Changes {
                changes: vec![change],
                ..Changes::default()
            };
            if was_done(self.records.commit(changes).await)? {
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    }

    async fn recorded(&self, key: KeyId) -> Result<(VecDeque<Note>, Expected), StoreError> {
        match self.records.get(REFUSALS, key.0.as_bytes()).await? {
            Some(record) => {
                let ring = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                Ok((ring, Expected::Version(record.version)))
            }
            None => Ok((VecDeque::new(), Expected::Absent)),
        }
    }

    /// Returns the notes of one key of the caller's projects, or the newest [`TOLD_MAX`] of all of them, the
    /// newest first. Those of the last seconds may be in no record yet.
    pub async fn list(
        &self,
        caller: &Caller,
        key: Option<&str>,
    ) -> Result<Vec<NoteOfKey>, UntoldRefusals> {
        caller.may(Need::ReviewStatements)?;
        let mut keys = self.keys.all().await?;
        keys.retain(|one| {
            caller.projects.contains(one.space.project_code())
                && key.is_none_or(|name| one.name == name)
        });
        if key.is_some() && keys.is_empty() {
            return Err(UntoldRefusals::NoKey);
        }
        let mut told = Vec::new();
        for some in keys.chunks(KEYS_AT_A_TIME) {
            self.gather(some, &mut told).await?;
            told.sort_by(|one: &NoteOfKey, other| {
                let newest_first = other.note.last.cmp(&one.note.last);
                newest_first.then_with(|| one.key.cmp(&other.key))
            });
            told.truncate(TOLD_MAX);
        }
        Ok(told)
    }

    /// Adds the recorded notes of some keys.
    async fn gather(&self, keys: &[Key], told: &mut Vec<NoteOfKey>) -> Result<(), StoreError> {
        let ranges = keys.iter().map(|key| {
            let range = KeyRange {
                prefix: key.id.0.as_bytes().to_vec(),
                after: None,
                limit: 1,
            };
            (REFUSALS, range)
        });
        let found = self.records.ranges(ranges.collect()).await?;
        for (key, records) in keys.iter().zip(found) {
            for record in records {
                let notes: Vec<Note> =
                    serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
                // Of the newest on, so that a sort keeps the order of those of one instant.
                told.extend(notes.into_iter().rev().map(|note| NoteOfKey {
                    key: key.name.clone(),
                    note,
                }));
            }
        }
        Ok(())
    }
}

/// Puts a note at the end of a ring; one that is alike goes on in it, and what is too much at the beginning
/// is gone.
fn add(ring: &mut VecDeque<Note>, note: Note) {
    let alike = ring
        .iter()
        .position(|one| one.refusal.is_alike(&note.refusal));
    let note = match alike.and_then(|at| ring.remove(at)) {
        Some(mut known) => {
            known.merge(note);
            known
        }
        None => note,
    };
    if ring.len() >= NOTES_MAX {
        ring.pop_front();
    }
    ring.push_back(note);
}
