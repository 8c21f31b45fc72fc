//! Random histories: what can become known, in any order.

use jiff::{Span, Timestamp};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
use varde_xapi::Stored;

use crate::meaning::{Deed, Meaning, Told, activity, competence, scheme};
use crate::world::{Sent, World, is_person};
use crate::world_of_histories::compiled;

/// One thing that becomes known.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Tells(Told),
    /// The same statement is sent again.
    Again(u128),
    /// Voids the statement of this number, sent or not.
    Voids(u128),
    /// The register says which person a learner is.
    Names(u32, u32),
    /// A person is another one.
    Merges(u32, u32),
    /// A person is not another one after all.
    Unmerges(u32),
    /// A rule is replaced by its next version.
    Replaces(usize),
    /// A statement is erased.
    Forgets(u128),
    /// A learner is erased, as a person or by the identifier.
    Erases(u32),
}

/// How much there is in a history.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Learners who are given to the same number of persons, who are merged.
    pub(crate) learners: u32,
    /// Further learners, each a person alone, who may be erased.
    pub(crate) erasable: u32,
    /// How often the register names a learner, beside 47 other things.
    pub(crate) names: u32,
    /// How often persons are merged at most, a rule is replaced, and a learner erased.
    pub(crate) merged: usize,
    pub(crate) replaced: usize,
    pub(crate) erased: usize,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0..=100_u32).prop_map(Deed::Scored),
        1 => Just(Deed::Passed),
        1 => Just(Deed::Failed),
        2 => Just(Deed::Completed),
        1 => Just(Deed::Uncompleted),
        4 => (1..200_u32).prop_map(Deed::Attended),
        2 => (0..6_u32).prop_map(Deed::Asserted),
        1 => prop_oneof![Just(Deed::Revoked), Just(Deed::Forfeited), Just(Deed::Expired)],
    ]
}

/// A statement of some day of 2025, in whatever order they are sent.
fn told(scale: Scale) -> impl Strategy<Value = Told> {
    (
        1..=scale.learners + scale.erasable,
        deed(),
        0..7_u32,
        0..300_i64,
        prop::option::weighted(0.2, 1..90_i32),
        prop::option::weighted(0.7, 0..2_u32),
    )
        .prop_map(|(learner, deed, object, day, holds, scheme)| {
            let begin: Timestamp = "2025-01-01T10:00:00Z".parse().expect("an instant");
            let at = begin.checked_add(Span::new().hours(24 * day));
            Told {
                number: 0,
                learner,
                deed,
                object: if is_closing(deed) { object } else { object % 4 },
                at: at.expect("an instant"),
                scheme,
                holds,
            }
        })
}

fn is_closing(deed: Deed) -> bool {
    matches!(deed, Deed::Revoked | Deed::Forfeited | Deed::Expired)
}

fn act(scale: Scale, number: usize) -> impl Strategy<Value = Act> {
    let statement = move || 1..=number as u128;
    let Scale {
        learners, erasable, ..
    } = scale;
    let names = (1..=learners + erasable, 1..=learners).prop_map(move |(learner, person)| {
        let person = if learner > learners { learner } else { person };
        Act::Names(learner, person)
    });
    prop_oneof![
        40 => told(scale).prop_map(Act::Tells),
        1 => statement().prop_map(Act::Again),
        5 => statement().prop_map(Act::Voids),
        scale.names => names,
        1 => statement().prop_map(Act::Forgets),
    ]
}

/// Merges a person into a later one, so that nobody becomes themselves over a detour, or takes a
/// merge back.
fn merge(learners: u32) -> impl Strategy<Value = Act> {
    let merges = (1..learners.max(2), 1..=learners).prop_map(|(one, into)| {
        if one < into {
            Act::Merges(one, into)
        } else {
            Act::Unmerges(one)
        }
    });
    prop_oneof![3 => merges, 1 => (1..=learners).prop_map(Act::Unmerges)]
}

/// Draws a history. Nothing is erased in its first half, and no rule is replaced in its second: what
/// a new version counts of what was erased before is another matter.
pub(crate) fn acts(
    scale: Scale,
    number: std::ops::Range<usize>,
    rules: usize,
) -> impl Strategy<Value = Vec<Act>> {
    let act = act(scale, number.end);
    let place = any::<Index>;
    let replaced = (0..rules).prop_map(Act::Replaces);
    let replaced = prop::collection::vec((place(), replaced), 0..=scale.replaced);
    let merged = prop::collection::vec((place(), merge(scale.learners)), 0..=scale.merged);
    let erased = (1..=scale.erasable).prop_map(move |one| Act::Erases(scale.learners + one));
    let erased = prop::collection::vec((place(), erased), 0..=scale.erased);
    let repeats = prop::collection::vec((any::<Index>(), any::<Index>()), number.end / 30);
    let acts = prop::collection::vec(act, number);
    let sprinkled = (merged, replaced, erased);
    (acts, repeats, sprinkled).prop_map(|(mut acts, repeats, (merged, replaced, erased))| {
        for (from, to) in repeats {
            // The same is told once more, under another id.
            let (from, to) = (from.index(acts.len()), to.index(acts.len()));
            if matches!(acts[from], Act::Tells(_)) {
                acts[to] = acts[from].clone();
            }
        }
        let mut last = acts.split_off(acts.len() / 2);
        acts.retain(|act| !matches!(act, Act::Forgets(_)));
        for (half, sprinkled) in [(&mut acts, replaced), (&mut last, erased)] {
            for (place, act) in sprinkled {
                half.insert(place.index(half.len() + 1), act);
            }
        }
        acts.append(&mut last);
        for (place, act) in merged {
            acts.insert(place.index(acts.len() + 1), act);
        }
        acts.into_iter().zip(1..).map(numbered).collect()
    })
}

/// Gives a statement its number, and an instant of its own.
fn numbered((act, number): (Act, u128)) -> Act {
    let Act::Tells(told) = act else {
        return act;
    };
    let later = Span::new().milliseconds(i64::try_from(number).expect("few acts"));
    Act::Tells(Told {
        number,
        at: told.at.checked_add(later).expect("an instant"),
        ..told
    })
}

pub(crate) fn sent(told: &Told) -> Sent {
    let tla = |verb: &str| format!("https://w3id.org/xapi/tla/verbs/{verb}");
    let adl = |verb: &str| format!("http://adlnet.gov/expapi/verbs/{verb}");
    let score = |key: &str, value: serde_json::Value| json!({"score": { key: value }});
    let (verb, result) = match told.deed {
        Deed::Scored(hundredths) => {
            let scaled = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            let scaled = serde_json::from_str(&scaled).expect("a number");
            (adl("scored"), score("scaled", scaled))
        }
        Deed::Passed => (adl("passed"), json!({})),
        Deed::Failed => (adl("failed"), json!({})),
        Deed::Completed => (adl("completed"), json!({})),
        Deed::Uncompleted => (
            "https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted".to_owned(),
            json!({}),
        ),
        Deed::Attended(minutes) => (
            adl("attended"),
            json!({"duration": format!("PT{}H{}M", minutes / 60, minutes % 60)}),
        ),
        Deed::Asserted(level) => (tla("asserted"), score("raw", json!(level))),
        Deed::Revoked => (tla("revoked"), json!({})),
        Deed::Forfeited => (tla("forfeited"), json!({})),
        Deed::Expired => (tla("expired"), json!({})),
    };
    let object = if is_closing(told.deed) {
        competence(told.object)
    } else {
        activity(told.object)
    };
    let at = told.at.to_string();
    let mut context = json!({});
    if let Some(number) = told.scheme {
        context["contextActivities"] = json!({"grouping": [{"id": scheme(number)}]});
    }
    if let Some(days) = told.holds {
        let end = told.at.checked_add(Span::new().hours(24 * i64::from(days)));
        let end = end.expect("an instant").to_string();
        let expires = "https://w3id.org/xapi/comp/contextextensions/expires";
        context["extensions"] = json!({ expires: end });
    }
    let sent = Sent::new(told.number, told.learner, &verb, &object, &at);
    sent.with("result", result).with("context", context)
}

/// Plays a history and returns when each act became known, and the rules at its end. Whatever is to be
/// looked at after each act is told when the acts so far became known.
pub(crate) async fn play(
    world: &World,
    rules: Vec<Meaning>,
    acts: &[Act],
    step_each: usize,
    mut look: impl AsyncFnMut(&[Stored]),
) -> (Vec<Stored>, Vec<Meaning>) {
    let (mut known, mut rules) = (Vec::new(), rules);
    let mut rulebooks: Vec<_> = rules.iter().map(compiled).collect();
    let told = |number: u128| {
        let place = usize::try_from(number).ok()?.checked_sub(1)?;
        match acts.get(place) {
            Some(Act::Tells(told)) => Some((place, told)),
            _ => None,
        }
    };
    let mut erased = Vec::new();
    for (turn, act) in acts.iter().enumerate() {
        world.clock.advance(1_000_000);
        match act {
            Act::Tells(told) => world.send_any(&sent(told)).await,
            Act::Again(number) => {
                // Of what was erased nothing is left to be compared with.
                if let Some((place, told)) = told(*number).filter(|(place, _)| *place < turn)
                    && !erased.contains(&place)
                {
                    world.send_any(&sent(told)).await;
                }
            }
            Act::Voids(target) => {
                let voiding = Sent::voiding(1_000_000_000 + turn as u128, *target);
                world.send_any(&voiding).await;
            }
            Act::Names(learner, person) => {
                let person = is_person(*learner, &format!("p-{person}"));
                world.import_any(vec![person]).await;
            }
            Act::Merges(person, into) => world.merge(*person, Some(*into)).await,
            Act::Unmerges(person) => world.merge(*person, None).await,
            Act::Replaces(number) => {
                rules[*number] = rules[*number].next();
                world.install(&[&rules[*number].file()]).await;
                rulebooks[*number] = compiled(&rules[*number]);
            }
            Act::Forgets(number) => {
                if let Some((place, _)) = told(*number).filter(|(place, _)| *place < turn) {
                    world.forget(*number, &rulebooks).await;
                    erased.push(place);
                }
            }
            Act::Erases(learner) => {
                let before = acts[..turn].iter().enumerate();
                erased.extend(before.filter_map(|(place, act)| match act {
                    Act::Tells(told) if told.learner == *learner => Some(place),
                    _ => None,
                }));
                world.erase(*learner).await;
            }
        }
        known.push(world.now());
        if turn % step_each == 0 {
            world.step().await;
        }
        look(&known).await;
    }
    (known, rules)
}
