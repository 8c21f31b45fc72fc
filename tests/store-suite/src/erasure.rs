//! Erasure: rows are rewritten where they stand, and nothing finds what they said before.

use std::sync::Arc;

use varde_core::KeyId;
use varde_core::ports::Standing::{Valid, Voided};
use varde_core::ports::{
    AppendError, ChangedStatement, Changes, Committed, EraseError, Erasure, EventKind, Happened,
    Position, RestoredStatement, Rewrite, TermKey, Tombstone,
};
use varde_test_support::{Draft, space};

use crate::Fixture;
use crate::fixture::{STONES, event, everything, filtered, numbers, put};
use crate::references::{WAITING, arrive_late};

const FACTS: &str = r#"{"counted":"once"}"#;

fn erased() -> Rewrite {
    Rewrite::Erase {
        facts: FACTS.to_owned(),
    }
}

/// The statement says this from now on, and is found by these terms.
fn changed(body: &str, terms: &[u64]) -> Rewrite {
    Rewrite::Change(ChangedStatement {
        body: body.to_owned(),
        authority: Arc::from(r#"{"mbox":"mailto:nobody@example.org"}"#),
        terms: terms.iter().copied().map(TermKey).collect(),
        scope: vec![TermKey(9)],
    })
}

/// The statement is again what it never was.
fn restored() -> Rewrite {
    Rewrite::Restore(Box::new(RestoredStatement {
        id_text: None,
        key: KeyId(uuid::Uuid::nil()),
        version: "2.0.0".to_owned(),
        timestamp: None,
        equality: [0; 32],
        says: ChangedStatement {
            body: "{}".to_owned(),
            authority: Arc::from("{}"),
            terms: Vec::new(),
            scope: Vec::new(),
        },
    }))
}

async fn try_erase<const N: usize>(
    store: &Fixture,
    rows: [(u64, Rewrite); N],
    changes: Changes,
) -> Result<Committed, EraseError> {
    let rows = rows.map(|(position, rewrite)| (Position(position), rewrite));
    let rows = rows.into_iter().collect();
    store.log.erase(Erasure { rows, changes }).await
}

async fn erase<const N: usize>(store: &Fixture, rows: [(u64, Rewrite); N]) {
    let done = try_erase(store, rows, Changes::default()).await;
    done.expect("the rows are rewritten");
}

/// The tombstone has the statement's place, `stored` and id, and none of its content.
pub async fn an_erased_statement_leaves_a_tombstone_at_its_place(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2)
                .terms(&[1])
                .with(|new| new.id_text = Some("A".to_owned())),
            Draft::new(3).terms(&[1]),
        ])
        .await;
    let before = store.events().await;
    erase(store, [(2, erased())]).await;
    let after = store.events().await;
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]));
    assert_eq!(
        (after[1].position, after[1].stored),
        (before[1].position, before[1].stored)
    );
    let left = Tombstone {
        id: Draft::id(2),
        space: space("sing"),
        refers_to: None,
        voids: None,
        facts: FACTS.to_owned(),
    };
    assert_eq!(after[1].what, Happened::Erased(left));
}

/// Neither by id, nor on any page, by any filter or scope.
pub async fn an_erased_statement_is_not_found(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]).scope(&[8]),
            Draft::new(2).terms(&[1]).scope(&[8]),
        ])
        .await;
    erase(store, [(1, erased())]).await;
    let spaces = [space("sing")];
    for standing in [Valid, Voided] {
        let found = store.log.get(&spaces, Draft::id(1), standing).await;
        assert_eq!(found.expect("read"), None);
    }
    let mut scoped = everything();
    scoped.scope = vec![vec![TermKey(8)]];
    for query in [everything(), filtered(&[&[1]]), scoped] {
        assert_eq!(store.found(&query).await, numbers([2]));
    }
}

/// A re-send, even an equal one, does not bring an erased statement back.
pub async fn the_id_of_an_erased_statement_stays_taken(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2)]).await;
    erase(store, [(1, erased())]).await;
    let again = store.try_append([Draft::new(3), Draft::new(1)]).await;
    assert!(
        matches!(again, Err(AppendError::Erased { id, index: 1 }) if id == Draft::id(1)),
        "{again:?}"
    );
    assert_eq!(
        store.head().await,
        Position(2),
        "nothing of the batch is stored"
    );
    let elsewhere = store
        .try_append([Draft::new(1).in_space("sing:test")])
        .await;
    assert_eq!(elsewhere.expect("test spaces have ids of their own").new, 1);
}

/// Where a statement stands is known whatever became of it, in its own space.
pub async fn an_erased_statement_still_has_its_position(store: &Fixture) {
    store
        .append([Draft::new(1), Draft::new(2), Draft::new(3).voids(2)])
        .await;
    erase(store, [(1, erased())]).await;
    for (number, stands) in [(1, Some(1)), (2, Some(2)), (3, Some(3)), (4, None)] {
        let found = store.log.position(&space("sing"), Draft::id(number)).await;
        assert_eq!(found.expect("read"), stands.map(Position), "{number}");
    }
    let elsewhere = store.log.position(&space("merse"), Draft::id(1)).await;
    assert_eq!(elsewhere.expect("read"), None);
}

/// What refers to it no longer inherits what it said, but still what it refers to itself.
pub async fn what_refers_to_an_erased_statement_inherits_nothing_of_it(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2).terms(&[2]).refers_to(1),
            Draft::new(3).terms(&[3]).refers_to(2),
            Draft::new(4).terms(&[4]).refers_to(3),
        ])
        .await;
    assert_eq!(store.found(&filtered(&[&[2]])).await, numbers([2, 3, 4]));
    erase(store, [(2, erased())]).await;
    assert_eq!(store.found(&filtered(&[&[2]])).await, []);
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1, 3, 4]));
    assert_eq!(store.found(&filtered(&[&[3]])).await, numbers([3, 4]));
    store.append([Draft::new(5).refers_to(2)]).await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1, 3, 4, 5]));
    assert_eq!(store.found(&filtered(&[&[2]])).await, []);
}

/// Nor where very many are still to inherit it.
pub async fn what_very_many_were_to_inherit_of_an_erased_statement_is_not_found(store: &Fixture) {
    let brought = arrive_late(store).await;
    erase(store, [(WAITING + 1, erased())]).await;
    let shown = store.log.consistent_through().await.expect("shown");
    let last = store.events().await.last().expect("it is there").stored;
    assert!(shown >= last, "nothing is left to be inherited");
    for term in brought {
        assert_eq!(store.found(&filtered(&[&[term]])).await, []);
    }
}

/// A statement that arrives later lends its terms through an erased one that refers to it.
pub async fn references_lead_on_through_an_erased_statement(store: &Fixture) {
    store
        .append([Draft::new(2).refers_to(1), Draft::new(3).refers_to(2)])
        .await;
    erase(store, [(1, erased())]).await;
    store.append([Draft::new(1).terms(&[1])]).await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([3, 1]));
}

/// Voiding is a fact about the target, which stays.
pub async fn an_erased_voiding_still_voids(store: &Fixture) {
    store
        .append([
            Draft::new(1),
            Draft::new(2).voids(1),
            Draft::new(3).voids(4),
        ])
        .await;
    erase(store, [(2, erased()), (3, erased())]).await;
    store.append([Draft::new(4)]).await;
    let spaces = [space("sing")];
    for number in [1, 4] {
        let voided = store.log.get(&spaces, Draft::id(number), Voided).await;
        assert!(voided.expect("read").is_some(), "{number} is voided");
    }
    assert_eq!(store.found(&everything()).await, []);
}

/// A voiding of an erased statement is a statement like any other.
pub async fn an_erased_statement_may_be_voided(store: &Fixture) {
    store.append([Draft::new(1).terms(&[1])]).await;
    erase(store, [(1, erased())]).await;
    store.append([Draft::new(2).voids(1).terms(&[2])]).await;
    assert_eq!(store.found(&everything()).await, numbers([2]));
    assert_eq!(store.found(&filtered(&[&[1]])).await, []);
}

/// A changed statement keeps all that was not changed.
pub async fn a_changed_statement_says_what_it_says_now(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2)]).await;
    let before = store.statement(1).await.expect("it is there");
    erase(store, [(1, changed("{}", &[]))]).await;
    let after = store.statement(1).await.expect("it is there");
    assert_eq!(after.body, "{}");
    assert_eq!(&*after.authority, r#"{"mbox":"mailto:nobody@example.org"}"#);
    let (body, authority) = (before.body.clone(), before.authority.clone());
    let back = varde_core::ports::StoredStatement {
        body,
        authority,
        ..after
    };
    assert_eq!(back, before);
}

/// Its own filters, its scope, and those of what refers to it.
pub async fn a_changed_statement_is_found_by_its_new_terms_only(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1, 2]).scope(&[8]),
            Draft::new(2).terms(&[1]).refers_to(1),
        ])
        .await;
    erase(store, [(1, changed("{}", &[2, 3]))]).await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([2]));
    assert_eq!(store.found(&filtered(&[&[2], &[3]])).await, numbers([1, 2]));
    let mut scoped = everything();
    for (term, found) in [(8, vec![]), (9, numbers([1]))] {
        scoped.scope = vec![vec![TermKey(term)]];
        assert_eq!(store.found(&scoped).await, found, "scope {term}");
    }
}

/// The sender repeats what was sent: it is known, and what was replaced does not come back.
pub async fn a_re_send_of_a_changed_statement_changes_nothing(store: &Fixture) {
    store.append([Draft::new(1).terms(&[1])]).await;
    erase(store, [(1, changed("{}", &[]))]).await;
    let again = store.append([Draft::new(1).terms(&[1])]).await;
    assert_eq!((again.new, again.last), (0, Position(1)));
    assert_eq!(store.statement(1).await.expect("it is there").body, "{}");
    let (id, _) = store.conflict([Draft::new(1).changed(1)]).await;
    assert_eq!(id, Draft::id(1));
}

/// An event has a new text at its old place.
pub async fn an_event_is_rewritten_in_place(store: &Fixture) {
    store.commit([], &["1", "2", "3"]).await;
    let before = store.events().await;
    let body = "{}".to_owned();
    erase(store, [(2, Rewrite::Event { body: body.clone() })]).await;
    let mut expected = before.clone();
    expected[1].what = Happened::Event(EventKind::Registers, body);
    assert_eq!(store.events().await, expected);
    let of_kind = store.log.events(EventKind::Registers, Position(0), 9).await;
    assert_eq!(of_kind.expect("read"), expected);
}

/// What is left of an erased statement may be written anew.
pub async fn a_tombstone_may_get_other_facts(store: &Fixture) {
    store.append([Draft::new(1).refers_to(7)]).await;
    erase(store, [(1, erased())]).await;
    let facts = "{}".to_owned();
    erase(store, [(1, Rewrite::Erase { facts })]).await;
    let left = Tombstone {
        id: Draft::id(1),
        space: space("sing"),
        refers_to: Some(Draft::id(7)),
        voids: None,
        facts: "{}".to_owned(),
    };
    assert_eq!(store.events().await[0].what, Happened::Erased(left));
}

/// Rows, records and events change together.
pub async fn an_erasure_commits_its_records_and_events(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    let changes = Changes {
        changes: vec![put("a", "1")],
        events: vec![event(EventKind::Erasure, "{}")],
        import: false,
    };
    let done = try_erase(store, [(1, erased())], changes).await;
    let done = done.expect("the erasure is made");
    assert_eq!(done.events.len(), 1);
    assert_eq!(done.events[0].0, Position(2));
    let record = store.records.get(STONES, b"a").await.expect("read");
    assert_eq!(record.expect("it is there").version, done.number);
    let events = store.log.events(EventKind::Erasure, Position(0), 9).await;
    assert_eq!(events.expect("read").len(), 1);
}

/// A row that does not fit, or a record that is not as expected, and nothing happens.
pub async fn an_erasure_happens_whole_or_not_at_all(store: &Fixture) {
    store.append([Draft::new(1).terms(&[1])]).await;
    store.commit([put("a", "1")], &["{}"]).await;
    let before = store.events().await;
    let text = || Rewrite::Event {
        body: "1".to_owned(),
    };
    let unfit = [(0, erased()), (3, erased()), (2, erased()), (1, text())];
    let more = [(2, changed("{}", &[])), (1, restored()), (2, restored())];
    for (position, rewrite) in unfit.into_iter().chain(more) {
        let changes = Changes {
            changes: vec![put("b", "1")],
            ..Changes::default()
        };
        let first = (1, erased());
        let refused = if position == 1 {
            try_erase(store, [(position, rewrite)], changes).await
        } else {
            try_erase(store, [first, (position, rewrite)], changes).await
        };
        let found = matches!(refused, Err(EraseError::Unfit { position: p }) if p.0 == position);
        assert!(found, "{position}: {refused:?}");
    }
    let expected = varde_core::ports::Expected::Absent;
    let taken = varde_core::ports::Change {
        expected,
        ..put("a", "2")
    };
    let changes = Changes {
        changes: vec![put("b", "1"), taken],
        ..Changes::default()
    };
    let refused = try_erase(store, [(1, erased())], changes).await;
    assert!(matches!(refused, Err(EraseError::Commit(_))), "{refused:?}");
    assert_eq!(store.events().await, before);
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1]));
    assert_eq!(store.records.get(STONES, b"b").await.expect("read"), None);
}

/// It stands at its place as it did, and is found by its terms, as is what refers to it.
pub async fn an_erased_statement_can_be_restored(store: &Fixture) {
    let drafts = || {
        [
            Draft::new(1).terms(&[1]).refers_to(4),
            Draft::new(2).terms(&[2]).refers_to(1),
            Draft::new(3).voids(4),
            Draft::new(4).terms(&[4]),
        ]
    };
    store.append(drafts()).await;
    let (before, page) = (store.events().await, store.page(&everything()).await);
    erase(store, [(1, erased()), (3, erased())]).await;
    let [first, _, third, _] = drafts().map(Draft::build);
    let [first, third] = [(1, first), (3, third)].map(|(position, new)| {
        let restored = Rewrite::Restore(Box::new(RestoredStatement {
            id_text: new.id_text,
            key: new.key,
            version: new.version,
            timestamp: new.timestamp,
            equality: new.equality,
            says: ChangedStatement {
                body: new.body,
                authority: new.authority,
                terms: new.terms,
                scope: new.scope,
            },
        }));
        (position, restored)
    });
    erase(store, [first, third]).await;
    assert_eq!(store.events().await, before);
    assert_eq!(store.page(&everything()).await, page);
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1, 2]));
    // The voiding statement refers to what it voids, too.
    assert_eq!(store.found(&filtered(&[&[4]])).await, numbers([1, 2, 3]));
    let again = store.try_append([Draft::new(1).terms(&[1]).refers_to(4)]);
    assert_eq!(again.await.expect("a re-send").new, 0);
}

/// What voids a statement that is erased at the time voids it, should it be restored.
pub async fn a_statement_that_was_voided_while_erased_is_voided_once_restored(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2)]).await;
    erase(store, [(1, erased())]).await;
    store.append([Draft::new(3).voids(1)]).await;
    erase(store, [(1, restored())]).await;
    let sing = [space("sing")];
    let found = store.log.get(&sing, Draft::id(1), Valid).await;
    assert_eq!(found.expect("read"), None);
    let found = store.log.get(&sing, Draft::id(1), Voided).await;
    assert!(found.expect("read").is_some());
    assert_eq!(store.found(&everything()).await, numbers([2, 3]));
}

/// Rows and changes are bounded together.
pub async fn an_erasure_over_its_bounds_is_refused(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    let changes = Changes {
        changes: (0..1_000).map(|n| put(&format!("{n}"), "")).collect(),
        ..Changes::default()
    };
    let refused = try_erase(store, [(1, erased())], changes.clone()).await;
    assert!(matches!(refused, Err(EraseError::Commit(_))), "{refused:?}");
    let import = true;
    let done = try_erase(store, [(1, erased())], Changes { import, ..changes }).await;
    done.expect("an import is not bound");
}

/// Everything reads as before once the files are made anew.
pub async fn a_scrub_changes_nothing_that_is_read(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2).terms(&[1]).refers_to(1),
            Draft::new(3).voids(1),
        ])
        .await;
    store.commit([put("a", "1")], &["{}"]).await;
    erase(store, [(2, erased())]).await;
    let (events, page) = (store.events().await, store.page(&everything()).await);
    store.log.scrub().await.expect("the store is scrubbed");
    assert_eq!(store.events().await, events);
    assert_eq!(store.page(&everything()).await, page);
    let record = store.records.get(STONES, b"a").await.expect("read");
    assert_eq!(record.expect("it is there").value, b"1");
    store.append([Draft::new(4).terms(&[1])]).await;
    assert_eq!(store.head().await, Position(5), "writing goes on");
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([3, 4]));
}
