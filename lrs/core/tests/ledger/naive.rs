//! The same conclusions straight from the meaning of the words, with nothing remembered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Value, json};
use varde_core::ledger::LedgerRow;
use varde_core::ports::{Happened, LogEvent, StoredStatement};
use varde_core::registers::{EntityKind, PersonId, RegisterView};
use varde_xapi::{Actor, Object, Statement, StatementId, Stored};

use crate::history::People;
use crate::rulebook::shared_since;

/// What a key's entry says: first day, gender, shared since, statements.
pub(crate) type Conclusion = (Value, BTreeSet<StatementId>);

/// The conclusions as known at an instant, straight from the definition of the words.
pub(crate) fn naive(
    events: &[LogEvent],
    people: &People,
    known_at: Stored,
) -> BTreeMap<String, Conclusion> {
    let known: Vec<_> = events
        .iter()
        .filter(|event| event.stored <= known_at)
        .collect();
    let statements: Vec<&StoredStatement> = known
        .iter()
        .filter_map(|event| match &event.what {
            Happened::Statement(statement) => Some(&**statement),
            Happened::Erased(_) | Happened::Event(..) => None,
        })
        .collect();
    let voided: BTreeSet<_> = statements
        .iter()
        .filter_map(|s| Some((s.space.clone(), s.voids?)))
        .collect();
    let view = RegisterView::new(&people.registers, known_at);
    let mut found: BTreeMap<String, Vec<(Date, StatementId)>> = BTreeMap::new();
    for statement in statements {
        let early = statement
            .happened()
            .duration_since(statement.stored.instant());
        let out = statement.voids.is_some()
            || early > jiff::SignedDuration::from_mins(5)
            || statement.space.is_test()
            || voided.contains(&(statement.space.clone(), statement.id));
        let typed: Statement = varde_xapi::read(&statement.text()).unwrap();
        let (Actor::Agent(agent), Object::Activity(activity)) = (&typed.actor, &typed.object)
        else {
            continue;
        };
        let day = jiff::tz::TimeZone::UTC
            .to_datetime(statement.happened())
            .date();
        let what = activity.id.as_str();
        if out
            || view
                .value(EntityKind::Activity, what, "kind", day)
                .is_none()
        {
            continue;
        }
        let who: PersonId = view.person(people.ids[&agent.ifi.canonical()], day);
        found
            .entry(format!("{what}|{who}"))
            .or_default()
            .push((day, statement.id));
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
