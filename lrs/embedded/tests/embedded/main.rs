//! The embedded store: every promise of the ports, then what only a store on disk can show.

mod audit;
mod bodies;
mod care;
mod crash;
mod damage;
mod disk_full;
mod erased;
mod folder;
mod formats;
mod index;
mod misled;
mod model;
mod pages;
mod process;
mod reopening;
mod suite;

use std::path::Path;
use std::sync::Arc;

use varde_core::ports::{PageQuery, Position, Standing, StatementLog, StoreError, StoredStatement};
use varde_embedded::EmbeddedStore;
use varde_test_support::{Draft, TestClock, space};

/// Opens the store of a folder with a clock of its own.
fn open(folder: &Path) -> EmbeddedStore {
    open_with(folder, &Arc::new(TestClock::default()))
}

fn open_with(folder: &Path, clock: &Arc<TestClock>) -> EmbeddedStore {
    EmbeddedStore::open(folder, clock.clone()).expect("the store is opened")
}

async fn append(store: &EmbeddedStore, drafts: &[Draft]) -> Position {
    let batch = drafts.iter().cloned().map(Draft::build).collect();
    store
        .append(batch)
        .await
        .expect("the batch is appended")
        .last
}

async fn get(store: &EmbeddedStore, number: u64) -> Result<Option<StoredStatement>, StoreError> {
    StatementLog::get(store, &[space("sing")], Draft::id(number), Standing::Valid).await
}

/// The query for everything in the space `sing`, oldest first.
fn everything() -> PageQuery {
    PageQuery {
        spaces: vec![space("sing")],
        scope: Vec::new(),
        filters: Vec::new(),
        since: None,
        until: None,
        ascending: true,
        limit: 100_000,
        after: None,
        through: None,
        voided: false,
    }
}
