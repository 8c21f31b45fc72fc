//! What was gained between before and after.

use jiff::civil::date;
use serde_json::json;
use varde_competence::{Gain, OutcomeQuery, Post};

use crate::world::{QUIZ, Sent, World, is_person, is_unit_of};

const QUIZ_PAGE: &str = "https://lms.example.org/mod/quiz/view.php?id=42";

/// The quiz before and after, told apart by its page.
fn rules() -> [String; 2] {
    let before = QUIZ
        .replace("sing/planning-quiz", "sing/planning-before")
        .replace("phase: post", "phase: pre")
        .replace("id=42", "id=41");
    [before, QUIZ.to_owned()]
}

pub(crate) fn before(number: u128, learner: u32, scaled: &str, day: u32, scheme: &str) -> Sent {
    let mut sent = after(number, learner, scaled, day, scheme);
    let page = QUIZ_PAGE.replace("id=42", "id=41");
    sent.0["context"]["contextActivities"]["parent"] = json!([{ "id": page }]);
    sent
}

pub(crate) fn after(number: u128, learner: u32, scaled: &str, day: u32, scheme: &str) -> Sent {
    let at = format!("2026-02-{day:02}T10:00:00Z");
    let mut sent = Sent::quiz(number, learner, scaled, &at);
    sent.0["context"]["contextActivities"] =
        json!({"parent": [{ "id": QUIZ_PAGE }], "grouping": [{ "id": scheme }]});
    sent
}

const SPRING: &str = "https://example.org/spring";
const AUTUMN: &str = "https://example.org/autumn";

pub(crate) async fn world() -> World {
    let [before, after] = rules();
    let world = World::with(&[&before, &after]).await;
    let mut rows = vec![is_person(1, "p-001")];
    rows.extend(is_unit_of(SPRING, "sing"));
    rows.extend(is_unit_of(AUTUMN, "sing"));
    world.import(rows).await;
    world
}

/// Scheme, level before, level after and gain.
type Short<'a> = (Option<&'a str>, Option<u32>, Option<u32>, Option<i64>);

fn short(gains: &[Gain]) -> Vec<Short<'_>> {
    let each = gains.iter().map(|gain| {
        let level = |point: &Option<varde_competence::Point>| point.as_ref().map(|p| p.level);
        let scheme = gain.scheme.as_deref();
        (scheme, level(&gain.pre), level(&gain.post), gain.gain)
    });
    each.collect()
}

async fn gains(world: &World, day: i8, post: Post) -> Vec<Gain> {
    let query = OutcomeQuery {
        post,
        ..OutcomeQuery::as_of(date(2026, 2, day))
    };
    world.table(query).await.outcomes.remove(0).gains
}

#[tokio::test]
async fn the_last_evidence_from_before_is_compared_with_the_chosen_one_from_after() {
    let world = world().await;
    for sent in [
        before(1, 1, "0.85", 1, SPRING),
        before(2, 1, "0.25", 3, SPRING),
        after(3, 1, "0.45", 10, SPRING),
        after(4, 1, "0.85", 12, SPRING),
        after(5, 1, "0.65", 14, SPRING),
        // From before, but after the first from after: no beginning of anything.
        before(6, 1, "0.85", 20, SPRING),
    ] {
        world.send(&sent).await;
    }
    let spring = Some(SPRING);
    let best = gains(&world, 28, Post::Best).await;
    assert_eq!(short(&best), [(spring, Some(1), Some(4), Some(3))]);
    let first = gains(&world, 28, Post::First).await;
    assert_eq!(short(&first), [(spring, Some(1), Some(2), Some(1))]);
    let last = gains(&world, 28, Post::Last).await;
    assert_eq!(short(&last), [(spring, Some(1), Some(3), Some(2))]);
    let by_the_second = gains(&world, 2, Post::Best).await;
    assert_eq!(short(&by_the_second), [(spring, Some(4), None, None)]);
}

#[tokio::test]
async fn schemes_are_compared_apart_and_a_pair_takes_both() {
    let world = world().await;
    for sent in [
        before(1, 1, "0.65", 1, SPRING),
        after(2, 1, "0.45", 5, SPRING),
        before(3, 1, "0.25", 10, AUTUMN),
        after(4, 1, "0.85", 12, "https://example.org/of-no-register"),
    ] {
        world.send(&sent).await;
    }
    assert_eq!(
        short(&gains(&world, 28, Post::Best).await),
        [
            (None, None, Some(4), None),
            (Some(AUTUMN), Some(1), None, None),
            (Some(SPRING), Some(3), Some(2), Some(-1)),
        ]
    );
}

#[tokio::test]
async fn what_was_closed_or_voided_is_no_end_of_a_pair() {
    let world = world().await;
    world.send(&before(1, 1, "0.25", 1, SPRING)).await;
    world.send(&after(2, 1, "0.85", 10, SPRING)).await;
    world.send(&after(3, 1, "0.45", 11, SPRING)).await;
    let spring = Some(SPRING);
    assert_eq!(
        short(&gains(&world, 28, Post::Best).await),
        [(spring, Some(1), Some(4), Some(3))]
    );
    world.send(&Sent::voiding(4, 2)).await;
    assert_eq!(
        short(&gains(&world, 28, Post::Best).await),
        [(spring, Some(1), Some(2), Some(1))]
    );
    let forfeited = "https://w3id.org/xapi/tla/verbs/forfeited";
    let planning = "https://example.org/fw/entrecomp/1/planning-management";
    let lost = Sent::new(5, 1, forfeited, planning, "2026-02-20T10:00:00Z");
    world.send(&lost).await;
    assert_eq!(short(&gains(&world, 28, Post::Best).await), []);
}
