//! Which random id a name has.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::kek::{hex, unhex};
use super::{IdentityId, IdentityName, Vault};
use crate::ports::{Change, Collection, Expected, KeyRange, Record, StoreError};

/// keyed hash of a name → its id, 16 bytes.
pub(crate) const IDENTITY: Collection = Collection("identity");

/// How many ids each half of the cache holds: some 15 MB in all.
const CACHED_MAX: usize = 65_536;

/// The random ids of identifiers, pseudonyms and sole traders' numbers.
#[derive(Debug)]
pub struct Identities {
    vault: Arc<Vault>,
    cache: Mutex<Cache>,
}

/// The ids used last: what is full grows old, and what is old and unused is forgotten.
#[derive(Debug, Default)]
struct Cache {
    young: HashMap<[u8; 32], IdentityId>,
    old: HashMap<[u8; 32], IdentityId>,
}

/// Ids of names, some of them new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The id of each name that was asked for.
    pub ids: HashMap<IdentityName, IdentityId>,
    /// What makes the new ones last, to be committed with what first uses them. They expect to be
    /// the first; where the commit finds a conflict in them, another was faster: ask again.
    pub new: Vec<Change>,
}

impl Identities {
    /// Opens the identities of the store that the vault belongs to.
    pub fn new(vault: Arc<Vault>) -> Self {
        Self {
            vault,
            cache: Mutex::default(),
        }
    }

    /// Returns the vault.
    pub fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }

    /// Returns the id of a name, if it has one.
    pub async fn find(&self, name: &IdentityName) -> Result<Option<IdentityId>, StoreError> {
        self.known(&self.vault.hash(name)?).await
    }

    /// Returns the ids of names, with new ones for those that have none yet.
    pub async fn resolve(&self, names: BTreeSet<IdentityName>) -> Result<Resolved, StoreError> {
        let mut resolved = Resolved::default();
        let mut unknown = Vec::new();
        for name in names {
            let hash = self.vault.hash(&name)?;
            match self.cache().get(&hash) {
                Some(id) => drop(resolved.ids.insert(name, id)),
                None => unknown.push((name, hash)),
            }
        }
        if unknown.is_empty() {
            return Ok(resolved);
        }
        let ranges = unknown.iter().map(|(_, hash)| (IDENTITY, only(hash)));
        let found = self.vault.records.ranges(ranges.collect()).await?;
        for ((name, hash), mut found) in unknown.into_iter().zip(found) {
            let id = if let Some(record) = found.pop() {
                self.remember(hash, record)?
            } else {
                let id = self.random();
                resolved.new.push(assignment(hash, id));
                id
            };
            resolved.ids.insert(name, id);
        }
        Ok(resolved)
    }

    /// Returns the keyed hash under which a name's id is kept, in hexadecimal digits.
    pub(crate) fn keyed(&self, name: &IdentityName) -> Result<String, StoreError> {
        Ok(hex(&self.vault.hash(name)?))
    }

    /// Returns the id that is kept under a keyed hash, if one is.
    pub(crate) async fn find_keyed(&self, keyed: &str) -> Result<Option<IdentityId>, StoreError> {
        match unhex(keyed).and_then(|hash| hash.try_into().ok()) {
            Some(hash) => self.known(&hash).await,
            None => Ok(None),
        }
    }

    /// Returns what gives a new name an id that is in use.
    pub(crate) fn assignment(
        &self,
        name: &IdentityName,
        id: IdentityId,
    ) -> Result<Change, StoreError> {
        Ok(assignment(self.vault.hash(name)?, id))
    }

    /// Returns what takes a name's id away; once it is committed, [`Identities::forget`] the name.
    pub(crate) fn removal(&self, name: &IdentityName) -> Result<Change, StoreError> {
        Ok(Change {
            collection: IDENTITY,
            key: self.vault.hash(name)?.to_vec(),
            value: None,
            expected: Expected::Anything,
        })
    }

    /// Returns what takes away the id that is kept under a keyed hash; `None` for a text that is no
    /// keyed hash. Once it is committed, [`Identities::forget_keyed`].
    pub(crate) fn keyed_removal(keyed: &str) -> Option<Change> {
        let key = unhex(keyed)?;
        Some(Change {
            collection: IDENTITY,
            key,
            value: None,
            expected: Expected::Anything,
        })
    }

    /// Remembers what is kept under keyed hashes no longer.
    pub(crate) fn forget_keyed(&self, all: &[String]) {
        let hashes = all.iter().filter_map(|keyed| unhex(keyed)?.try_into().ok());
        for hash in hashes {
            self.cache().remove(&hash);
        }
    }

    /// Remembers no name any longer: what each is is looked up again.
    pub(crate) fn forget_all(&self) {
        *self.cache() = Cache::default();
    }

    /// Remembers names no longer: what they are is looked up again.
    pub(crate) fn forget(&self, names: &BTreeSet<IdentityName>) -> Result<(), StoreError> {
        for name in names {
            let hash = self.vault.hash(name)?;
            self.cache().remove(&hash);
        }
        Ok(())
    }

    fn random(&self) -> IdentityId {
        let mut bits = [0; 16];
        self.vault.entropy.fill(&mut bits);
        IdentityId(bits)
    }

    async fn known(&self, hash: &[u8; 32]) -> Result<Option<IdentityId>, StoreError> {
        if let Some(id) = self.cache().get(hash) {
            return Ok(Some(id));
        }
        let record = self.vault.records.get(IDENTITY, hash).await?;
        record
            .map(|record| self.remember(*hash, record))
            .transpose()
    }

    fn remember(&self, hash: [u8; 32], record: Record) -> Result<IdentityId, StoreError> {
        let id = record.value.try_into();
        let id = id.map_err(|_| StoreError::failed("an identity is damaged"))?;
        self.cache().insert(hash, IdentityId(id));
        Ok(IdentityId(id))
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    fn get(&mut self, hash: &[u8; 32]) -> Option<IdentityId> {
        if let Some(id) = self.young.get(hash) {
            return Some(*id);
        }
        let id = self.old.remove(hash)?;
        self.insert(*hash, id);
        Some(id)
    }

    fn remove(&mut self, hash: &[u8; 32]) {
        self.young.remove(hash);
        self.old.remove(hash);
    }

    fn insert(&mut self, hash: [u8; 32], id: IdentityId) {
        if self.young.len() >= CACHED_MAX {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, id);
    }
}

/// Returns the range of one record: all hashes are of one length, so none begins another.
fn only(hash: &[u8; 32]) -> KeyRange {
    KeyRange {
        prefix: hash.to_vec(),
        after: None,
        limit: 1,
    }
}

fn assignment(hash: [u8; 32], id: IdentityId) -> Change {
    Change {
        collection: IDENTITY,
        key: hash.to_vec(),
        value: Some(id.0.to_vec()),
        expected: Expected::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_bounded_and_keeps_what_is_used() {
        let hash = |n: usize| {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&n.to_be_bytes());
            hash
        };
        let mut cache = Cache::default();
        for n in 0..5 * CACHED_MAX {
            cache.insert(hash(n), IdentityId([1; 16]));
            assert!(cache.get(&hash(0)).is_some(), "used all the time");
        }
        assert!(cache.young.len() + cache.old.len() <= 2 * CACHED_MAX);
        assert!(cache.get(&hash(1)).is_none());
    }
}
