//! Answers are kept while nothing came or went, and no more of them than there is room for.

use std::sync::Arc;

use varde_core::ledger::{Grounds, Ledger, Remembered, Snapshot};

use crate::history::Act;
use crate::kept::seen;
use crate::world::World;

async fn snapshot(world: &World) -> Snapshot {
    world.runner.catch_up().await.unwrap();
    let ledger = Ledger::new(world.log.clone(), world.records.clone());
    ledger.current("seen", None).await.unwrap().remove(0)
}

#[tokio::test]
async fn an_answer_is_given_again_until_an_entry_or_the_registers_change() {
    let world = seen().await;
    let before = snapshot(&world).await;
    let registers = world.registers.refresh().await.unwrap();
    let answers = Remembered::new(10);
    let looking = Grounds {
        snapshots: &[&before],
        registers: Some(&registers),
    };
    let not_looking = Grounds {
        registers: None,
        ..looking
    };
    answers.put("all", looking, 1, 1);
    answers.put("whatever the registers say", not_looking, 2, 1);
    assert_eq!(answers.get(&"all", looking), Some(1));
    assert_eq!(answers.get(&"other", looking), None);
    assert_eq!(answers.get(&"all", not_looking), None);

    let others = Arc::new((*registers).clone());
    let changed = Grounds {
        registers: Some(&others),
        ..looking
    };
    assert_eq!(answers.get(&"all", changed), None);
    assert_eq!(
        answers.get(&"whatever the registers say", not_looking),
        Some(2)
    );

    let test = true;
    let elsewhere = Act::Statement {
        n: 2,
        who: 2,
        what: 1,
        day: -19,
        test,
    };
    world.act(&elsewhere).await;
    let later = snapshot(&world).await;
    assert!(later.known_at > before.known_at);
    let nothing_came = Grounds {
        snapshots: &[&later],
        registers: None,
    };
    let kept = "whatever the registers say";
    assert_eq!(answers.get(&kept, nothing_came), Some(2));
    let (n, who, what, day, test) = (3, 2, 1, -18, false);
    let statement = Act::Statement {
        n,
        who,
        what,
        day,
        test,
    };
    world.act(&statement).await;
    let later = snapshot(&world).await;
    let one_came = Grounds {
        snapshots: &[&later],
        registers: None,
    };
    assert_eq!(answers.get(&kept, one_came), None);
    assert_eq!(answers.get(&kept, not_looking), Some(2), "as known then");
}

#[tokio::test]
async fn what_was_asked_for_longest_ago_goes_and_the_last_stays_whatever_its_size() {
    let world = seen().await;
    let snapshot = snapshot(&world).await;
    let grounds = Grounds {
        snapshots: &[&snapshot],
        registers: None,
    };
    let answers = Remembered::new(10);
    for (question, rows) in [("one", 4), ("two", 4)] {
        answers.put(question, grounds, rows, rows);
    }
    assert_eq!(answers.get(&"one", grounds), Some(4), "both fit");
    answers.put("three", grounds, 4, 4);
    assert_eq!(answers.get(&"two", grounds), None, "asked for longest ago");
    assert_eq!(answers.get(&"one", grounds), Some(4));
    answers.put("large", grounds, 100, 100);
    assert_eq!(answers.get(&"large", grounds), Some(100));
    assert_eq!(answers.get(&"one", grounds), None);
}
