//! The next report tells, key by key, what differs from what was accepted.

use varde_core::registers::{Entity, EntityKind, Row};
use varde_interreg::reports::Cause;
use varde_xapi::StatementId;

use crate::world::{FIRST, SCHEME, SECOND, World, corrections, figures, indicator};

/// Three learners in an accepted report.
async fn accepted() -> World {
    let world = World::new().await;
    for learner in 1..=3 {
        world.begins(learner, learner, "2025-02-01").await;
    }
    let view = world.reported(FIRST).await;
    assert_eq!(figures(&view), [0, 3, 0, 3, 3]);
    world.open(SECOND).await;
    world
}

#[tokio::test]
async fn a_voided_attendance_is_taken_back_and_names_what_voided_it() {
    let world = accepted().await;
    let by = world.voids(10, 2).await;
    world.begins(4, 4, "2025-08-01").await;
    world.after(SECOND);
    let view = world.submit(SECOND).await;
    assert_eq!(figures(&view), [3, 1, -1, 0, 3]);
    let [only] = corrections(&view) else {
        panic!("{:?}", corrections(&view));
    };
    let Cause::Voided {
        statement,
        by: found,
        ..
    } = only.cause
    else {
        panic!("{only:?}");
    };
    let target: StatementId = varde_test_support::Draft::id(2);
    assert_eq!((statement, found), (target, by));
    assert_eq!(only.amount, -rust_decimal::Decimal::ONE);
    assert_eq!(only.statements, [target]);
    assert!(only.sentence.contains(&by.to_string()), "{}", only.sentence);
    // The accepted report is what it was.
    let first = world.tried(FIRST, Some(1)).await.unwrap();
    assert_eq!(figures(&first), [0, 3, 0, 3, 3]);
    assert_eq!(
        view.report.previous.unwrap().hash,
        first.listed.hash.unwrap()
    );
}

#[tokio::test]
async fn a_late_statement_adds_one_and_says_since_when_it_is_known() {
    let world = accepted().await;
    let late = world.begins(4, 4, "2025-03-01").await;
    let view = world.show(SECOND).await;
    assert_eq!(figures(&view), [3, 0, 1, 1, 4]);
    let [only] = corrections(&view) else {
        panic!("{:?}", corrections(&view));
    };
    let Cause::LateStatement { statement, known } = only.cause else {
        panic!("{only:?}");
    };
    let first = world.tried(FIRST, None).await.unwrap();
    assert_eq!(statement, late);
    assert!(known > first.report.known_at);
}

#[tokio::test]
async fn a_merge_of_two_reported_persons_takes_one_back_with_the_row_that_merged_them() {
    let world = World::new().await;
    let people = "pseudonym,gender,birth_year_band,nuts3\np-1,female,1980-1989,NO060\np-2,female,1980-1989,NO060\n";
    world.import("people.csv", people).await;
    let identities = "ifi,pseudonym\nmailto:learner-1@example.org,p-1\n\
        mailto:learner-2@example.org,p-2\n";
    world.import("identities.csv", identities).await;
    world.begins(1, 1, "2025-02-01").await;
    world.begins(2, 2, "2025-03-01").await;
    world.reported(FIRST).await;
    world.open(SECOND).await;
    world.registers.merge("p-2", "p-1", None).await.unwrap();
    world.settle().await;
    let view = world.show(SECOND).await;
    assert_eq!(figures(&view), [2, 0, -1, -1, 1]);
    let [only] = corrections(&view) else {
        panic!("{:?}", corrections(&view));
    };
    let Cause::Merged { into } = &only.cause else {
        panic!("{only:?}");
    };
    assert_eq!(
        indicator(&view, "RCO85").keys[0].key.person.as_ref(),
        Some(into)
    );
    assert_eq!(only.rows.len(), 1, "{only:?}");

    world.registers.unmerge("p-2", None).await.unwrap();
    world.settle().await;
    let view = world.show(SECOND).await;
    assert_eq!(figures(&view), [2, 0, 0, 0, 2]);
    assert_eq!(corrections(&view), []);
}

#[tokio::test]
async fn a_scheme_that_is_joint_no_more_leaves_its_keys_out_for_that_reason() {
    let world = accepted().await;
    let taken_back = Row {
        entity: Entity::new(EntityKind::Activity, SCHEME),
        field: "organiser:SE-402000-0008".to_owned(),
        value: None,
        valid_from: None,
        valid_to: None,
    };
    world.registers.import(vec![taken_back]).await.unwrap();
    world.settle().await;
    let view = world.show(SECOND).await;
    assert_eq!(figures(&view), [3, 0, -3, -3, 0]);
    let found = corrections(&view);
    assert_eq!(found.len(), 3);
    for one in found {
        let Cause::LeftOut { reason } = &one.cause else {
            panic!("{one:?}");
        };
        assert_eq!(reason, "not-joint");
        assert_eq!(one.rows.len(), 1, "the row that took it back: {one:?}");
    }
}

#[tokio::test]
async fn an_alias_that_comes_later_moves_a_key_to_the_person_it_belongs_to() {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    world.reported(FIRST).await;
    world.open(SECOND).await;
    world
        .import(
            "people.csv",
            "pseudonym,gender,birth_year_band,nuts3\np-1,female,1980-1989,NO060\n",
        )
        .await;
    let identities = "ifi,pseudonym\nmailto:learner-1@example.org,p-1\n";
    world.import("identities.csv", identities).await;
    let view = world.show(SECOND).await;
    assert_eq!(figures(&view), [1, 0, 0, 0, 1]);
    let found = corrections(&view);
    assert_eq!(found.len(), 2, "{found:?}");
    let causes: Vec<_> = found.iter().map(|one| &one.cause).collect();
    let taken = causes
        .iter()
        .any(|cause| matches!(cause, Cause::CountsAs { .. }));
    let given = causes
        .iter()
        .any(|cause| matches!(cause, Cause::CountedAs { .. }));
    assert!(taken && given, "{causes:?}");
}

#[tokio::test]
async fn what_a_period_without_a_report_held_comes_as_a_correction_that_says_so() {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    world.begins(2, 2, "2025-08-01").await;
    world.after(SECOND);
    world.open(SECOND).await;
    let view = world.submit(SECOND).await;
    assert_eq!(figures(&view), [0, 1, 1, 2, 2]);
    assert_eq!(corrections(&view)[0].cause, Cause::NotReported);
}

#[tokio::test]
async fn what_is_submitted_and_not_accepted_is_no_base_for_the_next() {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    world.after(FIRST);
    world.open(FIRST).await;
    world.submit(FIRST).await;
    world.open(SECOND).await;
    assert_eq!(figures(&world.show(SECOND).await), [0, 0, 1, 1, 1]);
    world.accept(FIRST).await;
    assert_eq!(figures(&world.show(SECOND).await), [1, 0, 0, 0, 1]);
}

#[tokio::test]
async fn another_version_of_the_set_that_counts_the_same_needs_no_correction() {
    let world = accepted().await;
    world.second_version().await;
    let view = world.show(SECOND).await;
    assert_eq!(view.report.definition, "sing@2");
    assert_eq!(figures(&view), [3, 0, 0, 0, 3]);
    assert_eq!(corrections(&view), []);
}
