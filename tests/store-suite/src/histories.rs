//! Random histories: whatever is done in whichever order, a store says what the model says.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::subsequence;
use varde_core::memory::MemoryStore;
use varde_core::ports::{
    AppendError, Change, ChangedStatement, Changes, Collection, CommitError, EraseError, Erasure,
    EventKind, Expected, KeyRange, Page, PageQuery, Position, RestoredStatement, Rewrite, Standing,
    TermKey,
};
use varde_core::{Clock, KeyId};
use varde_test_support::{Draft, TestClock, space};
use varde_xapi::Stored;

use crate::Fixture;
use crate::fixture::{event, terms};

const SPACES: [&str; 3] = ["sing", "sing:test", "merse"];
const NUMBERS: u64 = 12;
const COLLECTIONS: [Collection; 2] = [Collection("stones"), Collection("paths")];
const KEYS: [&str; 4] = ["a", "ab", "b", "\u{7f}"];

/// Something done to a store.
#[derive(Debug, Clone)]
pub enum Step {
    /// The clock moves by microseconds, forwards or back.
    Move(i64),
    /// A batch is appended.
    Append(Vec<Draft>),
    /// Changes and events are committed. An expected version of a change says how far before the
    /// record's present one it lies.
    Commit(Changes),
    /// An instant is shown as consistent.
    Show,
    /// Rows are rewritten, each as it fits, with changes.
    Erase(Vec<Blot>, Changes),
    /// The files are made anew.
    Scrub,
}

/// Returns histories of up to 40 steps, over few ids, terms and keys, so that they often meet.
pub fn histories() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        2 => (-20i64..40).prop_map(Step::Move),
        8 => prop::collection::vec(draft(), 0..4).prop_map(Step::Append),
        3 => changes().prop_map(Step::Commit),
        1 => Just(Step::Show),
        2 => (prop::collection::vec(blot(), 0..4), changes())
            .prop_map(|(blots, changes)| Step::Erase(blots, changes)),
        1 => Just(Step::Scrub),
    ];
    prop::collection::vec(step, 1..40)
}

/// A row to rewrite.
#[derive(Debug, Clone)]
pub struct Blot {
    position: u64,
    rewrite: Rewrite,
}

fn blot() -> impl Strategy<Value = Blot> {
    let terms = subsequence(vec![1u64, 2, 3, 4], 0..=3);
    let scope = subsequence(vec![8u64, 9], 0..=2);
    let says = (terms, scope).prop_map(|(terms, scope)| ChangedStatement {
        body: "{}".to_owned(),
        authority: Arc::from("{}"),
        terms: terms.into_iter().map(TermKey).collect(),
        scope: scope.into_iter().map(TermKey).collect(),
    });
    let changed = says.clone().prop_map(Rewrite::Change);
    let restored = says.prop_map(|says| {
        Rewrite::Restore(Box::new(RestoredStatement {
            id_text: None,
            key: KeyId(uuid::Uuid::nil()),
            version: "2.0.0".to_owned(),
            timestamp: None,
            equality: [7; 32],
            says,
        }))
    });
    let text = "[a-c]";
    let rewrite = prop_oneof![
        4 => text.prop_map(|facts| Rewrite::Erase { facts }),
        3 => changed,
        2 => restored,
        1 => text.prop_map(|body| Rewrite::Event { body }),
    ];
    (1..30u64, rewrite).prop_map(|(position, rewrite)| Blot { position, rewrite })
}

fn draft() -> impl Strategy<Value = Draft> {
    let reference = prop_oneof![
        4 => Just((None, false)),
        4 => (0..NUMBERS).prop_map(|target| (Some(target), false)),
        2 => (0..NUMBERS).prop_map(|target| (Some(target), true)),
    ];
    let variant = prop_oneof![9 => Just(0u8), 1 => Just(1)];
    let home = prop_oneof![6 => Just(0usize), 1 => Just(1), 1 => Just(2)];
    let terms = subsequence(vec![1u64, 2, 3, 4], 0..=3);
    let scope = subsequence(vec![8u64, 9], 0..=2);
    (0..NUMBERS, variant, home, terms, scope, reference).prop_map(
        |(number, variant, home, terms, scope, reference)| {
            let plain = Draft::new(number).in_space(SPACES[home]).changed(variant);
            let found = plain.terms(&terms).scope(&scope);
            match reference {
                (Some(target), true) => found.voids(target),
                (Some(target), false) => found.refers_to(target),
                (None, _) => found,
            }
        },
    )
}

fn changes() -> impl Strategy<Value = Changes> {
    let expected = prop_oneof![
        4 => Just(Expected::Anything),
        1 => Just(Expected::Absent),
        3 => (0u64..2).prop_map(Expected::Version),
    ];
    let value = prop::option::of(prop::collection::vec(any::<u8>(), 0..4));
    let change = (0..COLLECTIONS.len(), 0..KEYS.len(), value, expected).prop_map(
        |(collection, key, value, expected)| Change {
            collection: COLLECTIONS[collection],
            key: KEYS[key].as_bytes().to_vec(),
            value,
            expected,
        },
    );
    let kind = prop_oneof![Just(EventKind::Registers), Just(EventKind::Activation)];
    let event = kind.prop_map(|kind| event(kind, "{}"));
    (
        prop::collection::vec(change, 0..4),
        prop::collection::vec(event, 0..3),
    )
        .prop_map(|(changes, events)| Changes {
            changes,
            events,
            import: false,
        })
}

/// Runs a history on a fresh store and on the memory store, and compares each answer on the way
/// and every way of reading at the end.
pub async fn agree(subject: &Fixture, history: &[Step]) {
    let clock = Arc::new(TestClock::default());
    clock.set(subject.clock.now());
    let model = Fixture::new(MemoryStore::new(clock.clone()), clock, ());
    for step in history {
        assert_eq!(
            take(subject, step).await,
            take(&model, step).await,
            "{step:?}"
        );
    }
    same(subject, &model).await;
}

/// Does the same with a store that is ended and opened again after every step, however that is
/// done; each time, the clock moves on by two seconds meanwhile.
pub async fn agree_across_restarts(
    mut subject: Fixture,
    history: &[Step],
    mut restart: impl FnMut(Fixture) -> Fixture,
) {
    let clock = Arc::new(TestClock::default());
    clock.set(subject.clock.now());
    let model = Fixture::new(MemoryStore::new(clock.clone()), clock, ());
    for step in history {
        assert_eq!(
            take(&subject, step).await,
            take(&model, step).await,
            "{step:?}"
        );
        // A store may store up to a second ahead of the clock when it was not ended in order.
        subject.clock.advance(2_000_000);
        model.clock.advance(2_000_000);
        subject = restart(subject);
        same_log(&subject, &model).await;
    }
    same(&subject, &model).await;
}

async fn same(subject: &Fixture, model: &Fixture) {
    same_log(subject, model).await;
    same_records(subject, model).await;
    same_pages(subject, model).await;
}

/// Takes a step and returns what the store said, as text.
async fn take(store: &Fixture, step: &Step) -> String {
    match step {
        Step::Move(micros) => {
            store.clock.advance(*micros);
            String::new()
        }
        Step::Append(batch) => {
            let batch = batch.iter().cloned().map(Draft::build).collect();
            match store.log.append(batch).await {
                Err(AppendError::Store(error)) => panic!("{error:?}"),
                said => format!("{said:?}"),
            }
        }
        Step::Commit(changes) => match store.records.commit(aimed(store, changes).await).await {
            Err(CommitError::Store(error)) => panic!("{error:?}"),
            said => format!("{said:?}"),
        },
        Step::Erase(blots, changes) => {
            let rows = blots
                .iter()
                .map(|blot| (Position(blot.position), blot.rewrite.clone()));
            let rows = rows.collect();
            let changes = aimed(store, changes).await;
            match store.log.erase(Erasure { rows, changes }).await {
                Err(EraseError::Commit(CommitError::Store(error))) => panic!("{error:?}"),
                said => format!("{said:?}"),
            }
        }
        Step::Scrub => format!("{:?}", store.log.scrub().await.map(|_| ())),
        Step::Show => format!("{:?}", store.log.consistent_through().await.expect("shown")),
    }
}

/// Returns the changes with expected versions counted back from the records' present ones.
async fn aimed(store: &Fixture, changes: &Changes) -> Changes {
    let mut aimed = changes.clone();
    for change in &mut aimed.changes {
        if let Expected::Version(before) = change.expected {
            let found = store.records.get(change.collection, &change.key).await;
            let present = found.expect("read").map_or(before, |record| record.version);
            change.expected = Expected::Version(present - before);
        }
    }
    aimed
}

async fn same_log(subject: &Fixture, model: &Fixture) {
    assert_eq!(subject.events().await, model.events().await);
    assert_eq!(subject.head().await, model.head().await);
    for kind in [EventKind::Registers, EventKind::Activation] {
        for after in [0, 5, 20].map(Position) {
            let (own, expected) = (
                subject.log.events(kind, after, 3).await,
                model.log.events(kind, after, 3).await,
            );
            assert_eq!(
                own.expect("read"),
                expected.expect("read"),
                "{kind:?} behind {after}"
            );
        }
    }
    for number in 0..NUMBERS {
        for name in SPACES {
            for standing in [Standing::Valid, Standing::Voided] {
                let (spaces, id) = ([space(name)], Draft::id(number));
                let own = subject.log.get(&spaces, id, standing).await.expect("read");
                let expected = model.log.get(&spaces, id, standing).await.expect("read");
                assert_eq!(
                    own, expected,
                    "statement {number} as {standing:?} in {name}"
                );
            }
        }
    }
}

async fn same_records(subject: &Fixture, model: &Fixture) {
    for collection in COLLECTIONS {
        for prefix in ["", "a", "b"] {
            for after in [None, Some("a"), Some("ab")] {
                let range = KeyRange {
                    prefix: prefix.as_bytes().to_vec(),
                    after: after.map(|after| after.as_bytes().to_vec()),
                    limit: 2,
                };
                let own = subject
                    .records
                    .range(collection, &range)
                    .await
                    .expect("read");
                let expected = model.records.range(collection, &range).await.expect("read");
                assert_eq!(own, expected, "{collection} {range:?}");
            }
        }
        for key in KEYS {
            let own = subject
                .records
                .get(collection, key.as_bytes())
                .await
                .expect("read");
            let expected = model
                .records
                .get(collection, key.as_bytes())
                .await
                .expect("read");
            assert_eq!(own, expected, "{collection} {key}");
        }
    }
}

async fn same_pages(subject: &Fixture, model: &Fixture) {
    let middle = model.events().await.get(8).map(|event| event.stored);
    for query in queries(middle) {
        let (own, expected) = (subject.page(&query).await, model.page(&query).await);
        assert_eq!(own, expected, "{query:?}");
        if expected.more {
            let rest = rest_of(&query, &expected);
            assert_eq!(
                subject.page(&rest).await,
                model.page(&rest).await,
                "{rest:?}"
            );
        }
    }
}

/// Returns the query for everything behind a page.
fn rest_of(query: &PageQuery, page: &Page) -> PageQuery {
    PageQuery {
        limit: 1_000,
        after: page.statements.last().map(|last| last.position),
        through: Some(page.through),
        ..query.clone()
    }
}

/// Returns queries of every combination of filters, scope, spaces, time and direction.
fn queries(middle: Option<Stored>) -> Vec<PageQuery> {
    let filters: [&[&[u64]]; 9] = [
        &[],
        &[&[1]],
        &[&[1], &[2]],
        &[&[1, 2]],
        &[&[1, 2], &[3]],
        &[&[1], &[2], &[3]],
        &[&[3, 4], &[1, 2]],
        &[&[4]],
        &[&[5]],
    ];
    let scopes: [Vec<Vec<TermKey>>; 3] = [vec![], terms(&[&[8]]), terms(&[&[8, 9], &[9]])];
    let spaces = [&SPACES[..1], &SPACES[1..], &SPACES[..]];
    let times = [(None, None), (middle, None), (None, middle)];
    let mut queries = Vec::new();
    for list in filters {
        for scope in &scopes {
            for names in spaces {
                for (since, until) in times {
                    for (ascending, voided) in [(true, false), (false, false), (true, true)] {
                        queries.push(PageQuery {
                            spaces: names.iter().map(|name| space(name)).collect(),
                            scope: scope.clone(),
                            filters: terms(list),
                            since,
                            until,
                            ascending,
                            limit: 2,
                            after: None,
                            through: None,
                            voided,
                        });
                    }
                }
            }
        }
    }
    queries
}
