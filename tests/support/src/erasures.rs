use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use varde_core::activities::Activities;
use varde_core::erasures::{ErasureList, Erasures, ListUnread, ListedErasure};
use varde_core::keys::Keys;
use varde_core::ledger::{Adapter, Runner};
use varde_core::ports::{Attachments, Records, StatementLog};
use varde_core::registers::RegisterBook;
use varde_core::{Clock, Entropy};

use crate::{SeededEntropy, TestClock};

/// A list of erasures that lasts as long as the test.
#[derive(Debug, Default)]
pub struct TestList(Mutex<Vec<ListedErasure>>);

#[async_trait]
impl ErasureList for TestList {
    async fn add(&self, erasure: &ListedErasure) -> Result<(), ListUnread> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|listed| listed.erasure != erasure.erasure);
        list.push(erasure.clone());
        list.sort_by_key(|listed| (listed.at, listed.erasure));
        Ok(())
    }

    async fn all(&self) -> Result<Vec<ListedErasure>, ListUnread> {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(list.clone())
    }
}

/// Returns the erasures of a store with these registers, which counts by these adapters.
pub fn erasures<S: StatementLog + Records + Attachments>(
    store: &Arc<S>,
    clock: &Arc<TestClock>,
    registers: &Arc<RegisterBook>,
    adapters: Vec<Arc<dyn Adapter>>,
) -> Erasures {
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(5));
    let log = Arc::clone(store) as Arc<dyn StatementLog>;
    let records = Arc::clone(store) as Arc<dyn Records>;
    let keys = Arc::new(Keys::new(
        Arc::clone(&records),
        Arc::clone(&entropy),
        Arc::clone(clock) as Arc<dyn Clock>,
    ));
    let runner = Runner::new(
        Arc::clone(&log),
        Arc::clone(&records),
        Arc::clone(registers),
        adapters,
    );
    Erasures {
        activities: Activities::new(Arc::clone(&log), Arc::clone(&records), Arc::clone(&keys)),
        log,
        records,
        attachments: Arc::clone(store) as Arc<dyn Attachments>,
        keys,
        registers: Arc::clone(registers),
        runner: Arc::new(runner),
        list: Arc::new(TestList::default()),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        entropy,
    }
}
