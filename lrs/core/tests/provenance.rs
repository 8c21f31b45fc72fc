//! Where imported statements come from.

use std::sync::Arc;

use varde_core::memory::MemoryStore;
use varde_core::statements::Provenance;
use varde_test_support::{Draft, TestClock, space};
use varde_xapi::Stored;

#[tokio::test]
async fn what_was_noted_is_told_of_its_own_space_alone() {
    let store = Arc::new(MemoryStore::new(Arc::new(TestClock::default())));
    let provenance = Provenance::new(store);
    let (here, elsewhere) = (space("sing"), space("merse"));
    let originals = [(Draft::id(1), Stored(10)), (Draft::id(2), Stored(20))];
    for _ in 0..2 {
        let noted = provenance.note(&here, &originals).await;
        noted.expect("noted, also again");
    }
    for (id, stored) in originals {
        let found = provenance.of(&here, id).await.expect("read");
        assert_eq!(found, Some(stored));
        let found = provenance.of(&elsewhere, id).await.expect("read");
        assert_eq!(found, None);
    }
    let found = provenance.of(&here, Draft::id(3)).await.expect("read");
    assert_eq!(found, None, "it was written here");
}
