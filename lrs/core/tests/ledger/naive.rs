//! The same conclusions straight from the meaning of the words, with nothing remembered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Value, json};
use varde_core::Space;
use varde_core::ledger::{ErasedFacts, LedgerRow};
use varde_core::people::IdentityId;
use varde_core::ports::{Happened, LogEvent, StoredStatement};
use varde_core::registers::{EntityKind, PersonId, RegisterView};
use varde_xapi::{Actor, Object, Statement, StatementId, Stored};

use crate::history::People;
use crate::rulebook::shared_since;

/// What a key's entry says: first day, gender, shared since, statements.
pub(crate) type Conclusion = (Value, BTreeSet<StatementId>);

/// A statement whose `timestamp` lies further than this past its `stored` is never counted.
pub(crate) const FUTURE_MAX: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// What a statement says, or said before it was erased.
struct Told {
    id: StatementId,
    space: Space,
    voids: Option<StatementId>,
    day: Date,
    who: Option<IdentityId>,
    what: String,
}

fn told(event: &LogEvent, people: &People) -> Option<Told> {
    match &event.what {
        Happened::Statement(statement) => told_by(statement, people),
        Happened::Erased(left) => {
            let erased = ErasedFacts::read(left).unwrap();
            let facts = erased.iter().flat_map(|e| e.facts.values().flatten());
            let body = facts.map(|fact| &fact.body).next();
            let member = |name| {
                body.map_or("", |body| body[name].as_str().unwrap())
                    .to_owned()
            };
            Some(Told {
                id: left.id,
                space: left.space.clone(),
                voids: left.voids,
                day: day_of(
                    erased
                        .as_ref()
                        .map_or(event.stored.instant(), |e| e.happened),
                ),
                who: member("who").parse().ok(),
                what: member("what"),
            })
        }
        Happened::Event(..) => None,
    }
}

fn told_by(statement: &StoredStatement, people: &People) -> Option<Told> {
    let happened = statement.happened();
    let early = happened.duration_since(statement.stored.instant());
    let typed: Statement = varde_xapi::read(&statement.text()).unwrap();
    let (who, what) = match (&typed.actor, &typed.object) {
        (Actor::Agent(agent), Object::Activity(activity)) => {
            let who = people.ids.get(&agent.ifi.canonical()).copied();
            (who, activity.id.as_str().to_owned())
        }
        _ => (None, String::new()),
    };
    (early <= FUTURE_MAX).then(|| Told {
        id: statement.id,
        space: statement.space.clone(),
        voids: statement.voids,
        day: day_of(happened),
        who,
        what,
    })
}

fn day_of(instant: jiff::Timestamp) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(instant).date()
}

/// The conclusions as known at an instant, straight from the definition of the words.
pub(crate) fn naive(
    events: &[LogEvent],
    people: &People,
    known_at: Stored,
) -> BTreeMap<String, Conclusion> {
    let known = events.iter().filter(|event| event.stored <= known_at);
    let statements: Vec<_> = known.filter_map(|event| told(event, people)).collect();
    let voided: BTreeSet<_> = statements
        .iter()
        .filter_map(|s| Some((s.space.clone(), s.voids?)))
        .collect();
    let view = RegisterView::new(&people.registers, known_at);
    let mut found: BTreeMap<String, Vec<(Date, StatementId)>> = BTreeMap::new();
    for told in statements {
        let counts = told.voids.is_none() && !told.space.is_test();
        let kind = view.value(EntityKind::Activity, &told.what, "kind", told.day);
        if !counts || kind.is_none() || voided.contains(&(told.space, told.id)) {
            continue;
        }
        let who: PersonId = view.person(told.who.unwrap(), told.day);
        found
            .entry(format!("{}|{who}", told.what))
            .or_default()
            .push((told.day, told.id));
    }
    found
        .into_iter()
        .map(|(key, seen)| conclude(&view, key, seen))
        .collect()
}

pub(crate) fn conclude(
    view: &RegisterView<'_>,
    key: String,
    mut seen: Vec<(Date, StatementId)>,
) -> (String, Conclusion) {
    seen.sort();
    let (what, who) = key.split_once('|').unwrap();
    let day = seen[0].0;
    let body = json!({
        "first": day,
        "gender": view.value(EntityKind::Person, who, "gender", day),
        "shared": shared_since(what, view),
    });
    (key, (body, seen.into_iter().map(|(_, id)| id).collect()))
}

pub(crate) fn conclusions(rows: &[LedgerRow], known_at: Stored) -> BTreeMap<String, Conclusion> {
    let known = rows.iter().filter(|row| row.known_at(known_at));
    known
        .map(|row| {
            let statements = row.entry.statements.iter().copied().collect();
            (row.group.key.clone(), (row.entry.body.clone(), statements))
        })
        .collect()
}
