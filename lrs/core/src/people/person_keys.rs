//! Persons' own keys: destroy one, and nothing that was sealed under it is ever read again.

use std::collections::BTreeSet;
use std::collections::hash_map::{Entry, HashMap};

use super::secret::SecretKey;
use super::{IdentityId, Vault};
use crate::ports::{Change, Collection, Expected, KeyRange, StoreError};

/// a person's id → the person's key, wrapped under the key-encryption key.
const PERSON_KEY: Collection = Collection("person-key");

/// The keys of some persons.
#[derive(Debug, Default)]
pub struct PersonKeys(HashMap<IdentityId, SecretKey>);

impl Vault {
    /// Returns how many persons have a key; without the key-encryption key, so many are sealed.
    pub async fn persons(&self) -> Result<usize, StoreError> {
        const AT_A_TIME: usize = 1_000;
        let mut range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: AT_A_TIME,
        };
        let mut persons = 0;
        loop {
            let mut page = self.records.range(PERSON_KEY, &range).await?;
            persons += page.len();
            match page.pop() {
                Some(last) => range.after = Some(last.key),
                None => return Ok(persons),
            }
        }
    }

    /// Returns the keys of those of the persons who have one that can be read.
    pub async fn keys_of(&self, persons: BTreeSet<IdentityId>) -> Result<PersonKeys, StoreError> {
        let mut keys = PersonKeys::default();
        for person in persons {
            if let Some(record) = self.records.get(PERSON_KEY, &person.0).await?
                && let Some(key) = self.unwrap(person, &record.value)?
            {
                keys.0.insert(person, key);
            }
        }
        Ok(keys)
    }

    /// Makes a key for each of the persons who has none among these, and returns what makes them
    /// last, to be committed with what is first sealed under them.
    pub fn complete(
        &self,
        keys: &mut PersonKeys,
        persons: BTreeSet<IdentityId>,
    ) -> Result<Vec<Change>, StoreError> {
        let mut new = Vec::new();
        for person in persons {
            if let Entry::Vacant(place) = keys.0.entry(person) {
                let (key, wrapped) = self.new_key(person)?;
                place.insert(key);
                new.push(Change {
                    collection: PERSON_KEY,
                    key: person.0.to_vec(),
                    value: Some(wrapped),
                    expected: Expected::Absent,
                });
            }
        }
        Ok(new)
    }

    /// Returns what destroys a person's key.
    pub(crate) fn key_removal(person: IdentityId) -> Change {
        Change {
            collection: PERSON_KEY,
            key: person.0.to_vec(),
            value: None,
            expected: Expected::Anything,
        }
    }

    /// Encrypts a text under a person's key; `None` where the person has none among these.
    pub fn seal(&self, keys: &PersonKeys, person: IdentityId, text: &[u8]) -> Option<Vec<u8>> {
        let key = keys.0.get(&person)?;
        Some(key.seal(&*self.entropy, &person.0, text))
    }
}

impl PersonKeys {
    /// Decrypts what [`Vault::seal`] made; `None` where the person's key is missing or another.
    pub fn open(&self, person: IdentityId, sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.get(&person)?.open(&person.0, sealed)
    }
}
