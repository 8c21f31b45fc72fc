//! Reading by id, and what voiding does to it (xAPI 1.0.3 Data 2.3.2).

use varde_core::ports::Standing::{self, Valid, Voided};
use varde_core::ports::{Appended, Happened, Position};
use varde_test_support::{Draft, space};

use crate::Fixture;
use crate::fixture::{everything, filtered, numbers};

async fn stands(store: &Fixture, number: u64, standing: Standing) -> bool {
    let spaces = [space("sing"), space("sing:test")];
    let got = store.log.get(&spaces, Draft::id(number), standing).await;
    got.expect("the statement is read").is_some()
}

/// Checks that the statement is found as voided, or as valid, and not as the other.
async fn assert_voided(store: &Fixture, number: u64, voided: bool) {
    assert_eq!(
        stands(store, number, Valid).await,
        !voided,
        "statement {number} as valid"
    );
    assert_eq!(
        stands(store, number, Voided).await,
        voided,
        "statement {number} as voided"
    );
}

/// Absent is no error.
pub async fn an_unknown_id_is_absent(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    assert!(!stands(store, 2, Valid).await);
    assert!(!stands(store, 2, Voided).await);
}

/// A statement is found only through its own space.
pub async fn a_statement_is_found_in_the_spaces_asked(store: &Fixture) {
    store.append([Draft::new(1).in_space("merse")]).await;
    let get = |spaces: Vec<_>| async move {
        let got = store.log.get(&spaces, Draft::id(1), Valid).await;
        got.expect("the statement is read").is_some()
    };
    assert!(get(vec![space("merse")]).await);
    assert!(get(vec![space("sing"), space("merse")]).await);
    assert!(!get(vec![space("sing"), space("merse:test")]).await);
    assert!(!get(vec![]).await);
}

/// The voided one is asked for as such; it leaves the pages, but not the log.
pub async fn a_voided_statement_is_found_only_when_asked_for(store: &Fixture) {
    store
        .append([Draft::new(1).terms(&[1]), Draft::new(2).terms(&[1])])
        .await;
    let before = store.events().await;
    store.append([Draft::new(3).voids(1)]).await;
    assert_voided(store, 1, true).await;
    assert_voided(store, 2, false).await;
    assert_voided(store, 3, false).await;
    assert_eq!(store.found(&everything()).await, numbers([2, 3]));
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([2, 3]));
    let after = store.events().await;
    assert_eq!(after[..2], before);
    let voiding = matches!(&after[2].what, Happened::Statement(s) if s.voids == Some(Draft::id(1)));
    assert!(voiding);
}

/// Whoever keeps the record itself sees all of it.
pub async fn a_page_may_hold_voided_statements(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2).terms(&[1]),
            Draft::new(3).voids(1),
        ])
        .await;
    for (voided, found) in [(false, numbers([2, 3])), (true, numbers([1, 2, 3]))] {
        let query = varde_core::ports::PageQuery {
            voided,
            ..filtered(&[&[1]])
        };
        assert_eq!(store.found(&query).await, found);
    }
}

/// The order of arrival does not matter.
pub async fn a_voiding_before_its_target_voids_it_on_arrival(store: &Fixture) {
    store.append([Draft::new(3).voids(1)]).await;
    assert!(!stands(store, 1, Voided).await);
    store.append([Draft::new(1)]).await;
    assert_voided(store, 1, true).await;
    assert_eq!(store.found(&everything()).await, numbers([3]));
}

/// Within one batch, in either order.
pub async fn a_batch_may_hold_a_voiding_and_its_target(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2).voids(1)]).await;
    store.append([Draft::new(4).voids(3), Draft::new(3)]).await;
    assert_voided(store, 1, true).await;
    assert_voided(store, 3, true).await;
}

/// Whoever may void in one space has no power in another.
pub async fn a_voiding_of_another_space_has_no_effect(store: &Fixture) {
    store
        .append([Draft::new(1), Draft::new(2).in_space("sing:test").voids(1)])
        .await;
    store
        .append([Draft::new(4).in_space("sing:test").voids(3), Draft::new(3)])
        .await;
    assert_voided(store, 1, false).await;
    assert_voided(store, 3, false).await;
    assert_eq!(store.found(&everything()).await, numbers([1, 3]));
}

/// A voiding statement stays, whatever targets it and in whichever order; what it voided too.
pub async fn a_voiding_statement_is_never_voided(store: &Fixture) {
    store
        .append([
            Draft::new(1),
            Draft::new(2).voids(1),
            Draft::new(3).voids(2),
        ])
        .await;
    store
        .append([
            Draft::new(6).voids(5),
            Draft::new(5).voids(4),
            Draft::new(4),
        ])
        .await;
    store.append([Draft::new(7).voids(7)]).await;
    for target in [1, 4] {
        assert_voided(store, target, true).await;
    }
    for voiding in [2, 3, 5, 6, 7] {
        assert_voided(store, voiding, false).await;
    }
}

/// Voiding twice is voiding.
pub async fn a_statement_may_be_voided_twice(store: &Fixture) {
    store
        .append([
            Draft::new(2).voids(1),
            Draft::new(1),
            Draft::new(3).voids(1),
        ])
        .await;
    assert_voided(store, 1, true).await;
}

/// Only a voiding statement voids.
pub async fn a_reference_does_not_void(store: &Fixture) {
    store
        .append([Draft::new(1), Draft::new(2).refers_to(1)])
        .await;
    store
        .append([Draft::new(4).refers_to(3), Draft::new(3)])
        .await;
    assert_voided(store, 1, false).await;
    assert_voided(store, 3, false).await;
}

/// A voided statement still has its id.
pub async fn the_id_of_a_voided_statement_stays_taken(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2).voids(1)]).await;
    let again = store.append([Draft::new(1)]).await;
    assert_eq!(
        again,
        Appended {
            new: 0,
            last: Position(1)
        }
    );
    assert_eq!(
        store.conflict([Draft::new(1).changed(1)]).await,
        (Draft::id(1), 0)
    );
    assert_voided(store, 1, true).await;
}
