//! What a store would say by other definitions.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use thiserror::Error;

use super::{Adapter, Ledger, Runner, RunnerError};
use crate::definitions::{Definition, DefinitionBook, InstallError, State};
use crate::ports::{
    Changes, Collection, CommitError, Committed, KeyRange, Position, Record, Records, StatementLog,
    StoreError,
};
use crate::registers::RegisterBook;

/// A store with other definitions, without a change to it: what would be written stays in memory.
///
/// The definitions are filled from the whole log and made current as they would be, by the same
/// code, and are then read by the same use cases.
#[derive(Debug)]
pub struct Preview {
    log: Arc<dyn StatementLog>,
    records: Arc<Overlay>,
    registers: Arc<RegisterBook>,
    adapters: Vec<Arc<dyn Adapter>>,
}

/// Why there is no preview.
#[derive(Debug, Error)]
pub enum PreviewError {
    /// A definition cannot be installed.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The log could not be carried into its ledger.
    #[error(transparent)]
    Runner(#[from] RunnerError),
}

impl From<StoreError> for PreviewError {
    fn from(error: StoreError) -> Self {
        Self::Runner(error.into())
    }
}

impl Preview {
    /// Begins with the store as it is.
    pub fn new(
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        registers: Arc<RegisterBook>,
        adapters: Vec<Arc<dyn Adapter>>,
    ) -> Self {
        Self {
            log,
            records: Arc::new(Overlay::over(records)),
            registers,
            adapters,
        }
    }

    /// Makes a definition current here, in the place of its version before; `watch` is told how
    /// many events of the log are done, and of how many.
    pub async fn activate(
        &self,
        definition: Definition,
        mut watch: impl FnMut(u64, u64) + Send,
    ) -> Result<(), PreviewError> {
        let hash = definition.hash();
        let book = self.definitions();
        book.install(definition, &self.adapters).await?;
        let all = book.all().await?.into_iter();
        let mut new = all.filter(|record| record.definition.hash() == hash);
        let Some(record) = new.next().filter(|record| record.state == State::Installed) else {
            return Ok(());
        };
        let runner = Runner::new(
            Arc::clone(&self.log),
            Arc::clone(&self.records) as Arc<dyn Records>,
            Arc::clone(&self.registers),
            self.adapters.clone(),
        );
        let head = self.log.head().await?;
        let mut at = Position(0);
        while at < head {
            let Some(reached) = runner.carry_one(&record, head).await? else {
                break;
            };
            at = reached;
            watch(at.0, head.0);
        }
        let activated = book.activate(hash).await;
        activated.map_err(|error| StoreError::failed(error).into())
    }

    /// Reads the ledgers as they would be.
    pub fn ledger(&self) -> Ledger {
        let records = Arc::clone(&self.records) as Arc<dyn Records>;
        Ledger::new(Arc::clone(&self.log), records)
    }

    fn definitions(&self) -> DefinitionBook {
        DefinitionBook::new(Arc::clone(&self.records) as Arc<dyn Records>)
    }
}

/// Records over those of a store: what is written stays in memory, for one writer.
#[derive(Debug)]
struct Overlay {
    store: Arc<dyn Records>,
    own: Mutex<Own>,
}

#[derive(Debug, Default)]
struct Own {
    /// `None` for what was deleted.
    records: BTreeMap<(Collection, Vec<u8>), Option<Record>>,
    commits: u64,
}

impl Overlay {
    fn over(store: Arc<dyn Records>) -> Self {
        let own = Mutex::default();
        Self { store, own }
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Own {
    /// Puts what was written over a page of the store: between `after` and the page's last key, or
    /// to the end where it is the last page.
    fn over(&self, collection: Collection, range: &KeyRange, page: Vec<Record>) -> Vec<Record> {
        let full = page.len() >= range.limit;
        let last = page
            .last()
            .map(|record| record.key.clone())
            .filter(|_| full);
        let page = page.into_iter().map(|record| (record.key.clone(), record));
        let mut merged: BTreeMap<Vec<u8>, Record> = page.collect();
        let from = match &range.after {
            Some(after) if *after >= range.prefix => Bound::Excluded((collection, after.clone())),
            _ => Bound::Included((collection, range.prefix.clone())),
        };
        let written = self.records.range((from, Bound::Unbounded));
        let written = written
            .take_while(|((its, key), _)| *its == collection && key.starts_with(&range.prefix))
            .take_while(|((_, key), _)| last.as_ref().is_none_or(|last| key <= last));
        for ((_, key), record) in written {
            match record {
                Some(record) => merged.insert(key.clone(), record.clone()),
                None => merged.remove(key),
            };
        }
        merged.into_values().collect()
    }
}

#[async_trait]
impl Records for Overlay {
    async fn get(&self, collection: Collection, key: &[u8]) -> Result<Option<Record>, StoreError> {
        let own = self.own().records.get(&(collection, key.to_vec())).cloned();
        match own {
            Some(written) => Ok(written),
            None => self.store.get(collection, key).await,
        }
    }

    async fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, StoreError> {
        let mut found = Vec::new();
        let mut range = range.clone();
        let limit = range.limit;
        while found.len() < limit {
            let page = self.store.range(collection, &range).await?;
            let last = page.last().map(|record| record.key.clone());
            let full = page.len() >= limit;
            found.extend(self.own().over(collection, &range, page));
            if !full {
                break;
            }
            range.after = last;
        }
        found.truncate(limit);
        Ok(found)
    }

    async fn commit(&self, changes: Changes) -> Result<Committed, CommitError> {
        let mut own = self.own();
        own.commits += 1;
        let version = own.commits;
        for change in changes.changes {
            let key = change.key.clone();
            let record = change.value.map(|value| Record {
                key: change.key,
                value,
                version,
            });
            own.records.insert((change.collection, key), record);
        }
        Ok(Committed {
            number: version,
            events: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::memory::MemoryStore;
    use crate::ports::{Change, Expected};

    const NUMBERS: Collection = Collection("numbers");

    fn put(key: u8, value: Option<u8>) -> Changes {
        let change = Change {
            collection: NUMBERS,
            key: vec![7, key],
            value: value.map(|value| vec![value]),
            expected: Expected::Anything,
        };
        Changes {
            changes: vec![change],
            ..Changes::default()
        }
    }

    #[derive(Debug)]
    struct Noon;

    impl crate::Clock for Noon {
        fn now(&self) -> varde_xapi::Stored {
            varde_xapi::Stored(1_772_366_400_000_000)
        }
    }

    proptest! {
        /// What is read over a store is what would be read had all been written to it.
        #[test]
        fn a_range_over_a_store_is_that_of_both(
            below in prop::collection::btree_map(0..40_u8, any::<u8>(), 0..30),
            above in prop::collection::vec((0..40_u8, prop::option::of(any::<u8>())), 0..30),
            limit in 1..12_usize,
            after in prop::option::of(0..40_u8),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let store: Arc<dyn Records> = Arc::new(MemoryStore::new(Arc::new(Noon)));
                let mut expected = below.clone();
                for (key, value) in below {
                    store.commit(put(key, Some(value))).await.unwrap();
                }
                let overlay = Overlay::over(store);
                for (key, value) in above {
                    overlay.commit(put(key, value)).await.unwrap();
                    match value {
                        Some(value) => expected.insert(key, value),
                        None => expected.remove(&key),
                    };
                    let got = overlay.get(NUMBERS, &[7, key]).await.unwrap();
                    prop_assert_eq!(got.map(|record| record.value), value.map(|value| vec![value]));
                }
                let range = KeyRange {
                    prefix: vec![7],
                    after: after.map(|after| vec![7, after]),
                    limit,
                };
                let found = overlay.range(NUMBERS, &range).await.unwrap();
                let found: Vec<_> = found.iter().map(|r| (r.key[1], r.value[0])).collect();
                let behind = expected.into_iter().filter(|(key, _)| after.is_none_or(|after| *key > after));
                let expected: Vec<_> = behind.take(limit).collect();
                prop_assert_eq!(found, expected);
                Ok(())
            })?;
        }
    }
}
