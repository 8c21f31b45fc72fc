//! Leases: one at a time, and another soon after it is gone. On the memory store, with clocks that
//! the tests move.

use std::sync::Arc;

use varde_core::lease::{LAPSES_AFTER_MICROS, Lease, RENEWED_EVERY_MICROS};
use varde_core::memory::MemoryStore;
use varde_core::ports::Records;
use varde_test_support::{SeededEntropy, TestClock};

/// Processes on one store, each with a clock of its own.
fn processes<const N: usize>() -> [(Lease, Arc<TestClock>); N] {
    let store = Arc::new(MemoryStore::new(Arc::new(TestClock::default())));
    let entropy = SeededEntropy::new(1);
    std::array::from_fn(|_| {
        let clock = Arc::new(TestClock::default());
        let records = Arc::clone(&store) as Arc<dyn Records>;
        let lease = Lease::new(records, clock.clone(), &entropy, "work");
        (lease, clock)
    })
}

async fn asks(lease: &Lease) -> bool {
    let held = lease.ask().await.expect("the store answers");
    assert_eq!(held, lease.is_held());
    held
}

#[tokio::test]
async fn one_holds_the_lease_for_as_long_as_it_renews_it() {
    let [(one, one_clock), (other, other_clock)] = processes();
    for _ in 0..10 {
        assert!(asks(&one).await);
        assert!(!asks(&other).await);
        one_clock.advance(RENEWED_EVERY_MICROS);
        other_clock.advance(RENEWED_EVERY_MICROS);
    }
}

#[tokio::test]
async fn another_takes_over_when_the_holder_is_gone_and_not_before() {
    let [(one, one_clock), (other, other_clock)] = processes();
    // The clocks of the two lie apart by an hour, which makes no difference.
    other_clock.advance(3_600_000_000);
    assert!(asks(&one).await);
    let mut waited = 0;
    while !asks(&other).await {
        assert!(waited < 5_000_000, "taken over within five seconds");
        one_clock.advance(RENEWED_EVERY_MICROS);
        other_clock.advance(RENEWED_EVERY_MICROS);
        waited += RENEWED_EVERY_MICROS;
    }
    assert!(!one.is_held(), "the first no longer counts on it");
    assert!(!asks(&one).await);
}

#[tokio::test]
async fn a_holder_counts_on_the_lease_no_longer_than_others_wait() {
    let [(one, clock)] = processes();
    assert!(asks(&one).await);
    clock.advance(LAPSES_AFTER_MICROS - 1);
    assert!(one.is_held());
    clock.advance(1);
    assert!(!one.is_held());
    assert!(asks(&one).await, "nobody took it meanwhile");
}

#[tokio::test]
async fn a_lease_that_is_given_up_is_free_at_once() {
    let [(one, _), (other, _)] = processes();
    assert!(asks(&one).await);
    other
        .give_up()
        .await
        .expect("nothing of its own to give up");
    assert!(!asks(&other).await);
    one.give_up().await.expect("it is given up");
    assert!(!one.is_held());
    assert!(asks(&other).await);
}

#[tokio::test]
async fn two_that_find_it_lapsed_do_not_both_get_it() {
    let [(one, _), (second, second_clock), (third, third_clock)] = processes();
    assert!(asks(&one).await);
    for (lease, clock) in [(&second, &second_clock), (&third, &third_clock)] {
        assert!(!asks(lease).await);
        clock.advance(LAPSES_AFTER_MICROS);
    }
    let (second, third) = tokio::join!(asks(&second), asks(&third));
    assert!(second != third, "exactly one");
}

#[tokio::test]
async fn a_clock_that_went_back_shortens_nobodys_lease() {
    let [(one, _), (other, clock)] = processes();
    assert!(asks(&one).await);
    assert!(!asks(&other).await);
    clock.advance(-LAPSES_AFTER_MICROS);
    assert!(!asks(&other).await);
    clock.advance(LAPSES_AFTER_MICROS - 1);
    assert!(!asks(&other).await);
}
