//! Duties to keep: which records, until when, by which rule.

use std::collections::BTreeSet;
use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use varde_xapi::{Place, Statement};

use crate::Space;
use crate::classes::{Class, classify};
use crate::ports::StoreError;
use crate::registers::{Entity, EntityKind, Registers};

/// The field of a project that holds its duties, as a JSON list.
pub(crate) const KEEP: &str = "keep";

/// A class of records that are kept for the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordClass {
    /// What a result rests on: attendance, completion, certificates, whatever an indicator or an
    /// evidence rule counts.
    Audit,
    /// All the rest: answers, page views, progress.
    Learning,
    /// Records of de-minimis aid, by the activities that a duty names.
    DeMinimis,
}

impl RecordClass {
    /// Returns the name that project files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Audit => "audit",
            Self::Learning => "learning",
            Self::DeMinimis => "de-minimis",
        }
    }
}

impl fmt::Display for RecordClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A duty to keep records of one class: so many years after an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// The records.
    pub class: RecordClass,
    /// For how many years after the event.
    pub years: u8,
    /// The day of the event, such as 31 December of the year of the last payment; `None` while it
    /// has not happened, and the records are kept until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Date>,
    /// Where the duty is laid down.
    pub source: String,
    /// Only records of these activities, by IRI; of all where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub activities: Vec<String>,
}

/// Until when something is held, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Until {
    /// The last day; `None` until further notice.
    pub day: Option<Date>,
    /// The rule or the reason.
    pub rule: String,
}

impl Duty {
    /// Returns the last day on which it runs; `None` until further notice.
    pub fn last_day(&self) -> Option<Date> {
        let after = self.after?;
        Some(after.saturating_add(i64::from(self.years).years()))
    }

    /// Returns the last day on which it runs, which is the last of the calendar until further notice.
    fn end(&self) -> Date {
        self.last_day().unwrap_or(Date::MAX)
    }

    fn covers(&self, record: &Record<'_>) -> bool {
        let of_class = match self.class {
            RecordClass::Audit => record.is_evidence,
            RecordClass::Learning => !record.is_evidence,
            // The records of aid are those of the activities by which it was given.
            RecordClass::DeMinimis => !self.activities.is_empty(),
        };
        let mut named = self.activities.iter();
        let of_activity = named.any(|iri| record.activities.contains(iri.as_str()));
        of_class && (self.activities.is_empty() || of_activity)
    }
}

/// A statement as duties see it.
struct Record<'a> {
    is_evidence: bool,
    activities: BTreeSet<&'a str>,
}

/// What the duties to keep say of a statement on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keeping {
    /// No project that it belongs to has a duty for it.
    Unruled,
    /// The longest duty runs still: until further notice is longest.
    Kept(Duty),
    /// Every project that it belongs to has duties for it, and all have ended.
    Released(Released),
}

/// A statement that no duty keeps any longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Released {
    /// The duty that ended last.
    pub(super) duty: Duty,
    /// The projects that it belongs to.
    pub(super) projects: BTreeSet<String>,
}

/// The longest duty that keeps a statement on a day, if one does: until further notice is longest.
///
/// Duties are those of the space's project and of each project in which one of the statement's
/// activities is registered.
pub(super) fn duty(
    registers: &Registers,
    space: &Space,
    statement: &Statement,
    when: (bool, Date),
) -> Result<Option<Duty>, StoreError> {
    Ok(match keeping(registers, space, statement, when)? {
        Keeping::Kept(duty) => Some(duty),
        Keeping::Unruled | Keeping::Released(_) => None,
    })
}

/// Tells whether a statement is kept or released. A project without a duty for it releases nothing:
/// what nobody gave a last day has none.
pub(super) fn keeping(
    registers: &Registers,
    space: &Space,
    statement: &Statement,
    (counts, today): (bool, Date),
) -> Result<Keeping, StoreError> {
    if space.is_test() {
        return Ok(Keeping::Unruled);
    }
    let terms = varde_xapi::match_terms(statement);
    let activity = |place| matches!(place, Place::Activity | Place::RelatedActivity);
    let activities = terms.iter().filter(|term| activity(term.place));
    let activities: BTreeSet<&str> = activities.map(|term| term.value.as_str()).collect();
    let record = Record {
        is_evidence: counts || classify(statement).into_iter().any(is_evidence),
        activities,
    };
    let projects = projects(registers, space, &record.activities);
    let (mut longest, mut is_ruled) = (None::<Duty>, true);
    for code in &projects {
        let duties = of_project(registers, code)?;
        let covering = duties.into_iter().filter(|duty| duty.covers(&record));
        let last = covering.max_by_key(Duty::end);
        is_ruled &= last.is_some();
        longest = longest.into_iter().chain(last).max_by_key(Duty::end);
    }
    Ok(match longest {
        Some(duty) if today <= duty.end() => Keeping::Kept(duty),
        Some(duty) if is_ruled => Keeping::Released(Released { duty, projects }),
        _ => Keeping::Unruled,
    })
}

/// Tells whether a project keeps nothing any longer: what results rest on had a last day, and every
/// last day has passed.
pub(super) fn is_over(registers: &Registers, code: &str, today: Date) -> Result<bool, StoreError> {
    let duties = of_project(registers, code)?;
    let of_results = |duty: &Duty| duty.class == RecordClass::Audit && duty.activities.is_empty();
    Ok(duties.iter().any(of_results) && duties.iter().all(|duty| duty.end() < today))
}

fn is_evidence(class: Class) -> bool {
    matches!(
        class,
        Class::Attended | Class::Completed | Class::Undone | Class::Satisfied | Class::Credential
    )
}

fn projects(registers: &Registers, space: &Space, activities: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut projects = BTreeSet::from([space.project().to_owned()]);
    for iri in activities {
        let entity = Entity::new(EntityKind::Activity, *iri);
        let rows = registers.rows(&entity).iter().map(|known| &known.row);
        let fields = rows.filter_map(|row| row.field.strip_prefix("project:"));
        projects.extend(fields.map(str::to_owned));
    }
    projects
}

/// Returns the duties of a project, as known last. Duties that cannot be read are no lack of duties:
/// what might have to be kept is not erased.
fn of_project(registers: &Registers, code: &str) -> Result<Vec<Duty>, StoreError> {
    let entity = Entity::new(EntityKind::Project, code);
    let rows = registers.rows(&entity).iter().map(|known| &known.row);
    let last = rows.rev().find(|row| row.field == KEEP);
    let Some(text) = last.and_then(|row| row.value.as_deref()) else {
        return Ok(Vec::new());
    };
    serde_json::from_str(text).map_err(|error| {
        StoreError::failed(format!(
            "the duties to keep of the project {code} cannot be read, so nobody is erased: {error}; \
             import its project file again"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duty_runs_so_many_years_after_its_event_and_until_further_notice_before_it() {
        let mut duty = Duty {
            class: RecordClass::Audit,
            years: 5,
            after: Some("2029-12-31".parse().unwrap()),
            source: "a rule".to_owned(),
            activities: Vec::new(),
        };
        assert_eq!(duty.last_day(), Some("2034-12-31".parse().unwrap()));
        duty.after = None;
        assert_eq!(duty.last_day(), None);
    }
}
