//! The stores that the tests use, each on a database of its own.

use std::sync::Arc;

pub(crate) use varde_replica_set::{Database, TUNING, wait};
use varde_store_suite::Fixture;
use varde_test_support::TestClock;

/// Returns a fixture with a fresh, empty store.
pub(crate) fn fresh() -> Fixture {
    let (database, clock) = (Database::new(), Arc::new(TestClock::default()));
    let store = database.open(&clock);
    Fixture::new(store, clock, database)
}
