//! How far something that follows the log has come.

use std::sync::Arc;

use crate::ports::{
    Change, Changes, Collection, Expected, Position, Records, StatementLog, StoreError, was_done,
};

/// The one record of a bookmark's collection: the last position that was looked at.
const KEY: &[u8] = b"log";

/// A place in the log that moves on in the same commit as what was concluded on the way.
#[derive(Debug, Clone)]
pub(crate) struct Bookmark {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    collection: Collection,
}

/// Where a bookmark lies, and what must still be so when it moves on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marked {
    /// The last position that was looked at.
    pub(crate) position: Position,
    expected: Expected,
}

impl Bookmark {
    pub(crate) fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        collection: Collection,
    ) -> Self {
        Self {
            log,
            records,
            collection,
        }
    }

    /// Returns where the bookmark lies; before the first event at first.
    pub(crate) async fn read(&self) -> Result<Marked, StoreError> {
        let Some(record) = self.records.get(self.collection, KEY).await? else {
            let (position, expected) = (Position(0), Expected::Absent);
            return Ok(Marked { position, expected });
        };
        Ok(Marked {
            position: serde_json::from_slice(&record.value).map_err(StoreError::failed)?,
            expected: Expected::Version(record.version),
        })
    }

    /// Returns a change that changes nothing, but makes a step that is under way start over.
    pub(crate) async fn put_again(
        records: &dyn Records,
        collection: Collection,
    ) -> Result<Option<Change>, StoreError> {
        let record = records.get(collection, KEY).await?;
        Ok(record.map(|record| Change {
            collection,
            key: record.key,
            value: Some(record.value),
            expected: Expected::Anything,
        }))
    }

    /// Commits changes that whoever is in the middle of a step has not seen: that step is done
    /// again. Tells whether it was done; not where the bookmark moved on meanwhile.
    pub(crate) async fn amend(
        &self,
        at: Marked,
        mut changes: Vec<Change>,
    ) -> Result<bool, StoreError> {
        changes.push(Change {
            collection: self.collection,
            key: KEY.to_vec(),
            value: Some(serde_json::to_vec(&at.position).map_err(StoreError::failed)?),
            expected: at.expected,
        });
        let changes = Changes {
            changes,
            ..Changes::default()
        };
        was_done(self.records.commit(changes).await)
    }

    /// Commits what was concluded and moves the bookmark on. Where another process did the same
    /// step first, nothing is left to do.
    pub(crate) async fn move_on(
        &self,
        from: Marked,
        to: Position,
        changes: Vec<Change>,
    ) -> Result<(), StoreError> {
        let at = Marked {
            position: to,
            ..from
        };
        self.amend(at, changes).await.map(drop)
    }

    /// Waits until the log holds more than the bookmark has seen.
    pub(crate) async fn rest(&self) -> Result<(), StoreError> {
        self.log.grown(self.read().await?.position).await
    }
}
