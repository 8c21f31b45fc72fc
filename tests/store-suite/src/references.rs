//! References: a statement is found by what it refers to (xAPI 1.0.3 Communication 2.1.3).

use varde_core::ports::{PageQuery, Position};
use varde_test_support::Draft;

use crate::Fixture;
use crate::fixture::{everything, filtered, numbers, terms};

/// The target's terms find both.
pub async fn a_statement_is_found_by_what_it_refers_to(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2).terms(&[2]).refers_to(1),
        ])
        .await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1, 2]));
    assert_eq!(store.found(&filtered(&[&[2]])).await, numbers([2]));
    assert_eq!(store.found(&filtered(&[&[3]])).await, []);
}

/// A chain of references, whatever order its links arrive in, each in a batch of its own.
pub async fn references_are_followed_in_any_order_of_arrival(store: &Fixture) {
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for (order, base) in orders.into_iter().zip((10..).step_by(10)) {
        let chain = [
            Draft::new(base).terms(&[base]).refers_to(base + 1),
            Draft::new(base + 1).terms(&[base + 1]).refers_to(base + 2),
            Draft::new(base + 2).terms(&[base + 2]),
        ];
        for link in order {
            store.append([chain[link].clone()]).await;
        }
        for (term, found) in [(base, 1), (base + 1, 2), (base + 2, 3)] {
            let page = store.page(&filtered(&[&[term]])).await;
            assert_eq!(page.statements.len(), found, "order {order:?}, term {term}");
        }
    }
}

/// The same within one batch.
pub async fn a_batch_may_hold_a_reference_and_its_target(store: &Fixture) {
    store
        .append([
            Draft::new(1).refers_to(2),
            Draft::new(2).refers_to(3),
            Draft::new(3).terms(&[1]),
            Draft::new(4).refers_to(1),
        ])
        .await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1, 2, 3, 4]));
}

/// A long chain that closes from behind.
pub async fn a_long_chain_is_followed_to_its_end(store: &Fixture) {
    for number in 1..=50 {
        store
            .append([Draft::new(number).refers_to(number + 1)])
            .await;
    }
    assert_eq!(store.found(&filtered(&[&[1]])).await, []);
    store.append([Draft::new(51).terms(&[1])]).await;
    assert_eq!(store.found(&filtered(&[&[1]])).await.len(), 51);
}

/// Many statements may refer to one.
pub async fn each_of_many_referring_statements_is_found(store: &Fixture) {
    let early = (1..=40)
        .map(|number| Draft::new(number).refers_to(100).build())
        .collect();
    store.log.append(early).await.expect("appended");
    store.append([Draft::new(100).terms(&[1])]).await;
    let late = (41..=60)
        .map(|number| Draft::new(number).refers_to(100).build())
        .collect();
    store.log.append(late).await.expect("appended");
    assert_eq!(store.found(&filtered(&[&[1]])).await.len(), 61);
}

/// How many wait for a statement, and how many terms it brings: more entries than one commit writes.
pub(crate) const WAITING: u64 = 250;
const BROUGHT: u64 = 41;

/// Appends statements that all refer to the next one, and then that one, with more terms than are
/// inherited in one commit; returns the terms.
pub(crate) async fn arrive_late(store: &Fixture) -> Vec<u64> {
    let early = (1..=WAITING)
        .map(|number| Draft::new(number).refers_to(WAITING + 1).build())
        .collect();
    store.log.append(early).await.expect("appended");
    let brought: Vec<u64> = (1..=BROUGHT).collect();
    let arrival = Draft::new(WAITING + 1).terms(&brought);
    store.append([arrival]).await;
    brought
}

/// What very many statements inherit is found once the arrival is shown as complete, and no
/// sooner is it shown so.
pub async fn what_very_many_inherit_is_found_once_it_is_shown_as_complete(store: &Fixture) {
    let brought = arrive_late(store).await;
    let arrived = store.events().await.last().expect("it arrived").stored;
    loop {
        let shown = store.log.consistent_through().await.expect("shown");
        if shown >= arrived {
            break;
        }
        tokio::task::yield_now().await;
    }
    let all = usize::try_from(WAITING + 1).expect("few");
    for term in brought {
        assert_eq!(store.found(&filtered(&[&[term]])).await.len(), all);
    }
}

/// A voided target still lends its terms; the voiding statement is found by them too.
pub async fn a_voided_target_still_finds_what_refers_to_it(store: &Fixture) {
    store
        .append([Draft::new(2).refers_to(1), Draft::new(1).terms(&[1])])
        .await;
    store
        .append([Draft::new(3).voids(1), Draft::new(4).refers_to(1)])
        .await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([2, 3, 4]));
}

/// What arrives already voided lends its terms as well.
pub async fn a_target_voided_before_it_arrives_lends_its_terms(store: &Fixture) {
    store
        .append([Draft::new(2).refers_to(1), Draft::new(3).voids(1)])
        .await;
    store.append([Draft::new(1).terms(&[1])]).await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([2, 3]));
}

/// References in a ring, also of one, find all of the ring and end.
pub async fn a_ring_of_references_ends(store: &Fixture) {
    store.append([Draft::new(1).terms(&[1]).refers_to(2)]).await;
    store.append([Draft::new(2).terms(&[2]).refers_to(3)]).await;
    store
        .append([Draft::new(3).terms(&[3, 4]).refers_to(1)])
        .await;
    store.append([Draft::new(5).terms(&[5]).refers_to(5)]).await;
    store.append([Draft::new(6).refers_to(2)]).await;
    for term in [1, 2, 3] {
        let found = store.found(&filtered(&[&[term]])).await;
        assert_eq!(found, numbers([1, 2, 3, 6]), "term {term}");
    }
    assert_eq!(
        store.found(&filtered(&[&[3], &[4]])).await,
        numbers([1, 2, 3, 6])
    );
    assert_eq!(store.found(&filtered(&[&[1], &[2]])).await, []);
    assert_eq!(store.found(&filtered(&[&[5]])).await, numbers([5]));
}

/// Two statements that each meet one filter do not meet both together.
pub async fn filters_are_met_by_one_statement_as_a_whole(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2).terms(&[2]).refers_to(1),
        ])
        .await;
    store.append([Draft::new(3).terms(&[3]).refers_to(2)]).await;
    for (one, other) in [(1, 2), (1, 3), (2, 3)] {
        let found = store.found(&filtered(&[&[one], &[other]])).await;
        assert_eq!(found, [], "{one} and {other}");
    }
    store
        .append([
            Draft::new(4).terms(&[1, 2]),
            Draft::new(5).terms(&[1]).refers_to(4),
        ])
        .await;
    store.append([Draft::new(6).refers_to(5)]).await;
    assert_eq!(
        store.found(&filtered(&[&[1], &[2]])).await,
        numbers([4, 5, 6])
    );
    assert_eq!(
        store.found(&filtered(&[&[1, 9], &[2, 9]])).await,
        numbers([4, 5, 6])
    );
}

/// The bound of a space holds for references, at every link and in both orders of arrival.
pub async fn references_do_not_leave_their_space(store: &Fixture) {
    store
        .append([
            Draft::new(1).in_space("merse").terms(&[1]),
            Draft::new(2).refers_to(1),
            Draft::new(3).refers_to(4),
            Draft::new(4).in_space("merse").terms(&[1]),
        ])
        .await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, []);
    // The way back into the space leads through another one, so it is no way.
    store.append([Draft::new(7).terms(&[2])]).await;
    store
        .append([Draft::new(6).in_space("merse").refers_to(7)])
        .await;
    store.append([Draft::new(5).refers_to(6)]).await;
    assert_eq!(store.found(&filtered(&[&[2]])).await, numbers([7]));
}

/// `since`, `until`, `after` and scope are conditions on the statement that is returned.
pub async fn only_filters_are_met_by_reference(store: &Fixture) {
    store.append([Draft::new(1).terms(&[1]).scope(&[8])]).await;
    store.clock.advance(1_000);
    store.append([Draft::new(2).scope(&[9]).refers_to(1)]).await;
    let first = store.events().await[0].stored;
    let base = filtered(&[&[1]]);
    let later = PageQuery {
        since: Some(first),
        ..base.clone()
    };
    assert_eq!(store.found(&later).await, numbers([2]));
    let sooner = PageQuery {
        until: Some(first),
        ..base.clone()
    };
    assert_eq!(store.found(&sooner).await, numbers([1]));
    let behind = PageQuery {
        after: Some(Position(1)),
        ..base.clone()
    };
    assert_eq!(store.found(&behind).await, numbers([2]));
    let scoped = PageQuery {
        scope: terms(&[&[9]]),
        ..base
    };
    assert_eq!(store.found(&scoped).await, numbers([2]));
}

/// A statement of its own and by reference stands once on a page, at its own place.
pub async fn inherited_terms_change_no_order(store: &Fixture) {
    store.append([Draft::new(1).terms(&[1]).refers_to(3)]).await;
    store
        .append([Draft::new(2).refers_to(3), Draft::new(3).terms(&[1])])
        .await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1, 2, 3]));
    assert_eq!(store.found(&everything()).await, numbers([1, 2, 3]));
}
