//! What holds for any statements in any order.

use jiff::civil::date;
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};
use varde_competence::Outcome;

use crate::world::{QUIZ, Sent, World, is_person};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

/// Learner 1 to 3, score in hundredths, day of February.
type Attempt = (u32, u32, u32);

fn attempts() -> impl Strategy<Value = Vec<(u128, Attempt)>> {
    let attempts = prop::collection::vec((1..=3_u32, 0..=100_u32, 1..=28_u32), 1..12);
    attempts.prop_map(|attempts| (1..).zip(attempts).collect())
}

fn quiz(number: u128, (learner, hundredths, day): Attempt) -> Sent {
    let scaled = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    Sent::quiz(
        number,
        learner,
        &scaled,
        &format!("2026-02-{day:02}T10:00:00Z"),
    )
}

/// Sends attempts in this order, with two of the learners registered as one person on the way.
async fn outcomes(attempts: &[(u128, Attempt)], as_of: i8) -> Vec<Outcome> {
    let world = World::with(&[QUIZ]).await;
    let (before, after) = attempts.split_at(attempts.len() / 2);
    for (number, attempt) in before {
        world.send(&quiz(*number, *attempt)).await;
    }
    world
        .import(vec![
            is_person(1, "p-001"),
            is_person(2, "p-001"),
            is_person(3, "p-003"),
        ])
        .await;
    for (number, attempt) in after {
        world.send(&quiz(*number, *attempt)).await;
    }
    world.as_of(date(2026, 2, as_of)).await
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_arrival_does_not_matter(
        (attempts, shuffled) in attempts().prop_flat_map(|a| (Just(a.clone()), Just(a).prop_shuffle())),
        day in 1..=28_i8,
    ) {
        runtime().block_on(async {
            prop_assert_eq!(outcomes(&attempts, day).await, outcomes(&shuffled, day).await);
            Ok(())
        })?;
    }

    #[test]
    fn one_attempt_more_never_lowers_a_level(attempts in attempts(), day in 1..=28_i8) {
        runtime().block_on(async {
            let all = outcomes(&attempts, day).await;
            let fewer = attempts.split_last().map_or(&[][..], |(_, fewer)| fewer);
            for before in outcomes(fewer, day).await {
                let after = all.iter().find(|outcome| outcome.person == before.person);
                prop_assert!(after.is_some_and(|after| after.level >= before.level));
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_level_is_that_of_the_best_score_so_far(attempts in attempts(), day in 1..=28_i8) {
        runtime().block_on(async {
            let level = |hundredths: u32| (hundredths / 20).min(4);
            let best = |learners: &[u32]| {
                let of = attempts.iter().map(|(_, attempt)| attempt);
                let by_day = of.filter(|(who, _, on)| learners.contains(who) && i64::from(*on) <= i64::from(day));
                by_day.map(|(_, hundredths, _)| level(*hundredths)).max().filter(|level| *level > 0)
            };
            let mut expected: Vec<_> = [best(&[1, 2]), best(&[3])].into_iter().flatten().collect();
            let mut found: Vec<_> = outcomes(&attempts, day).await.iter().map(|o| o.level).collect();
            expected.sort_unstable();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
            Ok(())
        })?;
    }
}
