//! A restriction: what was taken out of use, so that it can be lifted or ended.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::held::release;
use super::{ErasureError, ErasureId, Erasures, Until};
use crate::people::{Identities, IdentityId, PersonKeys, Vault};
use crate::ports::{
    Change, Changes, Collection, EraseError, Erasure, EventKind, Expected, KeyRange, NewEvent,
    Record, StoreError,
};

/// erasure → [`Restriction`].
const RESTRICTION: Collection = Collection("restriction");
/// erasure, key of a document → the document's record, sealed.
const HELD_DOCUMENT: Collection = Collection("held-document");
/// How many records are read at a time; a document has at most 3 MiB.
const AT_A_TIME: usize = 10;
/// Documents are moved once they weigh this many bytes.
const BYTES_ENOUGH: usize = 2 * 1024 * 1024;

/// Persons whose keys are closed, and everything by which that is undone or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Restriction {
    /// The act that restricted.
    pub(super) erasure: ErasureId,
    /// The persons of the register, and whoever what is held is sealed under.
    pub(super) persons: BTreeSet<IdentityId>,
    /// Under whose key the documents are held.
    pub(super) holder: Option<IdentityId>,
    /// The keyed hashes of all names.
    pub(super) names: Vec<String>,
    /// Until when, and why.
    pub(super) until: Until,
}

impl Restriction {
    /// Returns what puts the restriction on record.
    pub(super) fn recorded(&self) -> Result<Change, StoreError> {
        let value = serde_json::to_vec(self).map_err(StoreError::failed)?;
        Ok(change(RESTRICTION, self.key(), Some(value)))
    }

    /// Returns what takes it off the record.
    pub(super) fn forgotten(&self) -> Change {
        change(RESTRICTION, self.key(), None)
    }

    fn key(&self) -> Vec<u8> {
        self.erasure.0.as_bytes().to_vec()
    }
}

/// A document that is held: the key under which it stood and the record's bytes.
#[derive(Debug)]
pub(super) struct HeldDocument {
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
    place: Vec<u8>,
}

impl HeldDocument {
    /// Returns what removes it from where it is held.
    pub(super) fn removal(&self) -> Change {
        change(HELD_DOCUMENT, self.place.clone(), None)
    }
}

impl Erasures {
    /// Returns a restriction that is in force.
    pub(super) async fn restriction(
        &self,
        erasure: ErasureId,
    ) -> Result<Option<Restriction>, StoreError> {
        let record = self.records.get(RESTRICTION, erasure.0.as_bytes()).await?;
        record.as_ref().map(parse).transpose()
    }

    /// Returns every restriction in force.
    async fn restrictions(&self) -> Result<Vec<Restriction>, StoreError> {
        let mut range = all(Vec::new());
        let mut restrictions = Vec::new();
        loop {
            let records = self.records.range(RESTRICTION, &range).await?;
            let Some(last) = records.last() else {
                return Ok(restrictions);
            };
            range.after = Some(last.key.clone());
            for record in &records {
                restrictions.push(parse(record)?);
            }
        }
    }

    /// Takes documents out of use and holds them under a person's key.
    pub(super) async fn hold_documents(
        &self,
        erasure: ErasureId,
        (keys, holder): (&PersonKeys, IdentityId),
        documents: Vec<Vec<u8>>,
    ) -> Result<(), ErasureError> {
        let vault = self.registers.identities().vault();
        let mut changes = Vec::new();
        for key in documents {
            let Some(record) = self.records.get(crate::documents::DOCUMENT, &key).await? else {
                continue;
            };
            let sealed = vault.seal(keys, holder, &record.value);
            let sealed = sealed.ok_or_else(|| StoreError::failed("a person has no key"))?;
            let place = [erasure.0.as_bytes().as_slice(), &key].concat();
            changes.push(change(HELD_DOCUMENT, place, Some(sealed)));
            changes.push(Change {
                expected: Expected::Version(record.version),
                ..crate::documents::deletion(&key)
            });
            if weight(&changes) >= BYTES_ENOUGH {
                self.commit_import(std::mem::take(&mut changes)).await?;
            }
        }
        self.commit_import(changes).await
    }

    /// Returns the place of each document that a restriction holds; they are opened one by one.
    pub(super) async fn held_documents(
        &self,
        restriction: &Restriction,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        self.documents_held_by(restriction.erasure).await
    }

    /// Returns the same of one that is not on record yet.
    pub(super) async fn documents_held_by(
        &self,
        erasure: ErasureId,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut range = all(erasure.0.as_bytes().to_vec());
        let mut places = Vec::new();
        loop {
            let records = self.records.range(HELD_DOCUMENT, &range).await?;
            let Some(last) = records.last() else {
                return Ok(places);
            };
            range.after = Some(last.key.clone());
            places.extend(records.into_iter().map(|record| record.key));
        }
    }

    /// Opens a document that is held; `None` where it cannot be opened.
    pub(super) async fn held_document(
        &self,
        restriction: &Restriction,
        keys: &PersonKeys,
        place: Vec<u8>,
    ) -> Result<Option<HeldDocument>, StoreError> {
        let record = self.records.get(HELD_DOCUMENT, &place).await?;
        let (Some(record), Some(holder)) = (record, restriction.holder) else {
            return Ok(None);
        };
        let key = place.get(restriction.key().len()..).unwrap_or_default();
        Ok(keys.open(holder, &record.value).map(|value| HeldDocument {
            key: key.to_vec(),
            value,
            place: place.clone(),
        }))
    }

    pub(super) async fn commit_import(&self, changes: Vec<Change>) -> Result<(), ErasureError> {
        if changes.is_empty() {
            return Ok(());
        }
        let changes = Changes {
            changes,
            // One document may be larger than a commit.
            import: true,
            ..Changes::default()
        };
        let done = self.records.commit(changes).await;
        done.map_err(EraseError::from)?;
        Ok(())
    }

    /// Erases for good what restrictions held that are over: they had a last day, and it has passed.
    /// Returns how many those were.
    pub(super) async fn end_restrictions(&self, today: Date) -> Result<usize, ErasureError> {
        let over = self.restrictions_over(today).await?;
        for restriction in &over {
            self.end_restriction(restriction).await?;
        }
        Ok(over.len())
    }

    /// Returns the restrictions in force that had a last day, which has passed.
    pub(super) async fn restrictions_over(
        &self,
        today: Date,
    ) -> Result<Vec<Restriction>, StoreError> {
        let mut over = self.restrictions().await?;
        over.retain(|restriction| restriction.until.day.is_some_and(|last| last < today));
        Ok(over)
    }

    /// Ends a restriction as an erasure ends: register rows lose their values, names lead nowhere,
    /// keys are destroyed.
    async fn end_restriction(&self, restriction: &Restriction) -> Result<(), ErasureError> {
        for held in self.all_held().await? {
            if held.erasure == restriction.erasure {
                self.commit_import(release(&held)).await?;
            }
        }
        for place in self.held_documents(restriction).await? {
            let gone = change(HELD_DOCUMENT, place, None);
            self.commit_import(vec![gone]).await?;
        }
        self.keys.unbind(&restriction.persons).await?;
        let rows = self.register_rows(&restriction.persons).await?;
        let mut changes = vec![restriction.forgotten()];
        let names = restriction.names.iter();
        changes.extend(names.filter_map(|keyed| Identities::keyed_removal(keyed)));
        let persons = restriction.persons.iter();
        changes.extend(persons.flat_map(|person| Vault::key_removal(*person)));
        let ended = serde_json::json!({ "restriction-ended": restriction.erasure });
        let event = NewEvent {
            kind: EventKind::Erasure,
            body: ended.to_string(),
        };
        let erasure = Erasure {
            rows: rows.events,
            changes: Changes {
                changes,
                events: vec![event],
                import: true,
            },
        };
        self.log.erase(erasure).await?;
        self.registers.forget();
        let identities = self.registers.identities();
        identities.forget_keyed(&restriction.names);
        Ok(())
    }
}

fn all(prefix: Vec<u8>) -> KeyRange {
    KeyRange {
        prefix,
        after: None,
        limit: AT_A_TIME,
    }
}

fn weight(changes: &[Change]) -> usize {
    let values = changes.iter().filter_map(|one| one.value.as_ref());
    values.map(Vec::len).sum()
}

fn parse(record: &Record) -> Result<Restriction, StoreError> {
    serde_json::from_slice(&record.value).map_err(StoreError::failed)
}

fn change(collection: Collection, key: Vec<u8>, value: Option<Vec<u8>>) -> Change {
    Change {
        collection,
        key,
        value,
        expected: Expected::Anything,
    }
}
