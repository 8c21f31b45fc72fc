//! The use case: how groups of persons did in a competence, side by side.
//!
//! Who sees rows of persons one by one sees the cohorts of any day as they are. An evaluator sees
//! the whole project at period ends only, in tables of one dimension, under the disclosure control
//! of the core.

mod dimension;
mod disclosed;
mod statistics;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use varde_core::audit::Told;
use varde_core::disclosure::Rows;
use varde_core::registers::{PersonId, RegisterView};
use varde_core::{Caller, Need, ProjectCode};
use varde_xapi::Stored;

pub(crate) use self::dimension::UNKNOWN;
pub use self::dimension::{Dimension, DimensionError};
pub use self::disclosed::{DisclosedChange, DisclosedCohorts};
pub use self::statistics::{Change, Cohort, Difference, DropOut};
use crate::finding::Basis;
use crate::gain::{Gain, Post, gains};
use crate::item::Item;
use crate::outcomes::{OutcomeError, Outcomes};
use crate::reading::{Found, Selection, Whose};

/// Which cohorts are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortQuery {
    /// The project.
    pub project: ProjectCode,
    /// The competence (its IRI).
    pub competence: String,
    /// Who says so: bases never mix.
    pub basis: Basis,
    /// By what persons are sorted into cohorts.
    pub by: Dimension,
    /// As of the end of this day; for an evaluator the last day of a period.
    pub as_of: Date,
    /// As known at this instant; the latest complete one where absent or later than that.
    pub known_at: Option<Stored>,
    /// Which evidence from after the learning a gain compares.
    pub post: Post,
    /// The level that was aimed at.
    pub target: Option<u32>,
    /// The cohort with which each other one is compared.
    pub against: Option<String>,
    /// Only this cohort, and the one that it is compared with. Only for who sees rows of persons
    /// one by one.
    pub cohort: Option<String>,
}

impl CohortQuery {
    /// Returns the values whose cohorts are asked for; `None` for all.
    fn values(&self) -> Option<Vec<&str>> {
        let only = self.cohort.as_deref()?;
        Some([only].into_iter().chain(self.against.as_deref()).collect())
    }
}

/// Cohorts of a project in a competence on a basis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CohortTable {
    /// The project.
    pub project: ProjectCode,
    /// The competence's IRI.
    pub competence: String,
    /// Who says so.
    pub basis: Basis,
    /// By what persons are sorted into cohorts.
    pub by: Dimension,
    /// The day, at whose end they are as told.
    pub as_of: Date,
    /// The instant as known at which they are told; `None` while no rule is current.
    pub known_at: Option<Stored>,
    /// What the registers call cohorts on the day: the titles of schemes, the names of organisations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<String, String>,
    /// What may be told to the caller.
    #[serde(flatten)]
    pub shown: ShownCohorts,
}

/// What of cohorts may be told.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShownCohorts {
    /// Everything, in the order of the cohorts' values.
    Cohorts(Vec<Cohort>),
    /// Tables of one dimension that tell no small number.
    Disclosed(DisclosedCohorts),
}

/// One person in the cohort of one value.
#[derive(Debug)]
struct Member {
    /// The level that holds on the day; 0 where none does.
    level: u32,
    gains: Vec<Gain>,
}

impl Outcomes {
    /// Returns the cohorts of a project that the caller reads: how many persons hold which level,
    /// what they gained, how many left before the end.
    pub async fn cohorts(
        &self,
        caller: &Caller,
        query: &CohortQuery,
    ) -> Result<CohortTable, OutcomeError> {
        caller.may(Need::ReadResults)?;
        let (known_at, shown) = match caller.rows() {
            Rows::All => {
                let values = query.values();
                let whose = values.as_deref();
                let whose =
                    whose.map_or(Whose::Everybody, |values| Whose::Cohorts(query.by, values));
                let found = self
                    .of_project(caller, query, whose, query.known_at)
                    .await?;
                let members = members(&found, &found.view(), query);
                let cohorts = statistics::cohorts(members, query);
                (found.known_at, ShownCohorts::Cohorts(cohorts))
            }
            Rows::OfPartner(_) | Rows::None if query.cohort.is_some() => {
                return Err(OutcomeError::WholeTables);
            }
            Rows::OfPartner(_) | Rows::None => {
                let (known_at, shown) = self.disclosed(caller, query).await?;
                (known_at, ShownCohorts::Disclosed(shown))
            }
        };
        let given = [
            ("by", true),
            ("target", query.target.is_some()),
            ("against", query.against.is_some()),
            ("cohort", query.cohort.is_some()),
            ("known_at", query.known_at.is_some()),
        ];
        let told = Told {
            known_at,
            ..Told::new("cohorts", &given, 0)
        };
        self.reader.ledger.told(caller, &told).await?;
        Ok(CohortTable {
            project: query.project.clone(),
            competence: query.competence.clone(),
            basis: query.basis,
            by: query.by,
            as_of: query.as_of,
            known_at,
            titles: self.titles(query, known_at, &shown).await?,
            shown,
        })
    }

    /// Returns what the registers call the cohorts that are shown.
    async fn titles(
        &self,
        query: &CohortQuery,
        known_at: Option<Stored>,
        shown: &ShownCohorts,
    ) -> Result<BTreeMap<String, String>, OutcomeError> {
        let registers = self.reader.registers.refresh().await?;
        let view = RegisterView::new(&registers, known_at.unwrap_or(Stored(0)));
        let titled = |value: &str| {
            let title = query.by.title(&view, value, query.as_of)?;
            Some((value.to_owned(), title))
        };
        Ok(match shown {
            ShownCohorts::Cohorts(cohorts) => {
                let values = cohorts.iter().map(|cohort| cohort.value.as_str());
                values.filter_map(titled).collect()
            }
            ShownCohorts::Disclosed(tables) => {
                let values = tables.persons.cells.keys();
                values.filter_map(|value| titled(value)).collect()
            }
        })
    }

    /// Returns the items of the project in the competence and on the basis.
    async fn of_project(
        &self,
        caller: &Caller,
        query: &CohortQuery,
        whose: Whose<'_>,
        known_at: Option<Stored>,
    ) -> Result<Found, OutcomeError> {
        let selection = Selection {
            whose,
            project: Some(&query.project),
            competence: Some(&query.competence),
            basis: Some(query.basis),
            as_of: query.as_of,
            known_at,
        };
        Ok(self.reader.items(caller, Rows::All, &selection).await?)
    }
}

/// Sorts everybody of whom anything is known by the end of the day into cohorts. Whoever belongs to
/// several schemes is in each of them, there with what belongs to it.
fn members(
    found: &Found,
    view: &RegisterView<'_>,
    query: &CohortQuery,
) -> BTreeMap<String, Vec<Member>> {
    let mut members: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    let values = query.values();
    let is_asked_for = |value: &str| values.as_ref().is_none_or(|values| values.contains(&value));
    for ((person, ..), items) in found.items.iter() {
        let by_then = items.iter().filter(|item| item.finding.day <= query.as_of);
        let by_then: Vec<Item> = by_then.cloned().collect();
        let sorted = sorted(person, by_then, view, query.by).into_iter();
        for (value, items) in sorted.filter(|(value, _)| is_asked_for(value)) {
            let member = Member {
                level: level(&items, query.as_of),
                gains: gains(&items, query.as_of, query.post),
            };
            members.entry(value).or_default().push(member);
        }
    }
    members
}

/// Returns the values whose cohorts a person is in, with the items that count there.
fn sorted(
    person: &PersonId,
    items: Vec<Item>,
    view: &RegisterView<'_>,
    by: Dimension,
) -> BTreeMap<String, Vec<Item>> {
    let mut sorted: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    if by == Dimension::Scheme {
        for item in items {
            let scheme = item.finding.scheme.clone();
            let scheme = scheme.unwrap_or_else(|| dimension::UNKNOWN.to_owned());
            sorted.entry(scheme).or_default().push(item);
        }
    } else if let Some(last) = items.iter().map(|item| item.finding.day).max() {
        sorted.insert(by.value(view, person, last), items);
    }
    sorted
}

fn level(items: &[Item], as_of: Date) -> u32 {
    let holding = items.iter().filter(|item| item.holds_on(as_of));
    holding.filter_map(Item::level).max().unwrap_or(0)
}

/// Returns the persons of whom the caller sees any item, and those of whom it sees all.
fn seen(
    found: &Found,
    view: &RegisterView<'_>,
    rows: Rows<'_>,
) -> (BTreeSet<PersonId>, BTreeSet<PersonId>) {
    let (mut any, mut all) = (BTreeSet::new(), BTreeSet::new());
    if !matches!(rows, Rows::OfPartner(_)) {
        return (any, all);
    }
    for ((person, ..), items) in found.items.iter() {
        let sees = |item: &Item| {
            let finding = &item.finding;
            rows.include(view, &finding.person, &finding.units, finding.day)
        };
        if items.iter().any(sees) {
            any.insert(person.clone());
        }
        if items.iter().all(sees) {
            all.insert(person.clone());
        }
    }
    (any, all)
}
