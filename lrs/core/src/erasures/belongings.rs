//! What is kept of persons beside statements: documents, attachments' data, learned definitions.

use std::collections::BTreeSet;

use super::{ErasureError, Erasures};
use crate::attachments::Sweep;
use crate::documents::deletion;
use crate::ports::{AttachmentName, Change, Changes};
use varde_xapi::Stored;

/// How many documents are deleted in one commit.
const DELETED_AT_A_TIME: usize = 500;
/// Data that was kept later than this before an erasure may belong to a statement that is on its
/// way: an hour, in microseconds.
const ON_ITS_WAY_MICROS: i64 = 60 * 60 * 1_000_000;

impl Erasures {
    /// Deletes documents by their keys.
    pub(super) async fn delete_documents(&self, keys: &[Vec<u8>]) -> Result<(), ErasureError> {
        for some in keys.chunks(DELETED_AT_A_TIME) {
            let changes: Vec<Change> = some.iter().map(|key| deletion(key)).collect();
            let changes = Changes {
                changes,
                ..Changes::default()
            };
            let done = self.records.commit(changes).await;
            done.map_err(crate::ports::EraseError::from)?;
        }
        Ok(())
    }

    /// Removes data that no statement names any more. Returns how much went, and how much is left
    /// to the daily sweep because it came just now.
    pub(super) async fn attachments(
        &self,
        names: &BTreeSet<AttachmentName>,
    ) -> Result<(usize, usize), ErasureError> {
        let sweep = Sweep::new(
            self.log.clone(),
            self.records.clone(),
            self.attachments.clone(),
        );
        let before = Stored(self.clock.now().0.saturating_sub(ON_ITS_WAY_MICROS));
        let (mut gone, mut left) = (0, 0);
        for name in names {
            if sweep.is_named(name).await? {
                continue;
            }
            if self.attachments.remove(name, before).await? {
                gone += 1;
            } else if self.attachments.read(name).await?.is_some() {
                left += 1;
            }
        }
        Ok((gone, left))
    }
}
