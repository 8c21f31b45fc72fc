//! When statements that were imported had been stored by the record store that they come from.
//!
//! Rules never read it as known: here a statement is known from its own `stored` on. The authority
//! that it had elsewhere is not kept, since it may name a person.

use std::sync::Arc;

use varde_xapi::{StatementId, Stored};

use crate::Space;
use crate::ports::{Change, Changes, Collection, CommitError, Expected, Records, StoreError};

const PROVENANCE: Collection = Collection("provenance");

/// Notes and tells where imported statements come from.
#[derive(Debug, Clone)]
pub struct Provenance {
    records: Arc<dyn Records>,
}

impl Provenance {
    /// Works on one store.
    pub fn new(records: Arc<dyn Records>) -> Self {
        Self { records }
    }

    /// Notes when statements of a space were stored elsewhere, up to 1,000 at once; doing so again
    /// changes nothing.
    pub async fn note(
        &self,
        space: &Space,
        originals: &[(StatementId, Stored)],
    ) -> Result<(), CommitError> {
        let change = |(id, stored): &(StatementId, Stored)| Change {
            collection: PROVENANCE,
            key: key(space, *id),
            value: Some(stored.0.to_be_bytes().to_vec()),
            expected: Expected::Anything,
        };
        let changes = Changes {
            changes: originals.iter().map(change).collect(),
            ..Changes::default()
        };
        self.records.commit(changes).await.map(drop)
    }

    /// Returns when a statement was stored elsewhere, if it was imported.
    pub async fn of(&self, space: &Space, id: StatementId) -> Result<Option<Stored>, StoreError> {
        let record = self.records.get(PROVENANCE, &key(space, id)).await?;
        let stored = record.and_then(|record| record.value.as_slice().try_into().ok());
        Ok(stored.map(|bytes| Stored(i64::from_be_bytes(bytes))))
    }
}

fn key(space: &Space, id: StatementId) -> Vec<u8> {
    let mut key = space.to_string().into_bytes();
    key.push(0);
    key.extend(id.0.as_bytes());
    key
}
