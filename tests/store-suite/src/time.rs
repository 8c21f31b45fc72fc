//! One clock: `stored`, and the instant up to which all is visible.

use varde_core::Clock;
use varde_core::ports::{LogEvent, PageQuery};
use varde_test_support::Draft;
use varde_xapi::Stored;

use crate::Fixture;
use crate::fixture::everything;

async fn stored(store: &Fixture) -> Vec<Stored> {
    store
        .events()
        .await
        .iter()
        .map(|event| event.stored)
        .collect()
}

async fn shown(store: &Fixture) -> Stored {
    store
        .log
        .consistent_through()
        .await
        .expect("an instant is shown")
}

/// A statement is stored when the clock says so.
pub async fn stored_is_what_the_clock_shows(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    store.clock.advance(1_000_000);
    store.append([Draft::new(2)]).await;
    let now = store.clock.now();
    assert_eq!(stored(store).await, [Stored(now.0 - 1_000_000), now]);
}

/// Within a batch and between batches, for events of commits too.
pub async fn stored_rises_while_the_clock_stands_still(store: &Fixture) {
    store
        .append([Draft::new(1), Draft::new(2), Draft::new(3)])
        .await;
    store.commit([], &["{}", "{}"]).await;
    store.append([Draft::new(4)]).await;
    let stored = stored(store).await;
    assert!(stored.windows(2).all(|two| two[0] < two[1]), "{stored:?}");
}

/// An hour back, and on from there.
pub async fn stored_rises_when_the_clock_goes_back(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    store.clock.advance(-3_600_000_000);
    store.append([Draft::new(2), Draft::new(3)]).await;
    store.clock.advance(1);
    store.commit([], &["{}"]).await;
    let stored = stored(store).await;
    assert!(stored.windows(2).all(|two| two[0] < two[1]), "{stored:?}");
}

/// What was shown as complete stays complete.
pub async fn nothing_is_stored_at_or_before_an_instant_shown(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    store.clock.advance(50);
    let first = shown(store).await;
    store.append([Draft::new(2)]).await;
    store.clock.advance(-1_000);
    let second = shown(store).await;
    store.commit([], &["{}"]).await;
    let stored = stored(store).await;
    assert!(
        stored[0] <= first && first < stored[1],
        "{first} {stored:?}"
    );
    assert!(
        stored[1] <= second && second < stored[2],
        "{second} {stored:?}"
    );
}

/// Also when nobody writes.
pub async fn consistent_through_moves_with_the_clock(store: &Fixture) {
    let first = shown(store).await;
    store.clock.advance(5_000_000);
    assert_eq!(shown(store).await, Stored(first.0 + 5_000_000));
    assert_eq!(shown(store).await, store.clock.now());
}

/// It never goes back, whatever the clock does.
pub async fn consistent_through_never_goes_back(store: &Fixture) {
    let mut last = shown(store).await;
    for step in [10, -5_000, 3, -1, 100, 6_000] {
        store.clock.advance(step);
        store.append([Draft::new(step.unsigned_abs())]).await;
        let next = shown(store).await;
        assert!(next >= last, "{next} after {last}");
        last = next;
    }
}

/// One's own statement is covered at once.
pub async fn consistent_through_covers_what_was_appended(store: &Fixture) {
    for number in 1..=5 {
        store.append([Draft::new(number)]).await;
        let through = shown(store).await;
        let missing = PageQuery {
            since: Some(through),
            ..everything()
        };
        assert_eq!(store.found(&missing).await, []);
    }
}

/// While many write: whatever is stored up to an instant that was shown, was there to be read.
pub async fn everything_up_to_an_instant_shown_is_visible(store: &Fixture) {
    let writers: Vec<_> = (0..60)
        .map(|number| {
            let log = store.log.clone();
            tokio::spawn(async move { log.append(vec![Draft::new(number).build()]).await })
        })
        .collect();
    let mut seen: Vec<(Stored, Vec<LogEvent>)> = Vec::new();
    for writer in writers {
        store.clock.advance(1);
        let through = shown(store).await;
        seen.push((through, store.events().await));
        writer.await.expect("no panic").expect("appended");
    }
    let log = store.events().await;
    for (through, events) in seen {
        let covered = log.iter().filter(|event| event.stored <= through).count();
        assert!(
            covered <= events.len(),
            "{covered} up to {through}, {} visible",
            events.len()
        );
    }
}
