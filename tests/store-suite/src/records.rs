//! Records: versions, ranges, and commits that happen whole or not at all.

use varde_core::ports::{
    CHANGE_BYTES_MAX, CHANGES_MAX, Change, Changes, Collection, CommitError, Expected,
    KEY_BYTES_MAX, KeyRange, Position, Record,
};
use varde_test_support::Draft;

use crate::Fixture;
use crate::fixture::{STONES, delete, numbers, put};

async fn get(store: &Fixture, key: &str) -> Option<(String, u64)> {
    let record = store
        .records
        .get(STONES, key.as_bytes())
        .await
        .expect("the record is read")?;
    assert_eq!(record.key, key.as_bytes());
    Some((
        String::from_utf8(record.value).expect("a text"),
        record.version,
    ))
}

async fn keys(store: &Fixture, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Vec<Vec<u8>> {
    let range = KeyRange {
        prefix: prefix.to_vec(),
        after: after.map(<[u8]>::to_vec),
        limit,
    };
    let records = store
        .records
        .range(STONES, &range)
        .await
        .expect("the range is read");
    records.into_iter().map(|record| record.key).collect()
}

fn expecting(expected: Expected, change: Change) -> Change {
    Change { expected, ..change }
}

async fn assert_conflict<const N: usize>(store: &Fixture, changes: [Change; N], key: &str) {
    match store.try_commit(changes, &["{}"]).await {
        Err(CommitError::Conflict {
            collection,
            key: named,
        }) => {
            assert_eq!((collection, named.as_slice()), (STONES, key.as_bytes()));
        }
        other => panic!("expected a conflict, got {other:?}"),
    }
}

/// Absent is no error.
pub async fn an_absent_record_is_none(store: &Fixture) {
    assert_eq!(get(store, "a").await, None);
    assert_eq!(keys(store, b"", None, 10).await, [] as [Vec<u8>; 0]);
}

/// In the order in which they were asked for; one that holds nothing is there too.
pub async fn ranges_asked_for_together_are_each_as_alone(store: &Fixture) {
    store
        .commit([put("a1", "x"), put("a2", "y"), put("b", "z")], &[])
        .await;
    let range = |prefix: &[u8], after: Option<&[u8]>, limit| KeyRange {
        prefix: prefix.to_vec(),
        after: after.map(<[u8]>::to_vec),
        limit,
    };
    let ranges = [
        range(b"b", None, 1),
        range(b"c", None, 1),
        range(b"a", None, 1),
        range(b"a", Some(b"a1"), 9),
        range(b"", None, 9),
    ];
    let asked = ranges.iter().map(|range| (STONES, range.clone())).collect();
    let together = store.records.ranges(asked).await;
    let mut alone = Vec::new();
    for range in &ranges {
        let records = store.records.range(STONES, range).await;
        alone.push(records.expect("the range is read"));
    }
    assert_eq!(together.expect("the ranges are read"), alone);
    let counts: Vec<usize> = alone.iter().map(Vec::len).collect();
    assert_eq!(counts, [1, 0, 1, 1, 3]);
}

/// Each commit that happens has a greater number than the last, whatever it holds; a refused one
/// takes none.
pub async fn commits_are_numbered(store: &Fixture) {
    assert_eq!(store.commit([put("a", "x")], &[]).await.number, 1);
    let mut before = 1;
    assert_conflict(store, [expecting(Expected::Absent, put("a", "y"))], "a").await;
    let done = [
        store.commit([put("b", "x"), put("c", "x")], &[]).await,
        store.commit([], &["{}"]).await,
        store.commit([delete("b")], &[]).await,
        store.commit([], &[]).await,
    ];
    for commit in done {
        assert!(commit.number > before, "{} after {before}", commit.number);
        before = commit.number;
    }
}

/// Whichever records the commit put, made before or made anew.
pub async fn a_record_has_the_number_of_the_commit_that_put_it(store: &Fixture) {
    let first = store.commit([put("a", "1"), put("b", "1")], &[]).await;
    let second = store.commit([put("a", "2"), put("c", "2")], &[]).await;
    let versions = [
        ("a", "2", second.number),
        ("b", "1", first.number),
        ("c", "2", second.number),
    ];
    for (key, value, version) in versions {
        assert_eq!(get(store, key).await, Some((value.to_owned(), version)));
    }
}

/// Who read a record and meanwhile it was deleted and made again is told of the conflict, however
/// often that happened and even when the value is the same.
pub async fn a_record_made_again_is_another(store: &Fixture) {
    let mut read = store.commit([put("a", "x")], &[]).await.number;
    for _ in 0..3 {
        store.commit([delete("a")], &[]).await;
        let again = store.commit([put("a", "x")], &[]).await.number;
        assert_eq!(get(store, "a").await, Some(("x".to_owned(), again)));
        assert!(again > read, "{again} after {read}");
        let late = expecting(Expected::Version(read), put("a", "late"));
        assert_conflict(store, [late], "a").await;
        read = again;
    }
    store
        .commit([expecting(Expected::Version(read), put("a", "y"))], &[])
        .await;
}

/// Values are bytes: none, any, many.
pub async fn values_are_any_bytes(store: &Fixture) {
    let values = [Vec::new(), vec![0, 0xff, 0x80, 0], vec![0xa5; 1_000_000]];
    for value in values {
        let change = Change {
            value: Some(value.clone()),
            ..put("a", "")
        };
        store.commit([change], &[]).await;
        let record = store
            .records
            .get(STONES, b"a")
            .await
            .expect("read")
            .expect("there");
        assert_eq!(record.value, value);
    }
}

/// Each expectation is met or the commit is refused, naming the record.
pub async fn a_change_happens_only_as_expected(store: &Fixture) {
    use Expected::{Absent, Version};
    let made = expecting(Absent, put("a", "1"));
    let version = store.commit([made], &[]).await.number;
    let (right, wrong) = (Version(version), Version(version + 1));
    assert_conflict(store, [expecting(Absent, put("a", "2"))], "a").await;
    assert_conflict(store, [expecting(wrong, put("a", "2"))], "a").await;
    assert_conflict(store, [expecting(right, put("b", "2"))], "b").await;
    assert_conflict(store, [expecting(wrong, delete("a"))], "a").await;
    assert_conflict(store, [expecting(Absent, delete("a"))], "a").await;
    assert_eq!(get(store, "a").await, Some(("1".to_owned(), version)));
    let put_again = expecting(right, put("a", "2"));
    let version = store.commit([put_again], &[]).await.number;
    assert_eq!(get(store, "a").await, Some(("2".to_owned(), version)));
    store
        .commit([expecting(Version(version), delete("a"))], &[])
        .await;
    assert_eq!(get(store, "a").await, None);
    assert_eq!(
        store.head().await,
        Position(0),
        "a refused commit appended its event"
    );
}

/// Deleting what is not there is done already.
pub async fn deleting_an_absent_record_is_fine(store: &Fixture) {
    store
        .commit([delete("a"), expecting(Expected::Absent, delete("b"))], &[])
        .await;
    assert_eq!(get(store, "a").await, None);
}

/// The first conflict is named, and nothing happens: not before it, not after it, no event.
pub async fn a_commit_happens_whole_or_not_at_all(store: &Fixture) {
    let first = store.commit([put("a", "1"), put("b", "1")], &[]).await;
    let changes = [
        put("a", "2"),
        delete("b"),
        expecting(Expected::Version(7), put("c", "2")),
        expecting(Expected::Absent, put("b", "2")),
    ];
    assert_conflict(store, changes, "c").await;
    assert_eq!(get(store, "a").await, Some(("1".to_owned(), first.number)));
    assert_eq!(get(store, "b").await, Some(("1".to_owned(), first.number)));
    assert_eq!(get(store, "c").await, None);
    assert_eq!(store.head().await, Position(0));
}

/// Even two that would do the same.
pub async fn two_changes_to_one_key_are_a_conflict(store: &Fixture) {
    assert_conflict(store, [put("a", "1"), put("b", "1"), put("a", "1")], "a").await;
    assert_conflict(store, [delete("a"), put("a", "1")], "a").await;
    assert_eq!(keys(store, b"", None, 10).await, [] as [Vec<u8>; 0]);
}

/// The same key in two collections names two records.
pub async fn collections_stand_apart(store: &Fixture) {
    let other = Collection("paths");
    let elsewhere = Change {
        collection: other,
        ..put("a", "2")
    };
    let changes = [put("a", "1"), elsewhere, put("b", "1")];
    let version = store.commit(changes, &[]).await.number;
    assert_eq!(get(store, "a").await, Some(("1".to_owned(), version)));
    let range = KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: 10,
    };
    let records = store.records.range(other, &range).await.expect("read");
    assert_eq!(
        records,
        [Record {
            key: b"a".to_vec(),
            value: b"2".to_vec(),
            version
        }]
    );
    store
        .commit(
            [Change {
                collection: other,
                ..delete("a")
            }],
            &[],
        )
        .await;
    assert_eq!(get(store, "a").await, Some(("1".to_owned(), version)));
}

/// Bytewise, not as text; with prefix, start and limit.
pub async fn a_range_is_in_the_order_of_keys(store: &Fixture) {
    let all: [&[u8]; 8] = [
        b"\0",
        b"a",
        b"a\0",
        b"a\xff",
        b"a\xff\xff",
        b"b",
        b"\xff",
        b"\xff\xff",
    ];
    for key in [5, 2, 7, 0, 4, 1, 6, 3] {
        store
            .commit(
                [Change {
                    key: all[key].to_vec(),
                    ..put("", "x")
                }],
                &[],
            )
            .await;
    }
    assert_eq!(keys(store, b"", None, 100).await, all);
    assert_eq!(keys(store, b"", None, 3).await, all[..3]);
    assert_eq!(keys(store, b"a", None, 100).await, all[1..5]);
    assert_eq!(keys(store, b"a\xff", None, 100).await, all[3..5]);
    assert_eq!(keys(store, b"\xff", None, 100).await, all[6..]);
    assert_eq!(keys(store, b"c", None, 100).await, [] as [&[u8]; 0]);
    assert_eq!(keys(store, b"a", Some(b"a"), 100).await, all[2..5]);
    assert_eq!(keys(store, b"a", Some(b"a\0"), 1).await, all[3..4]);
    assert_eq!(keys(store, b"", Some(b"a\xfe"), 2).await, all[3..5]);
    assert_eq!(keys(store, b"a", Some(b"\0"), 100).await, all[1..5]);
    assert_eq!(keys(store, b"a", Some(b"c"), 100).await, [] as [&[u8]; 0]);
    assert_eq!(
        keys(store, b"", Some(b"\xff\xff"), 100).await,
        [] as [&[u8]; 0]
    );
}

/// A long range is read piece by piece.
pub async fn a_range_continues_behind_a_key(store: &Fixture) {
    let changes = (0..250).map(|n| put(&format!("k{n:03}"), "x")).collect();
    let commit = Changes {
        changes,
        ..Changes::default()
    };
    store.records.commit(commit).await.expect("committed");
    let (mut after, mut seen): (Option<Vec<u8>>, _) = (None, Vec::new());
    loop {
        let piece = keys(store, b"k", after.as_deref(), 30).await;
        let Some(last) = piece.last().cloned() else {
            break;
        };
        after = Some(last);
        seen.extend(piece);
    }
    let expected: Vec<_> = (0..250).map(|n| format!("k{n:03}").into_bytes()).collect();
    assert_eq!(seen, expected);
}

/// Events stand in the log behind what came before, and the commit tells where.
pub async fn events_of_a_commit_take_their_place_in_the_log(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    let committed = store
        .commit([put("a", "1")], &["{\"n\":1}", "{\"n\":2}"])
        .await;
    store.append([Draft::new(2)]).await;
    let events = store.events().await;
    let told: Vec<_> = events[1..3]
        .iter()
        .map(|event| (event.position, event.stored))
        .collect();
    assert_eq!(committed.events, told);
    assert_eq!(
        told.iter()
            .map(|(position, _)| position.0)
            .collect::<Vec<_>>(),
        [2, 3]
    );
    assert_eq!(events.len(), 4);
    assert_eq!(
        store.found(&crate::fixture::everything()).await,
        numbers([1, 2])
    );
}

/// A commit of nothing is fine.
pub async fn an_empty_commit_changes_nothing(store: &Fixture) {
    assert_eq!(store.commit([], &[]).await.events, []);
    assert_eq!(store.head().await, Position(0));
}

/// Over the count or over the bytes; an import is exempt.
pub async fn a_commit_over_its_bounds_is_refused(store: &Fixture) {
    let many = |count: usize| (0..count).map(|n| put(&format!("{n:05}"), "x")).collect();
    let large = vec![Change {
        value: Some(vec![1; CHANGE_BYTES_MAX]),
        ..put("a", "")
    }];
    let counts = [(many(CHANGES_MAX + 1), CHANGES_MAX + 1), (large, 1)];
    for (changes, count) in counts {
        let commit = Changes {
            changes,
            ..Changes::default()
        };
        let bytes = commit.bytes();
        match store.records.commit(commit.clone()).await {
            Err(CommitError::TooLarge {
                changes: c,
                bytes: b,
            }) => {
                assert_eq!((c, b), (count, bytes));
            }
            other => panic!("expected a refusal, got {other:?}"),
        }
        assert_eq!(keys(store, b"", None, 1).await.len(), 0);
        let import = Changes {
            import: true,
            ..commit
        };
        store
            .records
            .commit(import.clone())
            .await
            .expect("an import is exempt");
        let deletes = import.changes.into_iter().map(|change| Change {
            value: None,
            ..change
        });
        let deletes = Changes {
            changes: deletes.collect(),
            events: vec![],
            import: true,
        };
        store.records.commit(deletes).await.expect("committed");
    }
    let fits = Changes {
        changes: many(CHANGES_MAX),
        ..Changes::default()
    };
    store
        .records
        .commit(fits)
        .await
        .expect("just within the bound");
}

/// A key has 1 to 512 bytes.
pub async fn a_key_has_its_bounds(store: &Fixture) {
    let longest = "k".repeat(KEY_BYTES_MAX);
    let version = store.commit([put(&longest, "x")], &[]).await.number;
    assert_eq!(get(store, &longest).await, Some(("x".to_owned(), version)));
    for key in [String::new(), "k".repeat(KEY_BYTES_MAX + 1)] {
        let refused = store.try_commit([put("a", "x"), put(&key, "x")], &[]).await;
        assert!(
            matches!(refused, Err(CommitError::Store(_))),
            "{} bytes",
            key.len()
        );
    }
    assert_eq!(get(store, "a").await, None);
}

/// Writers that expect a version lose no update, however many race.
pub async fn racing_writers_lose_no_update(store: &Fixture) {
    let writers: Vec<_> = (0..12)
        .map(|_| {
            let records = store.records.clone();
            tokio::spawn(async move {
                loop {
                    let found = records.get(STONES, b"sum").await.expect("read");
                    let (sum, expected) = found.map_or((0, Expected::Absent), |record| {
                        (record.value.len(), Expected::Version(record.version))
                    });
                    let change = expecting(expected, put("sum", &"x".repeat(sum + 1)));
                    let changes = Changes {
                        changes: vec![change],
                        ..Changes::default()
                    };
                    match records.commit(changes).await {
                        Ok(_) => return,
                        Err(CommitError::Conflict { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("no panic");
    }
    let (sum, _) = get(store, "sum").await.expect("the sum is there");
    assert_eq!(sum, "x".repeat(12));
}
