//! The index entries that are not on disk yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use super::{IdKey, ListKey};

/// The most statements of a generation, unless the store is opened otherwise. Of a large index,
/// writing one touches nearly as many pages however many statements it has; but all of them are
/// read again when the store opens behind a crash.
pub(crate) const GENERATION_MAX: usize = 200_000;

/// Entries of statements that follow each other in the log.
///
/// Positions only ever rise in each list. A reader sees the list grow, and leaves out what lies
/// behind the head of its own moment.
#[derive(Debug)]
pub(crate) struct Generation {
    /// The position before the first; lists keep the distance to it.
    base: i64,
    entries: RwLock<Entries>,
}

#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) ids: HashMap<IdKey, i64>,
    pub(crate) lists: HashMap<ListKey, Vec<u32>>,
}

/// What a group of jobs adds.
#[derive(Debug, Default)]
pub(crate) struct Added {
    /// In the order of positions.
    pub(crate) lists: Vec<(ListKey, i64)>,
    pub(crate) ids: HashMap<IdKey, i64>,
}

impl Generation {
    pub(crate) fn behind(base: i64) -> Self {
        Self {
            base,
            entries: RwLock::default(),
        }
    }

    pub(crate) fn entries(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how many statements have entries here.
    pub(crate) fn len(&self) -> usize {
        self.entries().ids.len()
    }

    pub(crate) fn add(&self, added: Added) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        for (key, position) in added.ids {
            // Should two rows have one id, it leads to the first.
            entries.ids.entry(key).or_insert(position);
        }
        for (key, position) in added.lists {
            // A generation is written long before its positions are four thousand million.
            if let Ok(distance) = u32::try_from(position - self.base) {
                let list = entries.lists.entry(key).or_default();
                if list.last() != Some(&distance) {
                    list.push(distance);
                }
            }
        }
    }

    /// Returns the positions of a list.
    pub(crate) fn positions(&self, key: ListKey) -> Vec<i64> {
        let entries = self.entries();
        let list = entries.lists.get(&key).map_or(&[][..], Vec::as_slice);
        list.iter()
            .map(|distance| self.position(*distance))
            .collect()
    }

    fn position(&self, distance: u32) -> i64 {
        self.base + i64::from(distance)
    }

    /// Adds up to `max` positions of a list from `low` to `high` to `found`: the first ones, or
    /// the last ones and backwards.
    fn read(
        &self,
        key: ListKey,
        (low, high): (i64, i64),
        back: bool,
        max: usize,
        found: &mut Vec<i64>,
    ) {
        let entries = self.entries();
        let Some(list) = entries.lists.get(&key) else {
            return;
        };
        let begin = list.partition_point(|distance| self.position(*distance) < low);
        let end = list.partition_point(|distance| self.position(*distance) <= high);
        let within = list.get(begin..end).unwrap_or_default().iter();
        let positions = within.map(|distance| self.position(*distance));
        if back {
            found.extend(positions.rev().take(max));
        } else {
            found.extend(positions.take(max));
        }
    }
}

/// The generations of one moment: every entry up to `head` is in one of them or on disk.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// The last position whose entries are here or on disk.
    pub(crate) head: i64,
    active: Arc<Generation>,
    /// The one that is being written.
    frozen: Option<Arc<Generation>>,
}

impl View {
    /// Returns where the statement of that id stands.
    pub(crate) fn find(&self, key: &IdKey) -> Option<i64> {
        let here = |generation: &Arc<Generation>| generation.entries().ids.get(key).copied();
        let found = here(&self.active).or_else(|| self.frozen.as_ref().and_then(here));
        // The active generation may have grown since.
        found.filter(|position| *position <= self.head)
    }

    /// Returns up to `max` positions of a list from `low` to `high`, rising, or falling when read
    /// backwards.
    pub(crate) fn read(
        &self,
        key: ListKey,
        stretch: (i64, i64),
        back: bool,
        max: usize,
    ) -> Vec<i64> {
        let mut found = Vec::new();
        let rising = [self.frozen.as_ref(), Some(&self.active)];
        let falling = [Some(&self.active), self.frozen.as_ref()];
        for generation in if back { falling } else { rising }.into_iter().flatten() {
            let left = max - found.len();
            generation.read(key, stretch, back, left, &mut found);
        }
        found
    }
}

/// The newest entries, shared by the writer and all readers.
#[derive(Debug)]
pub(crate) struct Newest {
    view: Mutex<View>,
    /// The most statements of a generation; beyond that, it is written and the next one begins.
    pub(crate) generation_max: usize,
}

impl Newest {
    pub(crate) fn new(active: Generation, head: i64, generation_max: usize) -> Self {
        let view = View {
            head,
            active: Arc::new(active),
            frozen: None,
        };
        Self {
            view: Mutex::new(view),
            generation_max: generation_max.max(1),
        }
    }

    fn lock(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the view of this moment. What is on disk must be read from then or later.
    pub(crate) fn view(&self) -> View {
        self.lock().clone()
    }

    /// Adds what was committed.
    pub(crate) fn publish(&self, added: Added, head: i64) {
        let active = Arc::clone(&self.lock().active);
        active.add(added);
        self.lock().head = head;
    }

    /// Returns the generation to write, when there is one to be written and none is under way.
    pub(crate) fn freeze(&self, at_least: usize) -> Option<Arc<Generation>> {
        let mut view = self.lock();
        if view.frozen.is_some() || view.active.len() < at_least.max(1) {
            return None;
        }
        let active = Arc::new(Generation::behind(view.head));
        let frozen = std::mem::replace(&mut view.active, active);
        view.frozen = Some(Arc::clone(&frozen));
        Some(frozen)
    }

    /// Forgets everything, since all of it is on disk up to a position, the last of the log.
    pub(crate) fn begin_behind(&self, head: i64) {
        *self.lock() = View {
            head,
            active: Arc::new(Generation::behind(head)),
            frozen: None,
        };
    }

    /// Forgets the generation that is on disk.
    pub(crate) fn written(&self) {
        self.lock().frozen = None;
    }
}
