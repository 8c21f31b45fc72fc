//! Two persons of the register who are one, and the way back.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;
use varde_xapi::Stored;

use super::logged::MERGED_INTO;
use super::view::MERGES_MAX;
use super::{Entity, EntityKind, PersonId, RegisterBook, RegisterView, Registers, Row};
use crate::ports::{CommitError, StoreError};

/// How often a merge starts over because an import came in between.
const TRIES: usize = 5;

/// What a merge or an un-merge did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Merged {
    /// The person whose statements count for another, or again for itself.
    pub person: PersonId,
    /// The person for whom they count now; `None` after an un-merge.
    pub into: Option<PersonId>,
    /// The instant at which this became known; `None` where it was known already.
    pub stored: Option<Stored>,
}

/// Why nobody was merged. Nothing changed.
#[derive(Debug, Error)]
pub enum MergeError {
    /// No person of the register has this pseudonym or id.
    #[error(
        "found no person of the register in the {place} place; expected a pseudonym or an id, as `varde people find` prints it"
    )]
    Unknown {
        /// `first` or `second`.
        place: &'static str,
    },
    /// The second person is the first, or is merged into the first on one of the days.
    #[error(
        "the second person is on some of these days merged into the first already, or the same; expected two persons"
    )]
    Cycle,
    /// The chain of merges would be longer than views follow.
    #[error(
        "a person may be merged onwards {MERGES_MAX} times; merge into the last person instead"
    )]
    TooLong,
    /// Nobody is merged into another.
    #[error("this person is merged into nobody on these days")]
    NotMerged,
    /// Imports came in between too often.
    #[error("imports are under way; try again when they are done")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RegisterBook {
    /// Merges a person into another from a day on, or for all days: what identifiers of the first
    /// did counts for the second. Persons are named by pseudonym or id.
    pub async fn merge(
        &self,
        person: &str,
        into: &str,
        from: Option<Date>,
    ) -> Result<Merged, MergeError> {
        self.refresh().await?;
        let person = self.known_person(person, "first").await?;
        let into = self.known_person(into, "second").await?;
        self.link(person, Some(into), from).await
    }

    /// Takes a merge back from a day on, or for all days.
    pub async fn unmerge(&self, person: &str, from: Option<Date>) -> Result<Merged, MergeError> {
        self.refresh().await?;
        let person = self.known_person(person, "first").await?;
        self.link(person, None, from).await
    }

    async fn known_person(&self, named: &str, place: &'static str) -> Result<PersonId, MergeError> {
        let registers = self.refresh().await?;
        let person = self.person(named).await?;
        let person = person.filter(|person| !registers.rows(&entity(person)).is_empty());
        person.ok_or(MergeError::Unknown { place })
    }

    async fn link(
        &self,
        person: PersonId,
        into: Option<PersonId>,
        from: Option<Date>,
    ) -> Result<Merged, MergeError> {
        for _ in 0..TRIES {
            let turn = self.turn().await?;
            let registers = self.refresh().await?;
            let row = Row {
                entity: entity(&person),
                field: MERGED_INTO.to_owned(),
                value: into.as_ref().map(ToString::to_string),
                valid_from: from,
                valid_to: None,
            };
            let mut merged = Merged {
                person: person.clone(),
                into: into.clone(),
                stored: None,
            };
            if !check(&registers, &person, into.as_ref(), from)? {
                return Ok(merged);
            }
            let changes = self.changes(vec![row], Vec::new(), turn).await?;
            match self.commit(changes).await {
                Ok(done) => {
                    merged.stored = done.events.first().map(|(_, stored)| *stored);
                    return Ok(merged);
                }
                Err(CommitError::Conflict { .. }) => {}
                Err(CommitError::Store(error)) => return Err(error.into()),
                Err(too_large) => return Err(StoreError::failed(too_large).into()),
            }
        }
        Err(MergeError::Busy)
    }
}

fn entity(person: &PersonId) -> Entity {
    Entity::new(EntityKind::Person, person.as_str())
}

/// Checks a merge on every day on which somebody's merges may change, and tells whether it changes
/// anything.
fn check(
    registers: &Registers,
    person: &PersonId,
    into: Option<&PersonId>,
    from: Option<Date>,
) -> Result<bool, MergeError> {
    let view = RegisterView::new(registers, Stored(i64::MAX));
    let mut days = BTreeSet::from([from.unwrap_or(Date::MIN)]);
    for known in registers.entities(EntityKind::Person) {
        let changes = view.changes(EntityKind::Person, &known.id, MERGED_INTO);
        let later = changes.into_iter().flatten();
        days.extend(later.filter(|day| from.is_none_or(|from| *day >= from)));
    }
    let now = |day| view.value(EntityKind::Person, person.as_str(), MERGED_INTO, day);
    let Some(into) = into else {
        let merged = days.iter().any(|day| now(*day).is_some());
        return if merged {
            Ok(true)
        } else {
            Err(MergeError::NotMerged)
        };
    };
    for day in &days {
        let onwards = chain(&view, into, *day);
        if onwards.contains(person) {
            return Err(MergeError::Cycle);
        }
        let before = (registers.entities(EntityKind::Person).into_iter())
            .filter_map(|entity| PersonId::parse(&entity.id))
            .map(|other| chain(&view, &other, *day));
        let longest = before
            .filter_map(|chain| chain.iter().position(|one| one == person))
            .max();
        if longest.unwrap_or(0) + onwards.len() > MERGES_MAX {
            return Err(MergeError::TooLong);
        }
    }
    Ok(days.iter().any(|day| now(*day) != Some(into.as_str())))
}

/// Returns a person and those into whom it is merged one after the other on a day.
fn chain(view: &RegisterView<'_>, person: &PersonId, day: Date) -> Vec<PersonId> {
    let mut chain = vec![person.clone()];
    while chain.len() <= MERGES_MAX {
        let last = chain.last().map_or("", PersonId::as_str);
        let into = view.value(EntityKind::Person, last, MERGED_INTO, day);
        match into.and_then(PersonId::parse) {
            Some(into) => chain.push(into),
            None => break,
        }
    }
    chain
}
