//! The embedded store keeps every promise of the ports.

use std::sync::Arc;

use tempfile::TempDir;
use varde_embedded::EmbeddedStore;
use varde_store_suite::Fixture;
use varde_test_support::TestClock;

fn fresh() -> Fixture {
    let folder = TempDir::new().expect("a folder is made");
    let clock = Arc::new(TestClock::default());
    let store = EmbeddedStore::open(folder.path(), clock.clone()).expect("the store is opened");
    Fixture::new(store, clock, folder)
}

varde_store_suite::store_suite!(fresh);
varde_store_suite::random_histories!(fresh);
