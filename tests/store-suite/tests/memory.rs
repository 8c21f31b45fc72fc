//! The memory store keeps every promise; and the suite runs every promise there is.

use std::sync::Arc;

use varde_core::memory::MemoryStore;
use varde_store_suite::Fixture;
use varde_test_support::TestClock;

fn fresh() -> Fixture {
    let clock = Arc::new(TestClock::default());
    Fixture::new(MemoryStore::new(clock.clone()), clock, ())
}

varde_store_suite::store_suite!(fresh);

/// A behaviour that is written but not listed in the macro would never run.
#[test]
fn every_behaviour_is_listed_in_the_suite() {
    let list = include_str!("../src/lib.rs");
    let modules = [
        include_str!("../src/append.rs"),
        include_str!("../src/attachments.rs"),
        include_str!("../src/erasure.rs"),
        include_str!("../src/following.rs"),
        include_str!("../src/pages.rs"),
        include_str!("../src/records.rs"),
        include_str!("../src/references.rs"),
        include_str!("../src/time.rs"),
        include_str!("../src/voiding.rs"),
    ];
    let written = modules
        .iter()
        .flat_map(|module| module.split("pub async fn ").skip(1));
    for behaviour in written.filter_map(|text| text.split('(').next()) {
        let listed = list.lines().any(|line| line.trim() == behaviour);
        assert!(listed, "{behaviour} is not listed in store_suite!");
    }
}
