//! The use case: what the registers say of a project's parts on a day, as known at an instant.
//!
//! A caller is told of the own projects: of the activities registered in them, of the organisations
//! that are their partners, organise their activities or are in their keys, and of the persons in
//! their keys. The registers hold those of all projects of the store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;
use varde_core::audit::{Audit, Told};
use varde_core::ledger::Stretch;
use varde_core::ports::{Records, StatementLog};
use varde_core::registers::{Entity, EntityKind, PersonId, RegisterView, Registers, RowId};
use varde_core::{Caller, Clock, Forbidden, Need, ProjectCode, StoreError};
use varde_xapi::Stored;

use crate::adapter::{self, KIND};
use crate::conclusion::Conclusion;
use crate::group::KEY_STAGE;
use crate::indicators::Indicators;

/// Fields of persons that are told: none that names somebody.
const OF_PERSONS: [&str; 5] = [
    "gender",
    "birth-year-band",
    "nuts3",
    "organisation:",
    "merged-into",
];
const PARTNER: &str = "partner:";
const ORGANISER: &str = "organiser:";
const IN_PROJECT: &str = "project:";

/// Which readings are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryQuery {
    /// Only of this project.
    pub project: Option<ProjectCode>,
    /// The day.
    pub as_of: Date,
    /// As known at this instant; the latest where absent.
    pub known_at: Option<Stored>,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum DirectoryError {
    /// The caller may not read the registers.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the registers say of something on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Its natural key: a project's code, an organisation's number, an activity's IRI, a person's
    /// pseudonym.
    pub id: String,
    /// The values of its fields.
    pub fields: BTreeMap<String, String>,
    /// The register rows that say so.
    pub rows: Vec<RowId>,
}

/// Readings in the order of their keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readings {
    /// The day.
    pub as_of: Date,
    /// As known at this instant.
    pub known_at: Stored,
    /// Everything stored up to this instant is in the registers.
    pub complete_through: Stored,
    /// What they say.
    pub items: Vec<Reading>,
}

/// Tells what the registers say.
#[derive(Debug, Clone)]
pub struct Directory {
    indicators: Indicators,
    log: Arc<dyn StatementLog>,
    audit: Audit,
    clock: Arc<dyn Clock>,
}

/// What a caller may be told of.
struct Known {
    registers: Arc<Registers>,
    complete_through: Stored,
    projects: BTreeSet<ProjectCode>,
    persons: BTreeSet<PersonId>,
    organisations: BTreeSet<String>,
}

impl Directory {
    /// Reads the registers of one store; the indicators must be those of the same.
    pub fn new(
        indicators: Indicators,
        log: Arc<dyn StatementLog>,
        records: Arc<dyn Records>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            indicators,
            log,
            audit: Audit::new(records),
            clock,
        }
    }

    /// Returns the projects whose results the caller reads.
    pub async fn projects(
        &self,
        caller: &Caller,
        query: &DirectoryQuery,
    ) -> Result<Readings, DirectoryError> {
        caller.may(Need::ReadResults)?;
        let known = self.known(caller, query).await?;
        Ok(known.readings(query, |view, day| {
            let told = |field: &str| !field.starts_with("keys") && field != "keep";
            let codes = known.projects.iter().map(ProjectCode::as_str);
            let of = |code| reading(view, (EntityKind::Project, code), day, told);
            codes.filter_map(of).collect()
        }))
    }

    /// Returns the organisations of the caller's projects.
    pub async fn organisations(
        &self,
        caller: &Caller,
        query: &DirectoryQuery,
    ) -> Result<Readings, DirectoryError> {
        caller.may(Need::ReadReports)?;
        let known = self.known_with_keys(caller, query).await?;
        Ok(known.readings(query, |view, day| {
            let of = |id: &String| {
                let is_person = Entity::new(EntityKind::Organisation, id.clone())
                    .person()
                    .is_some();
                // That of a sole trader is a person's name.
                let told = |field: &str| !(is_person && field == "name");
                reading(view, (EntityKind::Organisation, id), day, told)
            };
            known
                .organisations_on(view, day)
                .iter()
                .filter_map(of)
                .collect()
        }))
    }

    /// Returns the programme activities of the caller's projects.
    pub async fn activities(
        &self,
        caller: &Caller,
        query: &DirectoryQuery,
    ) -> Result<Readings, DirectoryError> {
        caller.may(Need::ReadReports)?;
        let known = self.known(caller, query).await?;
        Ok(known.readings(query, |view, day| {
            let told = |field: &str| {
                let project = field.strip_prefix(IN_PROJECT);
                project.is_none_or(|code| known.has(code))
            };
            let activities = known.activities_on(view, day);
            let of = |id: &String| reading(view, (EntityKind::Activity, id), day, told);
            activities.iter().filter_map(of).collect()
        }))
    }

    /// Returns the persons in keys of the caller's projects, under their pseudonyms.
    pub async fn people(
        &self,
        caller: &Caller,
        query: &DirectoryQuery,
    ) -> Result<Readings, DirectoryError> {
        caller.may(Need::ReviewPeople)?;
        let known = self.known_with_keys(caller, query).await?;
        let readings = known.readings(query, |view, day| {
            let told = |field: &str| OF_PERSONS.iter().any(|known| field.starts_with(known));
            let of = |person: &PersonId| {
                let id = view.shown(person);
                let place = (EntityKind::Person, person.as_str());
                let found = reading(view, place, day, told);
                let (fields, rows) = found.map(|one| (one.fields, one.rows)).unwrap_or_default();
                Reading { id, fields, rows }
            };
            let mut people: Vec<_> = known.persons.iter().map(of).collect();
            people.sort_by(|a, b| a.id.cmp(&b.id));
            people
        });
        let told = Told {
            known_at: Some(readings.known_at),
            ..Told::new(
                "people",
                &[("project", query.project.is_some())],
                readings.items.len(),
            )
        };
        self.audit.add(self.clock.now(), caller, &told).await?;
        Ok(readings)
    }

    async fn known(&self, caller: &Caller, query: &DirectoryQuery) -> Result<Known, StoreError> {
        // Asked first: what is in the registers by then is in what is read of them.
        let complete_through = self.log.consistent_through().await?;
        let asked = query.project.as_ref();
        let projects = caller.projects.iter();
        let projects = projects.filter(|project| asked.is_none_or(|asked| asked == *project));
        Ok(Known {
            projects: projects.cloned().collect(),
            registers: self.indicators.registers.refresh().await?,
            complete_through,
            persons: BTreeSet::new(),
            organisations: BTreeSet::new(),
        })
    }

    /// Adds the persons and organisations that keys of the projects name, counted or not.
    async fn known_with_keys(
        &self,
        caller: &Caller,
        query: &DirectoryQuery,
    ) -> Result<Known, StoreError> {
        let mut known = self.known(caller, query).await?;
        let ledger = &self.indicators.ledger;
        for snapshot in ledger.current(KIND, query.known_at).await? {
            let set = adapter::read(&snapshot.definition).map_err(StoreError::failed)?;
            if !known.projects.contains(&set.project) {
                continue;
            }
            known.complete_through = known.complete_through.min(snapshot.complete_through);
            let keys = Stretch {
                snapshot: &snapshot,
                stage: KEY_STAGE,
                prefix: String::new(),
            };
            let rows = ledger.rows_of::<Conclusion>(caller, &[keys]).await?;
            for conclusion in rows.into_iter().map(|row| row.entry.body) {
                known.persons.extend(conclusion.person);
                known.organisations.extend(conclusion.organisation);
                known.organisations.extend(conclusion.partners);
            }
        }
        Ok(known)
    }
}

impl Known {
    fn has(&self, code: &str) -> bool {
        self.projects.iter().any(|project| project.as_str() == code)
    }

    fn readings(
        &self,
        query: &DirectoryQuery,
        items: impl Fn(&RegisterView<'_>, Date) -> Vec<Reading>,
    ) -> Readings {
        let asked = query.known_at.unwrap_or(self.complete_through);
        let known_at = asked.min(self.complete_through);
        let view = RegisterView::new(&self.registers, known_at);
        Readings {
            as_of: query.as_of,
            known_at,
            complete_through: self.complete_through,
            items: items(&view, query.as_of),
        }
    }

    fn activities_on(&self, view: &RegisterView<'_>, day: Date) -> Vec<String> {
        let all = self.registers.entities(EntityKind::Activity).into_iter();
        let is_ours = |activity: &&Entity| {
            let fields = view.values(EntityKind::Activity, &activity.id, IN_PROJECT, day);
            let mut codes = fields
                .iter()
                .filter_map(|(field, _)| field.strip_prefix(IN_PROJECT));
            codes.any(|code| self.has(code))
        };
        all.filter(is_ours)
            .map(|activity| activity.id.clone())
            .collect()
    }

    fn organisations_on(&self, view: &RegisterView<'_>, day: Date) -> BTreeSet<String> {
        let mut found = self.organisations.clone();
        let mut add = |kind, id: &str, prefix: &str| {
            let fields = view.values(kind, id, prefix, day).into_iter();
            found.extend(
                fields.filter_map(|(field, _)| Some(field.strip_prefix(prefix)?.to_owned())),
            );
        };
        for project in &self.projects {
            add(EntityKind::Project, project.as_str(), PARTNER);
        }
        for activity in self.activities_on(view, day) {
            add(EntityKind::Activity, &activity, ORGANISER);
        }
        found
    }
}

/// Reads the fields of something that may be told; `None` where nothing holds on the day.
fn reading(
    view: &RegisterView<'_>,
    (kind, id): (EntityKind, &str),
    day: Date,
    told: impl Fn(&str) -> bool,
) -> Option<Reading> {
    view.take_looked_up();
    let mut fields = view.values(kind, id, "", day);
    if !fields.iter().all(|(field, _)| told(field)) {
        fields.retain(|(field, _)| told(field));
        // The rows are those of the fields that are told.
        view.take_looked_up();
        for (field, _) in &fields {
            view.value(kind, id, field, day);
        }
    }
    let rows = view.take_looked_up().rows.into_iter().collect();
    let fields = fields.into_iter();
    let fields: BTreeMap<_, _> = fields
        .map(|(field, value)| (field.to_owned(), value.to_owned()))
        .collect();
    (!fields.is_empty()).then(|| Reading {
        id: id.to_owned(),
        fields,
        rows,
    })
}
