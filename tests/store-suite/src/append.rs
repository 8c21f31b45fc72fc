//! Appending: whole batches, re-sends, conflicts, order.

use uuid::Uuid;
use varde_core::KeyId;
use varde_core::ports::{AppendError, Appended, Change, Expected, Position, Standing};
use varde_test_support::{Draft, space};

use crate::Fixture;
use crate::fixture::{STONES, delete, everything, filtered, numbers, put};

/// Every member comes back; the timestamp is cut to microseconds.
pub async fn a_statement_is_read_back_as_it_was_given(store: &Fixture) {
    let nanos = |nanos| jiff::Timestamp::from_nanosecond(nanos).expect("in range");
    let draft = Draft::new(1).refers_to(2).with(|new| {
        new.id_text = Some(new.id.to_string().to_uppercase());
        new.key = KeyId(Uuid::from_u128(0x1234));
        new.authority = r#"{"mbox":"mailto:ø@example.org"}"#.into();
        new.version = "2.0.0".into();
        new.timestamp = Some(nanos(1_772_366_400_123_456_789));
        new.equality = [0xab; 32];
        new.body = "{\"actor\": \"\\u0000 ø 𝄞\"}".into();
    });
    let given = draft.clone().build();
    store.append([draft]).await;

    let stored = store.statement(1).await.expect("stored");
    assert_eq!(stored.position, Position(1));
    assert_eq!((stored.id, stored.id_text), (given.id, given.id_text));
    assert_eq!((stored.space, stored.key), (given.space, given.key));
    assert_eq!(
        (stored.authority, stored.version),
        (given.authority, given.version)
    );
    assert_eq!(stored.timestamp, Some(nanos(1_772_366_400_123_456_000)));
    assert_eq!((stored.equality, stored.body), (given.equality, given.body));
    assert_eq!((stored.refers_to, stored.voids), (given.refers_to, None));
}

/// A timestamp before 1970 is cut towards the past like any other.
pub async fn a_timestamp_before_1970_is_cut_to_its_microsecond(store: &Fixture) {
    let nanos = |nanos| jiff::Timestamp::from_nanosecond(nanos).expect("in range");
    store
        .append([Draft::new(1).with(|new| new.timestamp = Some(nanos(-1)))])
        .await;
    let stored = store.statement(1).await.expect("stored");
    assert_eq!(stored.timestamp, Some(nanos(-1_000)));
}

/// The first position is 1, and each statement takes the next.
pub async fn positions_are_dense_and_follow_the_batch(store: &Fixture) {
    store.append([Draft::new(9), Draft::new(2)]).await;
    store.append([Draft::new(5)]).await;
    let events = store.events().await;
    let positions: Vec<_> = events.iter().map(|event| event.position.0).collect();
    assert_eq!(positions, [1, 2, 3]);
    assert_eq!(store.found(&everything()).await, numbers([9, 2, 5]));
}

/// What a batch did is told: how many were new, and the last position.
pub async fn an_append_tells_what_it_did(store: &Fixture) {
    let appended = store.append([Draft::new(1), Draft::new(2)]).await;
    assert_eq!(
        appended,
        Appended {
            new: 2,
            last: Position(2)
        }
    );
}

/// An empty batch rests on nothing.
pub async fn an_empty_batch_changes_nothing(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    let appended = store.append([]).await;
    assert_eq!(
        appended,
        Appended {
            new: 0,
            last: Position(0)
        }
    );
    assert_eq!(store.head().await, Position(1));
}

/// A re-send is told where the first one stands, and the first one stays as it was.
pub async fn an_equal_statement_again_changes_nothing(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2)]).await;
    let before = store.events().await;
    store.clock.advance(1_000);
    let again = Draft::new(1).terms(&[5]).with(|new| {
        new.body = "{}".into();
        new.id_text = Some(new.id.to_string().to_uppercase());
    });
    let appended = store.append([again]).await;
    assert_eq!(
        appended,
        Appended {
            new: 0,
            last: Position(1)
        }
    );
    assert_eq!(store.events().await, before);
    assert_eq!(store.found(&filtered(&[&[5]])).await, []);
}

/// The batch rests on its last position, whether that is of an old or a new statement.
pub async fn a_batch_of_old_and_new_adds_only_the_new(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2)]).await;
    let appended = store
        .append([Draft::new(3), Draft::new(1), Draft::new(4)])
        .await;
    assert_eq!(
        appended,
        Appended {
            new: 2,
            last: Position(4)
        }
    );
    let appended = store.append([Draft::new(4), Draft::new(1)]).await;
    assert_eq!(
        appended,
        Appended {
            new: 0,
            last: Position(4)
        }
    );
    assert_eq!(store.found(&everything()).await, numbers([1, 2, 3, 4]));
}

/// xAPI 1.0.3 Data 2.3.1: an id stands for one statement.
pub async fn another_statement_under_an_id_is_a_conflict(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    let named = store
        .conflict([Draft::new(2), Draft::new(1).changed(1)])
        .await;
    assert_eq!(named, (Draft::id(1), 1));
}

/// Ids are unique over all live spaces, so even an equal statement is in conflict there.
pub async fn an_id_of_another_space_is_a_conflict(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    let named = store.conflict([Draft::new(1).in_space("merse")]).await;
    assert_eq!(named, (Draft::id(1), 0));
}

/// Test spaces have one set of ids among them, as live spaces have.
pub async fn an_id_of_another_test_space_is_a_conflict(store: &Fixture) {
    store.append([Draft::new(1).in_space("sing:test")]).await;
    let named = store.conflict([Draft::new(1).in_space("merse:test")]).await;
    assert_eq!(named, (Draft::id(1), 0));
}

/// What was tried out never stands in the way of what is meant, nor the other way round.
pub async fn a_live_and_a_test_statement_may_have_one_id(store: &Fixture) {
    let tried = Draft::new(1).in_space("sing:test").changed(1);
    store.append([tried]).await;
    let appended = store.append([Draft::new(1)]).await;
    assert_eq!(appended.new, 1);
    let named = store.conflict([Draft::new(1).changed(2)]).await;
    assert_eq!(named, (Draft::id(1), 0));
    let (live, test) = (space("sing"), space("sing:test"));
    for (spaces, home) in [
        (vec![test.clone()], &test),
        (vec![live.clone()], &live),
        (vec![test.clone(), live.clone()], &live),
    ] {
        let found = store.log.get(&spaces, Draft::id(1), Standing::Valid).await;
        assert_eq!(&found.expect("read").expect("found").space, home);
    }
}

/// The second is a re-send of the first.
pub async fn an_equal_statement_twice_in_a_batch_is_stored_once(store: &Fixture) {
    let appended = store
        .append([Draft::new(1), Draft::new(2), Draft::new(1)])
        .await;
    assert_eq!(
        appended,
        Appended {
            new: 2,
            last: Position(2)
        }
    );
    assert_eq!(store.found(&everything()).await, numbers([1, 2]));
}

/// The later one of the two is named.
pub async fn two_statements_with_one_id_in_a_batch_are_a_conflict(store: &Fixture) {
    let batch = [Draft::new(1), Draft::new(2), Draft::new(1).changed(1)];
    assert_eq!(store.conflict(batch).await, (Draft::id(1), 2));
    let batch = [Draft::new(1), Draft::new(1).in_space("merse")];
    assert_eq!(store.conflict(batch).await, (Draft::id(1), 1));
    assert_eq!(store.head().await, Position(0));
}

/// Of several conflicts, the first in the batch is named.
pub async fn the_first_conflict_of_a_batch_is_named(store: &Fixture) {
    store.append([Draft::new(1), Draft::new(2)]).await;
    let batch = [
        Draft::new(3),
        Draft::new(2).changed(1),
        Draft::new(1).changed(1),
    ];
    assert_eq!(store.conflict(batch).await, (Draft::id(2), 1));
}

/// Neither statements nor what they would void or be found by.
pub async fn a_conflict_leaves_nothing_of_its_batch(store: &Fixture) {
    store
        .append([Draft::new(1).terms(&[1]), Draft::new(2)])
        .await;
    let before = store.events().await;
    let batch = [
        Draft::new(3).terms(&[1]),
        Draft::new(4).voids(1),
        Draft::new(5).refers_to(1),
        Draft::new(2).changed(1),
    ];
    assert_eq!(store.conflict(batch).await, (Draft::id(2), 3));
    assert_eq!(store.events().await, before);
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1]));
    assert!(store.statement(3).await.is_none());
    // The ids are free, and what refers to them finds nothing of the refused ones.
    store.append([Draft::new(3).changed(1)]).await;
    assert_eq!(store.found(&filtered(&[&[1]])).await, numbers([1]));
}

/// A returned append is seen by every way of reading.
pub async fn a_statement_is_visible_once_appended(store: &Fixture) {
    for number in 1..=20 {
        let appended = store.append([Draft::new(number).terms(&[number])]).await;
        assert_eq!(store.head().await, appended.last);
        assert_eq!(
            store.found(&filtered(&[&[number]])).await,
            numbers([number])
        );
        let got = store
            .log
            .get(&[space("sing")], Draft::id(number), Standing::Valid)
            .await;
        assert!(got.expect("read").is_some());
        let behind = Position(appended.last.0 - 1);
        assert_eq!(
            store.log.follow(behind, 9).await.expect("followed").len(),
            1
        );
    }
}

/// Many at once: each batch stays together and none is lost.
pub async fn writers_at_once_get_dense_positions(store: &Fixture) {
    let writers = (0..30u64).map(|writer| {
        let log = store.log.clone();
        let batch = (0..4).map(|n| Draft::new(writer * 4 + n).build()).collect();
        tokio::spawn(async move { log.append(batch).await.expect("appended") })
    });
    for writer in writers.collect::<Vec<_>>() {
        assert_eq!(writer.await.expect("no panic").new, 4);
    }
    let events = store.events().await;
    assert!(
        events
            .iter()
            .zip(1..)
            .all(|(event, position)| event.position.0 == position)
    );
    let found = store.found(&everything()).await;
    assert_eq!(found.len(), 120);
    let together = |batch: &[_]| batch.windows(2).all(|two| two[0] < two[1]);
    assert!(found.chunks(4).all(together), "a batch was torn apart");
}

/// Of writers that race for one id, one wins; and others in the same moment come to no harm.
pub async fn a_conflict_harms_no_other_writer(store: &Fixture) {
    let writers = (0..40u8).map(|writer| {
        let log = store.log.clone();
        let own = Draft::new(100 + u64::from(writer)).build();
        let raced = Draft::new(1).changed(writer).build();
        let batch = if writer % 2 == 0 {
            vec![own, raced]
        } else {
            vec![own]
        };
        tokio::spawn(async move { log.append(batch).await })
    });
    let mut appended = 0;
    for writer in writers.collect::<Vec<_>>() {
        appended += usize::from(writer.await.expect("no panic").is_ok());
    }
    assert_eq!(appended, 21, "twenty without a race, and one that won it");
    assert_eq!(store.found(&everything()).await.len(), 22);
    assert_eq!(store.head().await, Position(22));
}

async fn append_with<const N: usize, const M: usize>(
    store: &Fixture,
    batch: [Draft; N],
    beside: [Change; M],
) -> Result<Appended, AppendError> {
    let batch = batch.map(Draft::build).to_vec();
    store.log.append_with(batch, beside.to_vec()).await
}

async fn stone(store: &Fixture, key: &str) -> Option<(Vec<u8>, u64)> {
    let record = store.records.get(STONES, key.as_bytes()).await;
    let record = record.expect("the record is read");
    record.map(|record| (record.value, record.version))
}

/// The changes are one commit, with a number of its own.
pub async fn records_change_in_the_act_of_an_append(store: &Fixture) {
    let before = store.commit([put("a", "x"), put("b", "x")], &[]).await;
    let beside = [put("a", "y"), delete("b"), put("c", "z")];
    let appended = append_with(store, [Draft::new(1)], beside).await;
    assert_eq!(appended.expect("appended").new, 1);
    let number = before.number + 1;
    assert_eq!(stone(store, "a").await, Some((b"y".to_vec(), number)));
    assert_eq!(stone(store, "b").await, None);
    assert_eq!(stone(store, "c").await, Some((b"z".to_vec(), number)));
    let next = store.commit([put("d", "x")], &[]).await;
    assert!(next.number > number);
}

/// Neither the statements nor the records, and the record is named.
pub async fn an_append_beside_which_a_record_is_not_as_expected_is_refused(store: &Fixture) {
    store.commit([put("a", "x")], &[]).await;
    let absent = Change {
        expected: Expected::Absent,
        ..put("a", "y")
    };
    let refused = append_with(store, [Draft::new(1)], [put("b", "y"), absent]).await;
    match refused {
        Err(AppendError::Beside { collection, key }) => {
            assert_eq!((collection, key.as_slice()), (STONES, b"a".as_slice()));
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
    assert!(store.statement(1).await.is_none());
    assert_eq!(store.head().await, Position(0));
    assert_eq!(stone(store, "b").await, None);
    let twice = append_with(store, [Draft::new(1)], [put("b", "x"), put("b", "y")]).await;
    assert!(matches!(twice, Err(AppendError::Beside { .. })));
}

/// What stands in conflict is told first, and no record changes.
pub async fn a_refused_append_changes_no_record(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    let other = Draft::new(1).with(|new| new.equality = [0xcd; 32]);
    let refused = append_with(store, [Draft::new(2), other], [put("a", "x")]).await;
    assert!(matches!(
        refused,
        Err(AppendError::Conflict { index: 1, .. })
    ));
    assert_eq!(stone(store, "a").await, None);
}

/// A re-send makes its changes too: they are what is to be so once it stands.
pub async fn records_change_beside_statements_that_stand_already(store: &Fixture) {
    store.append([Draft::new(1)]).await;
    let again = append_with(store, [Draft::new(1)], [put("a", "x")]).await;
    assert_eq!(again.expect("appended").new, 0);
    assert!(stone(store, "a").await.is_some());
}

/// Of appends that each make the same record, one happens.
pub async fn of_appends_that_race_for_a_record_one_happens(store: &Fixture) {
    let racing: Vec<_> = (1..=8)
        .map(|number| {
            let log = store.log.clone();
            let made = Change {
                expected: Expected::Absent,
                ..put("a", "x")
            };
            let batch = vec![Draft::new(number).build()];
            tokio::spawn(async move { log.append_with(batch, vec![made]).await })
        })
        .collect();
    let (mut won, mut lost) = (0, 0);
    for one in racing {
        match one.await.expect("no panic") {
            Ok(_) => won += 1,
            Err(AppendError::Beside { .. }) => lost += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((won, lost), (1, 7));
    assert_eq!(store.head().await, Position(1));
}
