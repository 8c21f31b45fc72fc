//! A store with some ledgers beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{LedgerId, keys};
use crate::ports::{
    Changes, Collection, CommitError, Committed, Expected, KeyRange, Record, Records, StoreError,
};

/// The records of a store under those of a scratch store, in which everything that is written
/// stands. Some ledgers are read from the scratch alone, so that they begin empty; all else is read
/// from the store where the scratch does not have it. For one writer, who deletes nothing that is in
/// the store.
#[derive(Debug)]
pub(super) struct Shadow {
    pub(super) store: Arc<dyn Records>,
    pub(super) scratch: Arc<dyn Records>,
    /// The ledgers that are not the store's.
    pub(super) ledgers: Vec<LedgerId>,
}

/// Who has the records of a stretch.
enum Where {
    Scratch,
    Store,
    Both,
}

impl Shadow {
    fn of(&self, collection: Collection, key: &[u8]) -> Where {
        if !keys::is_of_ledger(collection) {
            return Where::Both;
        }
        if self.ledgers.iter().any(|ledger| ledger.begins(key)) {
            Where::Scratch
        } else {
            Where::Store
        }
    }
}

#[async_trait]
impl Records for Shadow {
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError> {
        match self.of(collection, key) {
            Where::Scratch => self.scratch.get(collection, key).await,
            Where::Store => self.store.get(collection, key).await,
            Where::Both => match self.scratch.get(collection, key).await? {
                Some(own) => Ok(Some(own)),
                None => self.store.get(collection, key).await,
            },
        }
    }

    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError> {
        match self.of(collection, &range.prefix) {
            Where::Scratch => self.scratch.range(collection, range).await,
            Where::Store => self.store.range(collection, range).await,
            Where::Both => {
                // Each side has at least as many as there are of it in the answer.
                let both = [
                    self.store.range(collection, range).await?,
                    self.scratch.range(collection, range).await?,
                ];
                let each = both.into_iter().flatten();
                let merged: BTreeMap<_, _> =
                    each.map(|record| (record.key.clone(), record)).collect();
                Ok(merged.into_values().take(range.limit).collect())
            }
        }
    }

    async fn commit(&self, mut changes: Changes) -> Result<Committed, CommitError> {
        for change in &mut changes.changes {
            // What is expected of a record that only the store has holds for nothing in the scratch.
            if !keys::is_of_ledger(change.collection) {
                change.expected = Expected::Anything;
            }
        }
        self.scratch.commit(changes).await
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::definitions::DefinitionHash;
    use crate::memory::MemoryStore;
    use crate::ports::Change;

    const NUMBERS: Collection = Collection("numbers");

    #[derive(Debug)]
    struct Noon;

    impl crate::Clock for Noon {
        fn now(&self) -> varde_xapi::Stored {
            varde_xapi::Stored(1_772_366_400_000_000)
        }
    }

    fn store() -> Arc<dyn Records> {
        Arc::new(MemoryStore::new(Arc::new(Noon)))
    }

    fn put(collection: Collection, key: Vec<u8>, value: u8) -> Changes {
        let change = Change {
            collection,
            key,
            value: Some(vec![value]),
            expected: Expected::Anything,
        };
        Changes {
            changes: vec![change],
            ..Changes::default()
        }
    }

    fn runtime() -> tokio::runtime::Runtime {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.build().unwrap()
    }

    proptest! {
        /// What is read over a store is what would be read had all been written to it.
        #[test]
        fn a_range_over_a_store_is_that_of_both(
            below in prop::collection::btree_map(0..40_u8, any::<u8>(), 0..30),
            above in prop::collection::vec((0..40_u8, any::<u8>()), 0..30),
            limit in 1..12_usize,
            after in prop::option::of(0..40_u8),
        ) {
            runtime().block_on(async {
                let mut expected = below.clone();
                let shadow = Shadow { store: store(), scratch: store(), ledgers: Vec::new() };
                for (key, value) in below {
                    shadow.store.commit(put(NUMBERS, vec![7, key], value)).await.unwrap();
                }
                for (key, value) in above {
                    shadow.commit(put(NUMBERS, vec![7, key], value)).await.unwrap();
                    expected.insert(key, value);
                    let got = shadow.get(NUMBERS, &[7, key]).await.unwrap();
                    prop_assert_eq!(got.map(|record| record.value), Some(vec![value]));
                }
                let range = KeyRange {
                    prefix: vec![7],
                    after: after.map(|after| vec![7, after]),
                    limit,
                };
                let found = shadow.range(NUMBERS, &range).await.unwrap();
                let found: Vec<_> = found.iter().map(|r| (r.key[1], r.value[0])).collect();
                let behind = expected.into_iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
                let expected: Vec<_> = behind.take(limit).collect();
                prop_assert_eq!(found, expected);
                Ok(())
            })?;
        }
    }

    #[test]
    fn a_ledger_of_its_own_begins_empty_and_others_are_the_stores() {
        runtime().block_on(async {
            let [own, other] = [1, 2].map(|n| LedgerId::of(DefinitionHash([n; 32]), 0));
            let shadow = Shadow {
                store: store(),
                scratch: store(),
                ledgers: vec![own],
            };
            let key = |ledger| keys::Key::of(ledger).byte(3).bytes();
            for ledger in [own, other] {
                shadow
                    .store
                    .commit(put(keys::ENTRY, key(ledger), 1))
                    .await
                    .unwrap();
            }
            let value = async |ledger| {
                let range = KeyRange {
                    prefix: key(ledger),
                    after: None,
                    limit: 10,
                };
                let found = shadow.range(keys::ENTRY, &range).await.unwrap();
                let got = shadow.get(keys::ENTRY, &key(ledger)).await.unwrap();
                assert_eq!(found.first(), got.as_ref());
                got.map(|record| record.value)
            };
            assert_eq!(value(own).await, None);
            assert_eq!(value(other).await, Some(vec![1]));
            shadow.commit(put(keys::ENTRY, key(own), 2)).await.unwrap();
            assert_eq!(value(own).await, Some(vec![2]));
            assert_eq!(value(other).await, Some(vec![1]));
        });
    }
}
