use std::sync::Arc;

use tempfile::TempDir;
use varde_store_suite::Fixture;
use varde_test_support::TestClock;

fn fresh() -> Fixture {
    let folder = TempDir::new().expect("a folder is made");
    let clock = Arc::new(TestClock::default());
    let store = crate::open_with(folder.path(), &clock);
    Fixture::new(store, clock, folder)
}

varde_store_suite::store_suite!(fresh);
varde_store_suite::random_histories!(fresh);
