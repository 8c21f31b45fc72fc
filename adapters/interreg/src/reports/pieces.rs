//! Bytes that are too many for one record, in pieces.

use std::sync::Arc;

use varde_core::ports::{
    Change, Changes, Collection, CommitError, Expected, KeyRange, Records, StoreError,
};

/// How many bytes a piece has, but for the last.
const PIECE_BYTES: usize = 1024 * 1024;
/// How many pieces one commit holds: with their keys below the bound of a commit.
const PIECES_AT_A_TIME: usize = 3;
/// How many pieces are read or named at a time.
const READ_AT_A_TIME: usize = 64;

/// The pieces of one whole.
#[derive(Debug)]
pub(super) struct Pieces {
    records: Arc<dyn Records>,
    collection: Collection,
    prefix: Vec<u8>,
}

impl Pieces {
    /// Names a whole of a project by its hash.
    pub(super) fn of(
        records: &Arc<dyn Records>,
        collection: Collection,
        project: &str,
        hash: &str,
    ) -> Self {
        Self {
            records: Arc::clone(records),
            collection,
            // No code of a project holds a slash.
            prefix: format!("{project}/{hash}/").into_bytes(),
        }
    }

    /// Returns the changes that put the pieces there. Whoever has put them before has put the same.
    pub(super) fn changes(&self, bytes: &[u8]) -> Vec<Change> {
        let pieces = (0_u32..).zip(bytes.chunks(PIECE_BYTES));
        let change = |(number, piece): (u32, &[u8])| Change {
            collection: self.collection,
            key: [self.prefix.as_slice(), &number.to_be_bytes()].concat(),
            value: Some(piece.to_vec()),
            expected: Expected::Anything,
        };
        pieces.map(change).collect()
    }

    /// Writes the pieces, a few in each commit.
    pub(super) async fn write(&self, bytes: &[u8]) -> Result<(), StoreError> {
        for changes in self.changes(bytes).chunks(PIECES_AT_A_TIME) {
            self.commit(changes.to_vec()).await?;
        }
        Ok(())
    }

    /// Reads the whole.
    pub(super) async fn read(&self) -> Result<Vec<u8>, StoreError> {
        let mut whole = Vec::new();
        let mut after = None;
        loop {
            let page = self.page(after).await?;
            let Some((last, _)) = page.last() else {
                return Ok(whole);
            };
            after = Some(last.clone());
            whole.extend(page.into_iter().flat_map(|(_, piece)| piece));
        }
    }

    /// Removes whatever pieces are there.
    pub(super) async fn remove(&self) -> Result<(), StoreError> {
        loop {
            let page = self.page(None).await?;
            if page.is_empty() {
                return Ok(());
            }
            let removed = page.into_iter().map(|(key, _)| Change {
                collection: self.collection,
                key,
                value: None,
                expected: Expected::Anything,
            });
            self.commit(removed.collect()).await?;
        }
    }

    async fn page(&self, after: Option<Vec<u8>>) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        let range = KeyRange {
            prefix: self.prefix.clone(),
            after,
            limit: READ_AT_A_TIME,
        };
        let records = self.records.range(self.collection, &range).await?;
        let records = records.into_iter();
        Ok(records.map(|record| (record.key, record.value)).collect())
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let changes = Changes {
            changes,
            ..Changes::default()
        };
        match self.records.commit(changes).await {
            Ok(_) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::failed(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use varde_core::memory::MemoryStore;
    use varde_test_support::{Cut, TestClock};

    use super::*;

    const COLLECTION: Collection = Collection("report-body");

    #[tokio::test]
    async fn what_is_written_is_read_and_what_was_cut_short_is_removed_whole() {
        let store = Arc::new(MemoryStore::new(Arc::new(TestClock::default())));
        let records = Arc::clone(&store) as Arc<dyn Records>;
        let bytes: Vec<u8> = (0..PIECE_BYTES * 7 + 5)
            .map(|n| n.to_le_bytes()[1])
            .collect();
        let whole = Pieces::of(&records, COLLECTION, "sing", "aa");
        whole.write(&bytes).await.unwrap();
        assert_eq!(whole.read().await.unwrap(), bytes);

        let cut = Cut::behind(2).records(Arc::clone(&records));
        let begun = Pieces::of(&cut, COLLECTION, "sing", "ab");
        assert!(begun.write(&bytes).await.is_err());
        let left = Pieces::of(&records, COLLECTION, "sing", "ab");
        let found = left.read().await.unwrap();
        assert_eq!(found, bytes[..PIECE_BYTES * PIECES_AT_A_TIME * 2]);
        left.remove().await.unwrap();
        assert!(left.read().await.unwrap().is_empty());
        assert_eq!(whole.read().await.unwrap(), bytes, "the other stays");
    }
}
