//! Pages: which statements, in which order, and how they continue.

use varde_core::ports::{PageQuery, Position};
use varde_test_support::{Draft, space};
use varde_xapi::{StatementId, Stored};

use crate::Fixture;
use crate::fixture::{everything, filtered, ids, numbers, terms};

/// Conditions as a test writes them: each list is met by any of its terms.
type Lists = &'static [&'static [u64]];

/// Tells whether the statement of that number meets the conditions.
type Holds = fn(u64) -> bool;

/// Oldest first or newest first.
pub async fn a_page_is_in_the_order_of_stored(store: &Fixture) {
    store
        .append([Draft::new(5), Draft::new(3), Draft::new(4)])
        .await;
    assert_eq!(store.found(&everything()).await, numbers([5, 3, 4]));
    let newest = PageQuery {
        ascending: false,
        ..everything()
    };
    assert_eq!(store.found(&newest).await, numbers([4, 3, 5]));
}

/// Nothing stored, nothing found.
pub async fn a_page_of_an_empty_log_is_empty(store: &Fixture) {
    for query in [everything(), filtered(&[&[1]])] {
        let page = store.page(&query).await;
        assert_eq!(
            (page.statements.len(), page.more, page.through),
            (0, false, Position(0))
        );
    }
}

/// A filter is a list of terms: any of them will do, but every filter must be met.
pub async fn every_filter_is_met_by_any_of_its_terms(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2).terms(&[2]),
            Draft::new(3).terms(&[1, 2]),
            Draft::new(4).terms(&[2, 3]),
            Draft::new(5).terms(&[1, 2, 3]),
            Draft::new(6),
        ])
        .await;
    let cases: [(Lists, &[u64]); 8] = [
        (&[&[1]], &[1, 3, 5]),
        (&[&[1, 3]], &[1, 3, 4, 5]),
        (&[&[1], &[2]], &[3, 5]),
        (&[&[1], &[2, 3]], &[3, 5]),
        (&[&[1, 2], &[3, 9]], &[4, 5]),
        (&[&[1], &[2], &[3]], &[5]),
        (&[&[9]], &[]),
        (&[&[1], &[]], &[]),
    ];
    for (lists, expected) in cases {
        let expected: Vec<_> = expected.iter().copied().map(Draft::id).collect();
        assert_eq!(store.found(&filtered(lists)).await, expected, "{lists:?}");
        let newest = PageQuery {
            ascending: false,
            ..filtered(lists)
        };
        let reversed: Vec<_> = expected.into_iter().rev().collect();
        assert_eq!(
            store.found(&newest).await,
            reversed,
            "{lists:?}, newest first"
        );
    }
}

/// A list that names a term twice is the same list.
pub async fn a_statement_that_meets_a_filter_twice_stands_once(store: &Fixture) {
    store.append([Draft::new(1).terms(&[1, 2, 2])]).await;
    assert_eq!(
        store.found(&filtered(&[&[2, 1, 2], &[2]])).await,
        numbers([1])
    );
}

/// Scope is what the statement itself carries as scope: no filter term counts, and no reference.
pub async fn scope_is_met_by_the_statement_itself(store: &Fixture) {
    store
        .append([
            Draft::new(1).scope(&[1, 2]).terms(&[5]),
            Draft::new(2).scope(&[2]).terms(&[1, 5]),
            Draft::new(3).scope(&[3]).terms(&[5]).refers_to(1),
            Draft::new(4).scope(&[1, 3]).terms(&[6]),
        ])
        .await;
    let cases: [(Lists, Lists, &[u64]); 6] = [
        (&[&[1]], &[], &[1, 4]),
        (&[&[1], &[2]], &[], &[1]),
        (&[&[2, 3]], &[], &[1, 2, 3, 4]),
        (&[&[1]], &[&[5]], &[1]),
        (&[&[3]], &[&[5]], &[3]),
        (&[], &[&[2]], &[]),
    ];
    for (scope, filters, expected) in cases {
        let query = PageQuery {
            scope: terms(scope),
            ..filtered(filters)
        };
        let expected: Vec<_> = expected.iter().copied().map(Draft::id).collect();
        assert_eq!(
            store.found(&query).await,
            expected,
            "scope {scope:?} filters {filters:?}"
        );
    }
}

/// One term may be scope and filter of the same statement; each counts as what it is.
pub async fn a_term_may_be_scope_and_filter_at_once(store: &Fixture) {
    store
        .append([
            Draft::new(1).scope(&[1]).terms(&[1]),
            Draft::new(2).scope(&[1]),
        ])
        .await;
    store.append([Draft::new(3).scope(&[1]).refers_to(1)]).await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1, 3]));
    let scoped = PageQuery {
        scope: terms(&[&[1]]),
        ..everything()
    };
    assert_eq!(store.found(&scoped).await, numbers([1, 2, 3]));
}

/// Later than `since`, up to and including `until`; instants between two statements fit too.
pub async fn since_is_exclusive_and_until_inclusive(store: &Fixture) {
    for number in 1..=5 {
        store.clock.advance(10);
        store.append([Draft::new(number).terms(&[1])]).await;
    }
    let at = |index: usize, events: &[varde_core::ports::LogEvent]| events[index].stored;
    let events = store.events().await;
    let (second, fourth) = (at(1, &events), at(3, &events));
    let cases = [
        (Some(second), Some(fourth), numbers([3, 4])),
        (
            Some(Stored(second.0 - 1)),
            Some(Stored(fourth.0 - 1)),
            numbers([2, 3]),
        ),
        (
            Some(Stored(second.0 + 1)),
            Some(Stored(fourth.0 + 1)),
            numbers([3, 4]),
        ),
        (Some(fourth), None, numbers([5])),
        (None, Some(second), numbers([1, 2])),
        (Some(fourth), Some(second), Vec::new()),
        (
            Some(Stored(i64::MIN)),
            Some(Stored(i64::MAX)),
            numbers([1, 2, 3, 4, 5]),
        ),
        (Some(Stored(i64::MAX)), None, Vec::new()),
        (None, Some(Stored(i64::MIN)), Vec::new()),
    ];
    for (since, until, expected) in cases {
        for base in [everything(), filtered(&[&[1]])] {
            let query = PageQuery {
                since,
                until,
                ..base
            };
            assert_eq!(
                store.found(&query).await,
                expected,
                "{since:?} to {until:?}"
            );
        }
    }
}

/// `more` says whether another page would hold something, exactly.
pub async fn a_page_tells_whether_more_would_follow(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2),
            Draft::new(3).terms(&[1]),
        ])
        .await;
    for (limit, count, more) in [(1, 1, true), (2, 2, false), (3, 2, false)] {
        let page = store
            .page(&PageQuery {
                limit,
                ..filtered(&[&[1]])
            })
            .await;
        assert_eq!(
            (page.statements.len(), page.more),
            (count, more),
            "limit {limit}"
        );
    }
    store.append([Draft::new(4).voids(3)]).await;
    let first = PageQuery {
        limit: 1,
        through: Some(Position(3)),
        ..filtered(&[&[1]])
    };
    assert!(
        !store.page(&first).await.more,
        "a voided statement does not follow"
    );
}

/// Reads page after page, each behind the last statement of the one before.
async fn walk(store: &Fixture, mut query: PageQuery) -> Vec<StatementId> {
    let mut found = Vec::new();
    loop {
        let page = store.page(&query).await;
        assert!(page.statements.len() <= query.limit);
        found.extend(ids(&page.statements));
        query.through = Some(page.through);
        query.after = page.statements.last().map(|last| last.position);
        if !page.more {
            return found;
        }
        assert!(
            query.after.is_some(),
            "more was promised behind an empty page"
        );
    }
}

/// In both directions, at each size, no statement is left out or repeated.
pub async fn pages_continue_without_gap_or_repeat(store: &Fixture) {
    for number in 0..40 {
        store
            .append([Draft::new(number).terms(&[number % 2, number % 3 + 10])])
            .await;
    }
    store
        .append([
            Draft::new(100).voids(12),
            Draft::new(101).in_space("merse").terms(&[0]),
        ])
        .await;
    for ascending in [true, false] {
        for base in [
            everything(),
            filtered(&[&[0]]),
            filtered(&[&[0, 1], &[10, 11]]),
        ] {
            let whole = PageQuery { ascending, ..base };
            let expected = store.found(&whole).await;
            assert!(!expected.is_empty());
            for limit in [1, 2, 7, 40] {
                let found = walk(
                    store,
                    PageQuery {
                        limit,
                        ..whole.clone()
                    },
                )
                .await;
                assert_eq!(found, expected, "limit {limit}");
            }
        }
    }
}

/// Long lists that share little are joined right.
pub async fn long_lists_are_joined_right(store: &Fixture) {
    let draft = |n| Draft::new(n).terms(&[1 + n % 2, 10 + n / 400, 20 + n % 97]);
    for chunk in 0..8 {
        let batch = (chunk * 100..(chunk + 1) * 100)
            .map(|n| draft(n).build())
            .collect();
        store.log.append(batch).await.expect("appended");
    }
    let cases: [(Lists, Holds); 4] = [
        (&[&[1]], |n| n % 2 == 0),
        (&[&[2], &[11]], |n| n % 2 == 1 && n >= 400),
        (&[&[1, 2], &[20, 45], &[10, 11]], |n| {
            n % 97 == 0 || n % 97 == 25
        }),
        (&[&[1], &[20], &[11]], |n| n % 194 == 0 && n >= 400),
    ];
    for (lists, holds) in cases {
        let expected: Vec<_> = (0..800).filter(|n| holds(*n)).map(Draft::id).collect();
        assert_eq!(store.found(&filtered(lists)).await, expected, "{lists:?}");
        let newest = PageQuery {
            ascending: false,
            limit: 5,
            ..filtered(lists)
        };
        let reversed: Vec<_> = expected.into_iter().rev().collect();
        assert_eq!(
            walk(store, newest).await,
            reversed,
            "{lists:?}, newest first"
        );
    }
}

/// What is stored between two pages changes neither the pages nor their bound.
pub async fn pages_stay_stable_while_others_write(store: &Fixture) {
    let expected = [numbers([1, 2, 3, 4]), numbers([5, 4, 3, 2, 1])];
    store
        .append([Draft::new(1), Draft::new(2), Draft::new(3), Draft::new(4)])
        .await;
    for (ascending, expected) in [true, false].into_iter().zip(expected) {
        let mut query = PageQuery {
            ascending,
            limit: 2,
            ..everything()
        };
        let first = store.page(&query).await;
        store.append([Draft::new(expected.len() as u64 + 1)]).await;
        query.through = Some(first.through);
        query.after = Some(first.statements[1].position);
        query.limit = 100;
        let second = store.page(&query).await;
        let found = [ids(&first.statements), ids(&second.statements)].concat();
        assert_eq!(found, expected);
        assert_eq!((second.more, second.through), (false, first.through));
    }
}

/// A page is bounded by the head at least.
pub async fn a_page_names_the_head_that_bounds_it(store: &Fixture) {
    store
        .append([Draft::new(1), Draft::new(2), Draft::new(3)])
        .await;
    for (through, bound, count) in [
        (None, 3, 3),
        (Some(2), 2, 2),
        (Some(0), 0, 0),
        (Some(99), 3, 3),
    ] {
        let through = through.map(Position);
        let page = store
            .page(&PageQuery {
                through,
                ..everything()
            })
            .await;
        assert_eq!(
            (page.through, page.statements.len()),
            (Position(bound), count)
        );
    }
}

/// A page goes on behind any position, also one where nothing that fits stands.
pub async fn a_page_may_continue_behind_any_position(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2),
            Draft::new(3).terms(&[1]),
        ])
        .await;
    let cases = [
        (true, 0, numbers([1, 3])),
        (true, 1, numbers([3])),
        (true, 2, numbers([3])),
        (true, u64::MAX, Vec::new()),
        (false, u64::MAX, numbers([3, 1])),
        (false, 2, numbers([1])),
        (false, 1, Vec::new()),
        (false, 0, Vec::new()),
    ];
    for (ascending, after, expected) in cases {
        let query = PageQuery {
            ascending,
            after: Some(Position(after)),
            ..filtered(&[&[1]])
        };
        assert_eq!(
            store.found(&query).await,
            expected,
            "behind {after}, ascending {ascending}"
        );
    }
}

/// A page sees the spaces asked for and no other, in one order.
pub async fn a_page_reads_the_spaces_asked_for(store: &Fixture) {
    store
        .append([
            Draft::new(1).terms(&[1]),
            Draft::new(2).in_space("sing:test").terms(&[1]),
            Draft::new(3).in_space("merse").terms(&[1]),
            Draft::new(4).terms(&[1]),
        ])
        .await;
    let cases: [(&[&str], &[u64]); 4] = [
        (&["sing"], &[1, 4]),
        (&["merse", "sing"], &[1, 3, 4]),
        (&["sing:test"], &[2]),
        (&["merse:test"], &[]),
    ];
    for (names, expected) in cases {
        let spaces: Vec<_> = names.iter().map(|name| space(name)).collect();
        let expected: Vec<_> = expected.iter().copied().map(Draft::id).collect();
        for base in [everything(), filtered(&[&[1]])] {
            let query = PageQuery {
                spaces: spaces.clone(),
                ..base
            };
            assert_eq!(store.found(&query).await, expected, "{names:?}");
        }
    }
}

/// Events of other kinds take positions, but stand on no page.
pub async fn a_page_holds_statements_only(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    store.commit([], &["{}", "{}"]).await;
    store.append([Draft::new(2)]).await;
    let page = store.page(&everything()).await;
    assert_eq!(ids(&page.statements), numbers([1, 2]));
    assert_eq!(page.through, Position(4));
    let first = PageQuery {
        limit: 1,
        through: Some(Position(3)),
        ..everything()
    };
    let page = store.page(&first).await;
    assert!(!page.more, "an event does not follow");
}
