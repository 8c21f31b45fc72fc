//! The same values reckoned from nothing but the list of what happened, without the ledger.
//!
//! Written to be plainly right and slow: every question scans everything that is known.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use varde_core::registers::{EntityKind, Row};
use varde_xapi::Stored;

use crate::statements::Act;

/// What happened, in order.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    Statement(Happening),
    Void(u64),
    Rows(Vec<Row>),
}

#[derive(Debug, Clone)]
pub(crate) struct Happening {
    pub(crate) number: u64,
    pub(crate) learner: u64,
    pub(crate) act: Act,
    pub(crate) object: &'static str,
    pub(crate) parents: Vec<&'static str>,
    pub(crate) groupings: Vec<&'static str>,
    pub(crate) at: Timestamp,
    pub(crate) space: &'static str,
}

/// The keys of an indicator: scheme and person with the day and the deciding statement.
pub(crate) type Keys = BTreeMap<(String, String), (Date, u64)>;

/// How a learner is called here whom no register row explains.
pub(crate) fn unresolved(learner: u64) -> String {
    format!("unresolved learner {learner}")
}

/// The day in Oslo, where the project has no other zone.
fn local_day(told: &Happening) -> Date {
    let zone = TimeZone::get("Europe/Oslo").unwrap();
    told.at.to_zoned_datetime(zone).date()
}

/// Everything known at one instant.
pub(crate) struct Known<'a> {
    statements: Vec<&'a Happening>,
    rows: Vec<&'a Row>,
}

impl<'a> Known<'a> {
    pub(crate) fn at(history: &'a [(Stored, Event)], instant: Stored) -> Self {
        let known = || {
            history
                .iter()
                .filter(|(stored, _)| *stored <= instant)
                .map(|(_, e)| e)
        };
        let voided: BTreeSet<u64> = known()
            .filter_map(|event| match event {
                Event::Void(target) => Some(*target),
                _ => None,
            })
            .collect();
        let statements = known().filter_map(|event| match event {
            Event::Statement(told) if !voided.contains(&told.number) => Some(told),
            _ => None,
        });
        let rows = known().filter_map(|event| match event {
            Event::Rows(rows) => Some(rows),
            _ => None,
        });
        Self {
            statements: statements.collect(),
            rows: rows.flatten().collect(),
        }
    }

    fn value(&self, kind: EntityKind, id: &str, field: &str, day: Date) -> Option<&'a str> {
        let mut found = None;
        for row in &self.rows {
            let here = row.entity.kind == kind && row.entity.id == id && row.field == field;
            let from = row.valid_from.unwrap_or(Date::MIN);
            let to = row.valid_to.unwrap_or(Date::MAX);
            if here && from <= day && day <= to {
                found = row.value.as_deref();
            }
        }
        found
    }

    fn fields(&self, id: &str, prefix: &str, day: Date) -> BTreeSet<String> {
        let fields: BTreeSet<&String> = self
            .rows
            .iter()
            .filter(|row| row.entity.kind == EntityKind::Activity && row.entity.id == id)
            .map(|row| &row.field)
            .collect();
        let set = |field: &&&String| self.value(EntityKind::Activity, id, field, day).is_some();
        fields
            .iter()
            .filter(set)
            .filter_map(|f| f.strip_prefix(prefix))
            .map(str::to_owned)
            .collect()
    }

    fn person(&self, told: &Happening) -> String {
        let identifier = format!("mbox:mailto:learner-{}@example.org", told.learner);
        let day = local_day(told);
        match self.value(EntityKind::Identifier, &identifier, "person", day) {
            Some(pseudonym) => pseudonym.to_owned(),
            None => unresolved(told.learner),
        }
    }

    /// The scheme that a statement counts in for the project `sing`.
    fn scheme(&self, told: &Happening) -> Option<String> {
        let day = local_day(told);
        let is_scheme = |iri: &&str| {
            self.value(EntityKind::Activity, iri, "kind", day) == Some("training-scheme")
        };
        let near: Vec<BTreeSet<&str>> = [
            vec![told.object],
            told.parents.clone(),
            told.groupings.clone(),
        ]
        .into_iter()
        .map(|iris| iris.into_iter().filter(is_scheme).collect())
        .collect();
        let nearest = near.into_iter().find(|schemes| !schemes.is_empty())?;
        let scheme = nearest.first().filter(|_| nearest.len() == 1)?;
        let own = self.fields(scheme, "project:", day);
        let groupings: BTreeSet<String> = told
            .groupings
            .iter()
            .flat_map(|iri| self.fields(iri, "project:", day))
            .collect();
        let counts = match (own.is_empty(), groupings.is_empty()) {
            (false, _) => own.contains("sing"),
            (true, false) => groupings.contains("sing"),
            (true, true) => told.space == "sing" && self.is_project("sing", day),
        };
        counts.then(|| (*scheme).to_owned())
    }

    fn is_project(&self, code: &str, day: Date) -> bool {
        let rows = self.rows.iter();
        let fields: BTreeSet<&String> = rows
            .filter(|row| row.entity.kind == EntityKind::Project && row.entity.id == code)
            .map(|row| &row.field)
            .collect();
        let known = |field: &&String| self.value(EntityKind::Project, code, field, day).is_some();
        fields.iter().any(known)
    }

    fn is_joint(&self, scheme: &str, day: Date) -> bool {
        let organisers = self.fields(scheme, "organiser:", day);
        let countries: BTreeSet<&str> = organisers.iter().filter_map(|id| id.get(..2)).collect();
        countries.len() >= 2
    }

    /// Everybody's statements by scheme and person, in the order of their timestamps.
    fn cases(&self) -> BTreeMap<(String, String), Vec<&'a Happening>> {
        let mut cases: BTreeMap<_, Vec<&Happening>> = BTreeMap::new();
        for told in &self.statements {
            if let Some(scheme) = self.scheme(told) {
                cases
                    .entry((scheme, self.person(told)))
                    .or_default()
                    .push(told);
            }
        }
        for told in cases.values_mut() {
            told.sort_by_key(|told| (told.at, told.number));
        }
        cases
    }

    /// Participations as of a day, for a project that ends on `end`.
    pub(crate) fn participations(&self, as_of: Date, end: Date) -> Keys {
        let starts = |act| {
            matches!(
                act,
                Act::Started | Act::Attended | Act::Completed | Act::Unsuccessful | Act::Partly
            )
        };
        let mut keys = Keys::new();
        for ((scheme, person), told) in self.cases() {
            let Some(first) = told.iter().find(|told| starts(told.act)) else {
                continue;
            };
            let mut day = local_day(first);
            // Day by day, until the scheme is joint or it is too late.
            while day <= as_of && day <= end {
                if self.is_joint(&scheme, day) {
                    keys.insert((scheme, person), (day, first.number));
                    break;
                }
                day = day.tomorrow().unwrap();
            }
        }
        keys
    }

    /// Completions as of a day.
    pub(crate) fn completions(&self, as_of: Date, end: Date) -> Keys {
        let participations = self.participations(as_of, end);
        let mut keys = Keys::new();
        for (case, told) in self.cases() {
            let Some((began, _)) = participations.get(&case) else {
                continue;
            };
            let mut completed: Option<&Happening> = None;
            for told in told.into_iter().filter(|told| told.object == case.0) {
                match told.act {
                    Act::Completed | Act::Satisfied => completed = completed.or(Some(told)),
                    Act::Uncompleted => completed = None,
                    _ => {}
                }
            }
            if let Some(completed) = completed {
                let day = local_day(completed).max(*began);
                if day <= as_of && day <= end {
                    keys.insert(case, (day, completed.number));
                }
            }
        }
        keys
    }
}
