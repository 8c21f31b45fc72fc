//! Documents: what front ends keep beside statements (xAPI 1.0.3 Communication 2.2 to 2.7,
//! IEEE 9274.1.1 4.1.6.2, 4.1.6.5 and 4.1.6.6).
//!
//! A [`Document`] has a [`Subject`] (an activity and an agent of whom it holds the state, or the
//! activity or agent whose profile it is) and an id among those of its subject. Every change is
//! a compare-and-swap, so parallel writers never lose each other's work.

mod document;
mod erasing;
mod merge;
mod precondition;
mod pseudonymous;
mod subject;

use std::sync::Arc;

use thiserror::Error;
use varde_xapi::{Family, Stored};

pub use document::{Document, NewDocument, entity_tag};
pub(crate) use erasing::{agents_of, deletion, keys_of_agents, of_agents};
pub use merge::{MergeError, NotJson};
pub use precondition::{Preconditions, Tags};
pub use subject::Subject;

pub(crate) use self::document::DOCUMENT;
use crate::people::Pseudonyms;
use crate::ports::{
    CHANGES_MAX, Change, Changes, CommitError, Expected, KeyRange, Record, Records, StoreError,
};
use crate::{Caller, Clock, Forbidden, Tolerance};

/// The most bytes of a document. A commit holds it together with its key and description.
pub const DOCUMENT_BYTES_MAX: usize = 3 * 1024 * 1024;

/// How often a change is tried again because somebody else changed the document meanwhile. Of any
/// number of writers one succeeds each time, so this bounds how many may contend.
const TRIES_MAX: usize = 1_000;

/// How many documents are read at a time for a list of ids.
const LISTED_AT_A_TIME: usize = 32;

/// Why a document was not changed or read.
#[derive(Debug, Error)]
pub enum RefusedDocument {
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The document is not as the request's conditions demand.
    #[error("{}", unmet(.etag.as_deref()))]
    Precondition {
        /// The present entity tag, `None` where there is no document.
        etag: Option<String>,
    },
    /// A document is there, and the request does not say that it may be replaced.
    #[error(
        "this document exists: send If-Match with its ETag \"{etag}\" to replace it, or \
         If-None-Match: * to store it only where there is none"
    )]
    Exists {
        /// The present entity tag.
        etag: String,
    },
    /// A new profile was sent without saying that there must be none yet.
    #[error("a profile is stored with a condition: send If-None-Match: * to make a new one")]
    Unconditional,
    /// It says to be JSON but is not.
    #[error(transparent)]
    NotJson(#[from] NotJson),
    /// The new document cannot be merged into the one that is there.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// It is larger than a document may be.
    #[error("a document has at most {DOCUMENT_BYTES_MAX} bytes")]
    TooLarge,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn unmet(etag: Option<&str>) -> String {
    match etag {
        Some(etag) => format!("the condition does not hold: the document's ETag is \"{etag}\""),
        None => "the condition does not hold: there is no such document".to_owned(),
    }
}

/// The ids of a subject's documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The ids, in their order as text.
    pub ids: Vec<String>,
    /// The latest change among them.
    pub updated: Option<Stored>,
}

/// What becomes of a document.
enum Decision {
    Keep,
    Put(NewDocument),
    Delete,
}

/// Keeps documents.
#[derive(Debug, Clone)]
pub struct Documents {
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    pseudonyms: Option<Pseudonyms>,
}

impl Documents {
    /// Works on one store.
    pub fn new(records: Arc<dyn Records>, clock: Arc<dyn Clock>) -> Self {
        Self {
            records,
            clock,
            pseudonyms: None,
        }
    }

    /// Knows the pseudonyms under which documents of keys with that policy are kept; such keys keep
    /// none without.
    #[must_use]
    pub fn with_pseudonyms(mut self, pseudonyms: Pseudonyms) -> Self {
        self.pseudonyms = Some(pseudonyms);
        self
    }

    /// Returns a document.
    pub async fn get(
        &self,
        caller: &Caller,
        subject: &Subject,
        id: &str,
    ) -> Result<Option<Document>, RefusedDocument> {
        caller.may(subject.need_to_read())?;
        caller.may_reach(subject)?;
        let subject = &self.as_kept(caller, subject).await?;
        let record = self
            .records
            .get(DOCUMENT, &subject.key(&caller.space, id))
            .await?;
        Ok(record
            .map(|record| Document::decode(&record.value))
            .transpose()?)
    }

    /// Returns the ids of the documents that were changed later than an instant.
    pub async fn list(
        &self,
        caller: &Caller,
        subject: &Subject,
        since: Option<Stored>,
    ) -> Result<Listing, RefusedDocument> {
        caller.may(subject.need_to_read())?;
        caller.may_reach(subject)?;
        let subject = &self.as_kept(caller, subject).await?;
        let mut listing = Listing::default();
        for record in self.all(caller, subject).await? {
            let document = Document::decode(&record.value)?;
            if since.is_none_or(|since| document.updated > since) {
                listing.updated = listing.updated.max(Some(document.updated));
                listing.ids.push(document.id);
            }
        }
        listing.ids.sort_unstable();
        Ok(listing)
    }

    /// Stores a document in place of the one that is there, if any.
    ///
    /// Without a condition, 2.0 replaces nothing; 1.0.x replaces state, and asks for a condition
    /// wherever profiles are stored (xAPI 1.0.3 Communication 3.1, IEEE 9274.1.1 4.1.4).
    pub async fn put(
        &self,
        caller: &Caller,
        family: Family,
        (subject, id): (&Subject, &str),
        new: NewDocument,
        conditions: &Preconditions,
    ) -> Result<(), RefusedDocument> {
        caller.may(subject.need_to_write())?;
        caller.may_reach(subject)?;
        let new = new.checked(caller)?;
        let let_off = family == Family::V1
            && conditions.is_empty()
            && !matches!(subject, Subject::State { .. })
            && caller.tolerances.include(Tolerance::UnconditionalProfiles);
        // 2.0 stores a new profile without a condition, and replaces none either.
        let family = if let_off { Family::V2 } else { family };
        self.change(caller, subject, id, |existing| {
            conditions.check(existing)?;
            if conditions.is_empty() {
                unconditional(family, subject, existing)?;
            }
            Ok(Decision::Put(new.clone()))
        })
        .await?;
        if let_off {
            caller.tolerances.used(Tolerance::UnconditionalProfiles);
        }
        Ok(())
    }

    /// Merges a JSON object into the one that is there, member by member; stores the document
    /// where there is none.
    pub async fn merge(
        &self,
        caller: &Caller,
        (subject, id): (&Subject, &str),
        new: NewDocument,
        conditions: &Preconditions,
    ) -> Result<(), RefusedDocument> {
        caller.may(subject.need_to_write())?;
        caller.may_reach(subject)?;
        let new = new.checked(caller)?;
        self.change(caller, subject, id, |existing| {
            conditions.check(existing)?;
            let Some(existing) = existing else {
                return Ok(Decision::Put(new.clone()));
            };
            let bytes = merge::merge(existing, &new)?;
            Ok(Decision::Put(NewDocument {
                content_type: existing.content_type.clone(),
                bytes,
            }))
        })
        .await
    }

    /// Deletes a document; one that is not there is no fault.
    pub async fn delete(
        &self,
        caller: &Caller,
        (subject, id): (&Subject, &str),
        conditions: &Preconditions,
    ) -> Result<(), RefusedDocument> {
        caller.may(subject.need_to_write())?;
        caller.may_reach(subject)?;
        self.change(caller, subject, id, |existing| {
            conditions.check(existing)?;
            Ok(if existing.is_some() {
                Decision::Delete
            } else {
                Decision::Keep
            })
        })
        .await
    }

    /// Deletes every document of a subject.
    pub async fn clear(&self, caller: &Caller, subject: &Subject) -> Result<(), RefusedDocument> {
        caller.may(subject.need_to_write())?;
        caller.may_reach(subject)?;
        let subject = &self.as_kept(caller, subject).await?;
        let all = self.all(caller, subject).await?;
        for some in all.chunks(CHANGES_MAX) {
            let changes = some.iter().map(|record| deletion(&record.key)).collect();
            self.records
                .commit(Changes {
                    changes,
                    ..Changes::default()
                })
                .await
                .map_err(refused)?;
        }
        Ok(())
    }

    async fn all(&self, caller: &Caller, subject: &Subject) -> Result<Vec<Record>, StoreError> {
        let prefix = subject.prefix(&caller.space);
        let mut range = KeyRange {
            prefix,
            after: None,
            limit: LISTED_AT_A_TIME,
        };
        let mut all = Vec::new();
        loop {
            let records = self.records.range(DOCUMENT, &range).await?;
            let Some(last) = records.last() else {
                return Ok(all);
            };
            range.after = Some(last.key.clone());
            all.extend(records);
        }
    }

    /// Decides on a document as it is and carries the decision out if it still is; decides anew
    /// where somebody else was faster.
    async fn change(
        &self,
        caller: &Caller,
        subject: &Subject,
        id: &str,
        decide: impl Fn(Option<&Document>) -> Result<Decision, RefusedDocument>,
    ) -> Result<(), RefusedDocument> {
        for _ in 0..TRIES_MAX {
            let (kept, mut changes) = self.to_be_kept(caller, subject).await?;
            let key = kept.key(&caller.space, id);
            let record = self.records.get(DOCUMENT, &key).await?;
            let existing = record
                .as_ref()
                .map(|found| Document::decode(&found.value))
                .transpose()?;
            let value = match decide(existing.as_ref())? {
                Decision::Keep => return Ok(()),
                Decision::Delete => {
                    changes.clear();
                    None
                }
                Decision::Put(new) => {
                    Some(self.document(id, new, existing.as_ref())?.encode(&kept)?)
                }
            };
            let expected =
                record.map_or(Expected::Absent, |found| Expected::Version(found.version));
            changes.push(Change {
                collection: DOCUMENT,
                key,
                value,
                expected,
            });
            let changes = Changes {
                changes,
                ..Changes::default()
            };
            match self.records.commit(changes).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict { .. }) => {}
                Err(error) => return Err(refused(error)),
            }
        }
        Err(StoreError::Busy.into())
    }

    fn document(
        &self,
        id: &str,
        new: NewDocument,
        existing: Option<&Document>,
    ) -> Result<Document, RefusedDocument> {
        if new.bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(RefusedDocument::TooLarge);
        }
        // Later than the last change even where the clock stands still, so that nobody who asks
        // for what changed since then misses it.
        let after = existing.map_or(Stored(i64::MIN), |old| Stored(old.updated.0 + 1));
        Ok(Document::new(id, new, self.clock.now().max(after)))
    }
}

fn unconditional(
    family: Family,
    subject: &Subject,
    existing: Option<&Document>,
) -> Result<(), RefusedDocument> {
    match (family, subject, existing) {
        (Family::V1, Subject::State { .. }, _) | (Family::V2, _, None) => Ok(()),
        (_, _, Some(existing)) => Err(RefusedDocument::Exists {
            etag: existing.etag.clone(),
        }),
        (Family::V1, _, None) => Err(RefusedDocument::Unconditional),
    }
}

fn refused(error: CommitError) -> RefusedDocument {
    match error {
        CommitError::Conflict { .. } => StoreError::Busy.into(),
        CommitError::TooLarge { .. } => RefusedDocument::TooLarge,
        CommitError::Store(error) => error.into(),
    }
}
