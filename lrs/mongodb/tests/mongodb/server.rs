//! The stores that the tests use, each on a database of its own.

use std::sync::Arc;
use std::time::Duration;

use varde_mongodb::{MongoStore, Tuning};
pub(crate) use varde_replica_set::{Database, wait};
use varde_store_suite::Fixture;
use varde_test_support::TestClock;

/// How stores work whose clock a test moves: nothing is shown twice, no time compared.
pub(crate) const TUNING: Tuning = Tuning {
    shown_again: Duration::ZERO,
    skew_max: None,
};

/// Opens a store on a database.
pub(crate) fn store_on(database: &Database, clock: &Arc<TestClock>) -> MongoStore {
    let (uri, clock) = (database.uri(), Arc::clone(clock));
    wait(async move {
        let opened = MongoStore::open_tuned(&uri, clock, TUNING).await;
        opened.expect("the store is opened")
    })
}

/// Returns a fixture with a fresh, empty store.
pub(crate) fn fresh() -> Fixture {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = store_on(&database, &clock);
    Fixture::new(store, clock, database)
}
