//! Conditions that several keys share: since when an activity is joint, and the partnership.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_core::ledger::{Entry, Group, KnownFact};
use varde_core::registers::{EntityKind, RegisterView};

use crate::deed::{Deed, Does, country};
use crate::placing::any_unit;
use crate::rulebook::{Rules, Seen};

const ORGANISER: &str = "organiser:";

/// The body of the entry that says since when a condition holds; there is none while it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Joint {
    /// The first day; `None` since always.
    since: Option<Date>,
    /// The organisations on that day.
    organisers: Vec<String>,
}

/// Since when a condition holds; `None` inside for since always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JointSince(pub(crate) Option<Date>);

impl JointSince {
    /// Returns the first day on which the condition holds and this day has come.
    pub(crate) fn and(self, day: Date) -> Date {
        self.0.map_or(day, |since| since.max(day))
    }
}

/// Reads since when a condition holds from the entry of its group.
pub(crate) fn joint_since(read: &[(Group, Entry)]) -> Option<JointSince> {
    let (_, entry) = read.first()?;
    Some(JointSince(Joint::deserialize(&entry.body).ok()?.since))
}

/// Returns the first of these facts and the first of another country, which make two countries.
pub(crate) fn two_countries<'f, 'a>(
    facts: &[&'f Seen<'a, Deed>],
) -> Option<(&'f Seen<'a, Deed>, &'f Seen<'a, Deed>)> {
    let with_country = facts
        .iter()
        .filter_map(|fact| Some((country(&fact.said.by)?, *fact)));
    let mut with_country = with_country;
    let (one, first) = with_country.next()?;
    let (_, second) = with_country.find(|(other, _)| *other != one)?;
    Some((first, second))
}

impl Rules {
    /// Returns the entry that says since when an activity is joint: organisers of two countries are on
    /// record, in the register or by their own word.
    pub(crate) fn joint(
        &self,
        activity: &str,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let seen: Vec<Seen<'_, Deed>> = self.seen(facts, registers);
        let told = seen.iter().map(|fact| Some(fact.day));
        let changes = registers.changes(EntityKind::Activity, activity, ORGANISER);
        let days: BTreeSet<Option<Date>> = changes.into_iter().chain(told).collect();
        let found = days.into_iter().find_map(|since| {
            let organisers = organisers(activity, &seen, since, registers);
            let countries: BTreeSet<_> = organisers.iter().filter_map(|id| country(id)).collect();
            (countries.len() >= 2).then_some(Joint { since, organisers })
        });
        let Some(joint) = found else {
            return Vec::new();
        };
        let day = joint.since.unwrap_or(Date::MIN);
        let deciding: Vec<_> = seen.iter().filter(|fact| fact.day <= day).collect();
        self.rest_on(
            &deciding,
            |deed, day| any_unit(deed, registers, day),
            registers,
        );
        organisers(activity, &seen, joint.since, registers);
        self.condition(&joint, &deciding, registers)
    }

    /// Returns the entry that says since when organisations of two countries are in the partnership.
    pub(crate) fn partnership(
        &self,
        facts: &[KnownFact],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let seen: Vec<Seen<'_, Deed>> = self.seen(facts, registers);
        let joined = seen
            .iter()
            .filter(|fact| fact.said.does == Does::JoinedPartnership);
        let joined: Vec<_> = joined.collect();
        let Some((first, second)) = two_countries(&joined) else {
            return Vec::new();
        };
        let deciding = [first, second];
        self.rest_on(
            &deciding,
            |deed, day| any_unit(deed, registers, day),
            registers,
        );
        let joint = Joint {
            since: Some(second.day),
            organisers: vec![first.said.by.clone(), second.said.by.clone()],
        };
        self.condition(&joint, &deciding, registers)
    }

    fn condition(
        &self,
        joint: &Joint,
        deciding: &[&Seen<'_, Deed>],
        registers: &RegisterView<'_>,
    ) -> Vec<Entry> {
        let Ok(body) = serde_json::to_value(joint) else {
            return Vec::new();
        };
        vec![Entry {
            key: String::new(),
            project: self.project.clone(),
            body,
            statements: deciding.iter().map(|fact| fact.known.statement).collect(),
            rows: registers.take_rows(),
        }]
    }
}

/// Returns the organisers of an activity on a day, by the register and by their own word.
fn organisers(
    activity: &str,
    seen: &[Seen<'_, Deed>],
    since: Option<Date>,
    registers: &RegisterView<'_>,
) -> Vec<String> {
    let day = since.unwrap_or(Date::MIN);
    let fields = registers.values(EntityKind::Activity, activity, ORGANISER, day);
    let registered = fields
        .iter()
        .filter_map(|(field, _)| field.strip_prefix(ORGANISER));
    let told = seen.iter().filter(|fact| fact.day <= day);
    let told = told.map(|fact| fact.said.by.as_str());
    let all: BTreeSet<String> = registered.chain(told).map(str::to_owned).collect();
    all.into_iter().collect()
}
