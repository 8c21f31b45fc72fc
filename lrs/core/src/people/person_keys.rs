//! Persons' own keys: destroy one, and nothing that was sealed under it is ever read again.

use std::collections::BTreeSet;
use std::collections::hash_map::{Entry, HashMap};

use super::secret::SecretKey;
use super::{IdentityId, Vault};
use crate::ports::{Change, Collection, Expected, KeyRange, StoreError};

/// a person's id → the person's key, wrapped under the key-encryption key.
const PERSON_KEY: Collection = Collection("person-key");

/// a restricted person's id → the person's key, wrapped as before: nobody who reads finds it.
const CLOSED_KEY: Collection = Collection("closed-person-key");

/// How many keys are read at a time.
const AT_A_TIME: usize = 1_000;

/// The keys of some persons.
#[derive(Debug, Default)]
pub struct PersonKeys(HashMap<IdentityId, SecretKey>);

impl Vault {
    /// Returns how many persons have a key; without the key-encryption key, so many are sealed.
    pub async fn persons(&self) -> Result<usize, StoreError> {
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

    /// Returns the keys of persons, also of those who are restricted: for what is kept of them, not
    /// for what is told of them.
    pub async fn all_keys_of(
        &self,
        persons: BTreeSet<IdentityId>,
    ) -> Result<PersonKeys, StoreError> {
        let mut keys = self.keys_of(persons.clone()).await?;
        for person in persons {
            if let Entry::Vacant(place) = keys.0.entry(person)
                && let Some(record) = self.records.get(CLOSED_KEY, &person.0).await?
                && let Some(key) = self.unwrap(person, &record.value)?
            {
                place.insert(key);
            }
        }
        Ok(keys)
    }

    /// Tells whether a person is restricted.
    pub async fn is_closed(&self, person: IdentityId) -> Result<bool, StoreError> {
        let record = self.records.get(CLOSED_KEY, &person.0).await?;
        Ok(record.is_some())
    }

    /// Returns the persons who are restricted.
    pub async fn closed(&self) -> Result<BTreeSet<IdentityId>, StoreError> {
        let mut persons = BTreeSet::new();
        let mut range = KeyRange {
            prefix: Vec::new(),
            after: None,
            limit: AT_A_TIME,
        };
        loop {
            let page = self.records.range(CLOSED_KEY, &range).await?;
            let Some(last) = page.last() else {
                return Ok(persons);
            };
            range.after = Some(last.key.clone());
            for record in page {
                let id = record.key.try_into();
                let id = id.map_err(|_| StoreError::failed("a person's key is misplaced"))?;
                persons.insert(IdentityId(id));
            }
        }
    }

    /// Returns what closes a person's key, so that nothing that is sealed under it is read; none
    /// where the person has no open one.
    pub(crate) async fn closing(&self, person: IdentityId) -> Result<Vec<Change>, StoreError> {
        self.moving(person, PERSON_KEY, CLOSED_KEY).await
    }

    /// Returns what opens a person's key again.
    pub(crate) async fn opening(&self, person: IdentityId) -> Result<Vec<Change>, StoreError> {
        self.moving(person, CLOSED_KEY, PERSON_KEY).await
    }

    async fn moving(
        &self,
        person: IdentityId,
        from: Collection,
        to: Collection,
    ) -> Result<Vec<Change>, StoreError> {
        let Some(record) = self.records.get(from, &person.0).await? else {
            return Ok(Vec::new());
        };
        let change = |collection, value, expected| Change {
            collection,
            key: person.0.to_vec(),
            value,
            expected,
        };
        Ok(vec![
            change(from, None, Expected::Version(record.version)),
            change(to, Some(record.value), Expected::Absent),
        ])
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

    /// Returns what destroys a person's key, open or closed.
    pub(crate) fn key_removal(person: IdentityId) -> [Change; 2] {
        [PERSON_KEY, CLOSED_KEY].map(|collection| Change {
            collection,
            key: person.0.to_vec(),
            value: None,
            expected: Expected::Anything,
        })
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
