//! The persons of the register, as a data steward looks through them: under pseudonyms, with what
//! tells one from another, and without a name or an identifier.

mod card;
mod merges;
mod reach;

use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;
use varde_xapi::{Ifi, Stored};

use self::card::Known;
pub use self::card::{Affiliation, ListedPerson, MergeNote, PersonCard, PersonState};
use self::reach::Reach;
use super::{MergeError, PersonId, RegisterBook, RegisterView};
use crate::audit::{Audit, Told};
use crate::keys::Keys;
use crate::people::IdentityName;
use crate::ports::StoreError;
use crate::{Caller, Clock, Forbidden, Need};

/// The most persons of one page.
pub const PERSONS_MAX: usize = 1_000;
/// How many persons one page looks at, so that none takes long where few are within the caller's reach.
const LOOKED_AT_MAX: usize = 1_000;

/// Why persons are not told of, or not merged.
#[derive(Debug, Error)]
pub enum RosterError {
    /// The caller may not look through the register, or change nothing of it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Nobody was merged.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// The store failed, or is sealed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Which persons are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterQuery {
    /// Only those behind this one, as the page before says.
    pub after: Option<String>,
    /// Only those whose pseudonym begins so.
    pub begins: Option<String>,
    /// The most that are listed, from 1 to [`PERSONS_MAX`].
    pub limit: usize,
    /// What is told of them holds on this day.
    pub today: Date,
}

/// One page of persons, in the order of how they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RosterPage {
    /// The persons; there may be few on a page that is not the last, or none.
    pub persons: Vec<ListedPerson>,
    /// Where the next page begins: behind this one. `None` on the last page.
    pub next: Option<String>,
}

/// Somebody found by an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundPerson {
    /// The pseudonym; the id where none is known or may be shown.
    pub person: String,
    /// The id that ledgers hold.
    pub id: PersonId,
    /// Whether a register row says on the day whose the identifier is.
    pub registered: bool,
}

/// Tells data stewards of persons, and lets them say that two of them are one.
#[derive(Debug, Clone)]
pub struct Roster {
    registers: Arc<RegisterBook>,
    keys: Arc<Keys>,
    audit: Audit,
    clock: Arc<dyn Clock>,
}

impl Roster {
    /// Tells of the persons of one store's registers; the keys' spaces are all there are.
    pub fn new(
        registers: Arc<RegisterBook>,
        keys: Arc<Keys>,
        audit: Audit,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            registers,
            keys,
            audit,
            clock,
        }
    }

    /// Returns a page of persons. Who reads some spaces only is told of those whom a statement in
    /// them names.
    pub async fn list(
        &self,
        caller: &Caller,
        query: &RosterQuery,
    ) -> Result<RosterPage, RosterError> {
        caller.may(Need::ReviewPeople)?;
        let known = self.known(query.today).await?;
        let reach = self.reach(caller).await?;
        let limit = query.limit.clamp(1, PERSONS_MAX);
        let (mut persons, mut next) = (Vec::new(), None);
        let mut last = None;
        for (at, (shown, id)) in known.wanted(query).into_iter().enumerate() {
            if persons.len() == limit || at == LOOKED_AT_MAX {
                next = last;
                break;
            }
            let is_told = self.reaches(&reach, &known, &id).await?;
            // The pseudonym of somebody else's is not told; an id leads nowhere.
            last = Some(if is_told { shown } else { id.to_string() });
            if is_told {
                persons.push(known.listed(&id));
            }
        }
        let given = [
            ("after", query.after.is_some()),
            ("begins", query.begins.is_some()),
        ];
        let told = Told::new("people list", &given, persons.len());
        self.audit.add(self.clock.now(), caller, &told).await?;
        Ok(RosterPage { persons, next })
    }

    /// Returns one person by pseudonym or id; `None` for nobody of the register, and for whom the
    /// caller is told nothing of.
    pub async fn show(
        &self,
        caller: &Caller,
        named: &str,
        today: Date,
    ) -> Result<Option<PersonCard>, RosterError> {
        caller.may(Need::ReviewPeople)?;
        let Some(person) = self.registers.person(named).await? else {
            return Ok(None);
        };
        let known = self.known(today).await?;
        let reach = self.reach(caller).await?;
        if !(known.has(&person) && self.reaches(&reach, &known, &person).await?) {
            return Ok(None);
        }
        let mut told_of = Vec::new();
        for other in known.once_merged_into(&person) {
            if self.reaches(&reach, &known, &other).await? {
                told_of.push(other);
            }
        }
        let told = Told {
            persons: vec![person.clone()],
            ..Told::new("people show", &[("person", true)], 1)
        };
        self.audit.add(self.clock.now(), caller, &told).await?;
        Ok(Some(known.card(&person, |other| told_of.contains(other))))
    }

    /// Returns what the register holds of the person to whom the caller's credential is bound; `None`
    /// for nobody, and while they are restricted.
    pub async fn own(
        &self,
        caller: &Caller,
        today: Date,
    ) -> Result<Option<PersonCard>, RosterError> {
        caller.may(Need::ReadOwn)?;
        let known = self.known(today).await?;
        let person = caller.person.map(PersonId::registered);
        let person = person
            .filter(|person| known.has(person) && known.state(person) != PersonState::Restricted);
        let Some(person) = person else {
            return Ok(None);
        };
        let told = Told {
            persons: vec![person.clone()],
            ..Told::new("own card", &[], 1)
        };
        self.audit.add(self.clock.now(), caller, &told).await?;
        Ok(Some(known.card(&person, |_| true)))
    }

    /// Returns whose an identifier is on a day; `None` where no statement that counts and no register
    /// names it, and for whom the caller is told nothing of.
    pub async fn find(
        &self,
        caller: &Caller,
        identifier: &Ifi,
        today: Date,
    ) -> Result<Option<FoundPerson>, RosterError> {
        caller.may(Need::ReviewPeople)?;
        let found = self.found(caller, identifier, today).await?;
        let told = Told {
            persons: found.iter().map(|found| found.id.clone()).collect(),
            ..Told::new("people find", &[("identifier", true)], 1)
        };
        self.audit.add(self.clock.now(), caller, &told).await?;
        Ok(found)
    }

    async fn found(
        &self,
        caller: &Caller,
        identifier: &Ifi,
        today: Date,
    ) -> Result<Option<FoundPerson>, StoreError> {
        let name = IdentityName::agent(identifier);
        let Some(identity) = self.registers.identities().find(&name).await? else {
            return Ok(None);
        };
        let known = self.known(today).await?;
        let person = RegisterView::new(&known.registers, Stored(i64::MAX)).person(identity, today);
        let is_told = match self.reach(caller).await? {
            Reach::In(spaces) if !person.is_registered() => {
                let only = [identifier.canonical()].into();
                self.is_named(only, &spaces).await?
            }
            reach => self.reaches(&reach, &known, &person).await?,
        };
        let view = RegisterView::new(&known.registers, Stored(i64::MAX));
        Ok(is_told.then(|| FoundPerson {
            person: view.shown(&person),
            registered: person.is_registered(),
            id: person,
        }))
    }

    async fn known(&self, today: Date) -> Result<Known, StoreError> {
        let registers = self.registers.refresh().await?;
        let restricted = self.registers.identities().vault().closed().await?;
        let sealed = registers.sealed_persons().collect();
        Ok(Known {
            registers,
            restricted,
            sealed,
            today,
        })
    }
}
