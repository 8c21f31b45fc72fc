//! Opening balances.

use rust_decimal::Decimal;
use varde_interreg::reports::{Cause, OpeningBalance, ReportError, ReportKey};

use crate::world::{FIRST, SCHEME, SECOND, World, code, corrections, figures, indicator, steward};

fn opening(value: i64, keys: Option<&[&str]>) -> OpeningBalance {
    let key = |person: &&str| ReportKey {
        unit: Some(SCHEME.to_owned()),
        person: Some((*person).to_owned()),
        organisation: None,
    };
    OpeningBalance {
        value: Decimal::from(value),
        as_of: FIRST.parse().unwrap(),
        source: "Progress report 3".to_owned(),
        document: None,
        keys: keys.map(|keys| keys.iter().map(key).collect()),
    }
}

/// Two learners before the balance's day, of whom one is on file, and one behind it.
async fn world() -> World {
    let world = World::new().await;
    world
        .import("people.csv", "pseudonym,gender,birth_year_band,nuts3\np-1,female,1980-1989,NO060\np-2,male,1980-1989,NO060\n")
        .await;
    let identities = "ifi,pseudonym\nmailto:learner-1@example.org,p-1\n\
        mailto:learner-2@example.org,p-2\n";
    world.import("identities.csv", identities).await;
    world.begins(1, 1, "2025-02-01").await;
    world.begins(2, 2, "2025-03-01").await;
    world.begins(3, 3, "2025-08-01").await;
    world
}

async fn set(world: &World, balance: Option<OpeningBalance>) -> Result<(), ReportError> {
    let project = "sing".parse().unwrap();
    let rco85 = code("RCO85");
    world
        .reports
        .set_opening(&steward(1), &project, &rco85, balance)
        .await
}

#[tokio::test]
async fn without_a_list_a_balance_stands_for_everything_up_to_its_day() {
    let world = world().await;
    set(&world, Some(opening(10, None))).await.unwrap();
    world.after(SECOND);
    world.open(SECOND).await;
    let view = world.submit(SECOND).await;
    assert_eq!(figures(&view), [10, 1, 0, 1, 11]);
    let used = indicator(&view, "RCO85").opening.as_ref().unwrap();
    assert_eq!(
        (used.covered, used.source.as_str()),
        (2, "Progress report 3")
    );
    assert_eq!(figures(&world.show(SECOND).await), [10, 1, 0, 1, 11]);
}

#[tokio::test]
async fn with_a_list_the_keys_on_it_count_once_and_those_not_on_it_are_a_correction() {
    let world = world().await;
    set(&world, Some(opening(10, Some(&["p-1"]))))
        .await
        .unwrap();
    world.after(SECOND);
    world.open(SECOND).await;
    let view = world.show(SECOND).await;
    assert_eq!(figures(&view), [10, 1, 1, 2, 12]);
    let [only] = corrections(&view) else {
        panic!("{:?}", corrections(&view));
    };
    assert_eq!(only.cause, Cause::NotReported);
    let person = only.key.person.as_ref().unwrap();
    assert_eq!(view.persons[person], "p-2");
}

#[tokio::test]
async fn the_report_after_the_first_goes_on_from_its_total() {
    let world = world().await;
    set(&world, Some(opening(10, None))).await.unwrap();
    world.reported(SECOND).await;
    world.open("2026-06-30").await;
    world.begins(4, 4, "2026-01-15").await;
    let view = world.show("2026-06-30").await;
    assert_eq!(figures(&view), [11, 1, 0, 1, 12]);
    assert_eq!(corrections(&view), []);
}

#[tokio::test]
async fn a_balance_stays_as_it_is_once_a_report_was_made_from_it() {
    let world = world().await;
    set(&world, Some(opening(10, None))).await.unwrap();
    set(&world, None).await.unwrap();
    set(&world, Some(opening(12, None))).await.unwrap();
    world.reported(SECOND).await;
    for balance in [None, Some(opening(10, None))] {
        let refused = set(&world, balance).await;
        assert!(
            matches!(refused, Err(ReportError::OpeningUsed { .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_balance_names_a_source_documents_that_are_kept_and_persons_that_are_known() {
    let world = world().await;
    let refused = async |balance: OpeningBalance| match set(&world, Some(balance)).await {
        Err(ReportError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let balance = opening(10, None);
    let source = String::new();
    assert_eq!(
        refused(OpeningBalance {
            source,
            ..balance.clone()
        })
        .await,
        "source"
    );
    let document = Some("f".repeat(64));
    assert_eq!(
        refused(OpeningBalance {
            document,
            ..balance.clone()
        })
        .await,
        "document"
    );
    assert_eq!(refused(opening(10, Some(&["p-nobody"]))).await, "person");
    let keys = Some([ReportKey::default()].into());
    assert_eq!(refused(OpeningBalance { keys, ..balance }).await, "keys");
}
