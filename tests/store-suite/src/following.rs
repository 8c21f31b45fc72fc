//! Following the log: every event once, in order, and word when it grows.

use varde_core::ports::{Changes, EventKind, Happened, LogEvent, Position};
use varde_test_support::Draft;

use crate::Fixture;
use crate::fixture::event;

/// Appends two statements, three events of both kinds, and another statement.
async fn mixed(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2)]).await;
    let events = vec![
        event(EventKind::Registers, r#"{"rows":1}"#),
        event(EventKind::Activation, r#"{"definition":"a"}"#),
        event(EventKind::Registers, r#"{"rows":2}"#),
    ];
    let committed = store
        .records
        .commit(Changes {
            events,
            ..Changes::default()
        })
        .await;
    assert_eq!(committed.expect("committed").events.len(), 3);
    store.append([Draft::new(3)]).await;
}

fn positions(events: &[LogEvent]) -> Vec<u64> {
    events.iter().map(|event| event.position.0).collect()
}

/// Statements and events of all kinds in one order, with the statements whole.
pub async fn everything_that_happened_is_followed_in_order(store: &Fixture) {
    mixed(store).await;
    let events = store.events().await;
    assert_eq!(positions(&events), [1, 2, 3, 4, 5, 6]);
    assert!(events.windows(2).all(|two| two[0].stored < two[1].stored));
    let Happened::Statement(last) = &events[5].what else {
        panic!("a statement is last")
    };
    assert_eq!(
        (last.position, last.stored),
        (events[5].position, events[5].stored)
    );
    assert_eq!(Some(last.as_ref()), store.statement(3).await.as_ref());
    let body = r#"{"definition":"a"}"#.to_owned();
    assert_eq!(events[3].what, Happened::Event(EventKind::Activation, body));
}

/// Following goes on where it stopped.
pub async fn following_continues_without_a_gap(store: &Fixture) {
    mixed(store).await;
    let (mut after, mut seen) = (Position(0), Vec::new());
    loop {
        let events = store.log.follow(after, 4).await.expect("followed");
        let Some(last) = events.last() else { break };
        assert!(events.len() <= 4);
        after = last.position;
        seen.extend(positions(&events));
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
}

/// Nothing stands behind the head.
pub async fn following_from_the_head_finds_nothing(store: &Fixture) {
    mixed(store).await;
    for after in [6, 7, u64::MAX] {
        let events = store.log.follow(Position(after), 10).await;
        assert_eq!(events.expect("followed"), []);
    }
}

/// Events of one kind, behind a position, no more than asked for.
pub async fn events_of_one_kind_are_read_apart(store: &Fixture) {
    mixed(store).await;
    let cases: [(EventKind, u64, usize, &[u64]); 6] = [
        (EventKind::Registers, 0, 10, &[3, 5]),
        (EventKind::Registers, 3, 10, &[5]),
        (EventKind::Registers, 0, 1, &[3]),
        (EventKind::Activation, 0, 10, &[4]),
        (EventKind::Activation, 4, 10, &[]),
        (EventKind::Registers, u64::MAX, 10, &[]),
    ];
    let all = store.events().await;
    for (kind, after, limit, expected) in cases {
        let events = store
            .log
            .events(kind, Position(after), limit)
            .await
            .expect("read");
        assert_eq!(positions(&events), expected, "{kind:?} behind {after}");
        assert!(events.iter().all(|event| all.contains(event)));
    }
}

/// 0 before the first event.
pub async fn the_head_is_the_last_position(store: &Fixture) {
    assert_eq!(store.head().await, Position(0));
    mixed(store).await;
    assert_eq!(store.head().await, Position(6));
    store.append([Draft::new(1)]).await;
    assert_eq!(store.head().await, Position(6), "a re-send adds nothing");
}

/// Who waits is woken by statements and by events of commits, at any number.
pub async fn growth_wakes_those_who_wait(store: &Fixture) {
    for round in 0..10 {
        let head = store.head().await;
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let log = store.log.clone();
                tokio::spawn(async move { log.grown(head).await })
            })
            .collect();
        // Some wait already and some come too late: all must return.
        tokio::task::yield_now().await;
        if round % 2 == 0 {
            store.append([Draft::new(round)]).await;
        } else {
            store.commit([], &["{}"]).await;
        }
        for waiter in waiting {
            waiter.await.expect("no panic").expect("woken");
        }
    }
}

/// Waiting looks at the head, not at what comes next.
pub async fn growth_that_happened_is_not_waited_for(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2)]).await;
    store.log.grown(Position(0)).await.expect("grown");
    store.log.grown(Position(1)).await.expect("grown");
}

/// One step is not enough for who waits for three.
pub async fn growth_short_of_the_position_is_waited_out(store: &Fixture) {
    let log = store.log.clone();
    let waiter = tokio::spawn(async move {
        log.grown(Position(2)).await.expect("grown");
        log.head().await.expect("the head is read")
    });
    for number in 1..=3 {
        store.append([Draft::new(number)]).await;
    }
    assert_eq!(waiter.await.expect("no panic"), Position(3));
}
