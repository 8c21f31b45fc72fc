//! The persons of the register, as a data steward looks through them: under pseudonyms, with what
//! tells one from another, and without a name or an identifier.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use thiserror::Error;
use varde_xapi::Stored;

use super::keyed::{IDENTIFIER, PERSON, PSEUDONYM};
use super::logged::MERGED_INTO;
use super::{Entity, EntityKind, PersonId, RegisterBook, RegisterView, Registers, Row};
use crate::audit::{Audit, Told};
use crate::people::IdentityId;
use crate::ports::StoreError;
use crate::{Caller, Clock, Forbidden, Need};

/// The most persons of one page.
pub const PERSONS_MAX: usize = 1_000;
/// Begins the fields that say to which organisation a person belongs.
const ORGANISATION: &str = "organisation:";

/// Why persons are not told of.
#[derive(Debug, Error)]
pub enum RosterError {
    /// The caller may not look through the register.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed, or is sealed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PersonState {
    /// Counts by themselves.
    Active,
    /// Counts for another person, who is named as shown.
    MergedInto(String),
    /// Is restricted: nothing that is known of them is read.
    Restricted,
    /// Has values whose key is missing.
    Sealed,
    /// Was erased: ledgers go on to hold the id, which leads to nobody.
    Erased,
}

/// A person in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedPerson {
    /// The pseudonym; the id where none is known or may be shown.
    pub person: String,
    /// The id that ledgers hold.
    pub id: PersonId,
    /// The countries of the organisations, else that of the region.
    pub countries: BTreeSet<String>,
    /// The organisations that the person belongs to on the day.
    pub organisations: BTreeSet<String>,
    /// How many identifiers are the person's on the day.
    pub identifiers: usize,
    /// What became of the person.
    pub state: PersonState,
}

/// One page of persons, in the order of how they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RosterPage {
    /// The persons.
    pub persons: Vec<ListedPerson>,
    /// Where the next page begins: behind this one. `None` on the last page.
    pub next: Option<String>,
}

/// Everything of one person that the register holds, save names and identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonCard {
    /// What the list tells.
    #[serde(flatten)]
    pub listed: ListedPerson,
    /// Gender, band of birth years and region on the day.
    pub values: BTreeMap<&'static str, String>,
    /// To which organisations the person belonged when.
    pub affiliations: Vec<Affiliation>,
    /// The kinds of the identifiers, without what follows in them; accounts with their home page.
    pub identifier_kinds: Vec<String>,
    /// Persons who count for this one on the day.
    pub merged_from: Vec<String>,
}

/// That a person belongs to an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Affiliation {
    /// The organisation.
    pub organisation: String,
    /// The first day; `None` since always.
    pub from: Option<Date>,
    /// The last day; `None` until further notice.
    pub to: Option<Date>,
}

/// Tells data stewards of persons.
#[derive(Debug, Clone)]
pub struct Roster {
    registers: Arc<RegisterBook>,
    audit: Audit,
    clock: Arc<dyn Clock>,
}

impl Roster {
    /// Tells of the persons of one store's registers.
    pub fn new(registers: Arc<RegisterBook>, audit: Audit, clock: Arc<dyn Clock>) -> Self {
        Self {
            registers,
            audit,
            clock,
        }
    }

    /// Returns up to `limit` persons, at most [`PERSONS_MAX`], behind the one who is shown as
    /// `after`, with what holds on a day.
    pub async fn list(
        &self,
        caller: &Caller,
        (after, limit): (Option<&str>, usize),
        today: Date,
    ) -> Result<RosterPage, RosterError> {
        caller.may(Need::ReviewPeople)?;
        let known = self.known(today).await?;
        let known = known.look();
        let mut persons: Vec<(String, PersonId)> = known.persons();
        persons.retain(|(shown, _)| after.is_none_or(|after| shown.as_str() > after));
        persons.sort();
        let limit = limit.clamp(1, PERSONS_MAX);
        let is_last = persons.len() <= limit;
        persons.truncate(limit);
        let next = persons.last().map(|(shown, _)| shown.clone());
        let persons: Vec<_> = persons.iter().map(|(_, id)| known.listed(id)).collect();
        let given = [("after", after.is_some())];
        let told = Told::new("people list", &given, persons.len());
        self.audit.add(self.clock.now(), caller, &told).await?;
        Ok(RosterPage {
            persons,
            next: next.filter(|_| !is_last),
        })
    }

    /// Returns one person by pseudonym or id; `None` for nobody of the register.
    pub async fn show(
        &self,
        caller: &Caller,
        named: &str,
        today: Date,
    ) -> Result<Option<PersonCard>, RosterError> {
        caller.may(Need::ReviewPeople)?;
        let person = self.registers.person(named).await?;
        let known = self.known(today).await?;
        let known = known.look();
        let person = person.filter(|person| known.persons().iter().any(|(_, id)| id == person));
        let Some(person) = person else {
            return Ok(None);
        };
        let told = Told {
            persons: vec![person.clone()],
            ..Told::new("people show", &[("person", true)], 1)
        };
        self.audit.add(self.clock.now(), caller, &told).await?;
        Ok(Some(known.card(&person)))
    }

    async fn known(&self, today: Date) -> Result<Known, StoreError> {
        let registers = self.registers.refresh().await?;
        let restricted = self.registers.identities().vault().closed().await?;
        Ok(Known {
            registers,
            restricted,
            today,
        })
    }
}

/// What is known on a day.
struct Known {
    registers: Arc<Registers>,
    restricted: BTreeSet<IdentityId>,
    today: Date,
}

/// The same, with what takes a walk through all rows.
struct Looked<'a> {
    known: &'a Known,
    view: RegisterView<'a>,
    /// By person, the identifiers that are theirs.
    identifiers: BTreeMap<&'a str, Vec<&'a str>>,
}

impl Known {
    fn look(&self) -> Looked<'_> {
        let view = RegisterView::new(&self.registers, Stored(i64::MAX));
        let mut identifiers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entity in self.registers.entities(EntityKind::Identifier) {
            let of = view.value(EntityKind::Identifier, &entity.id, PERSON, self.today);
            if let Some(person) = of {
                identifiers.entry(person).or_default().push(&entity.id);
            }
        }
        Looked {
            known: self,
            view,
            identifiers,
        }
    }
}

impl Looked<'_> {
    /// Returns every person with how they are shown: those of rows, and those of closed ones.
    fn persons(&self) -> Vec<(String, PersonId)> {
        let entities = self.known.registers.entities(EntityKind::Person);
        let of_rows = entities.into_iter().filter_map(Entity::person);
        let closed = self.known.registers.sealed_persons();
        let all: BTreeSet<IdentityId> = of_rows.chain(closed).collect();
        let person = |id: IdentityId| {
            let id = PersonId::registered(id);
            (self.view.shown(&id), id)
        };
        all.into_iter().map(person).collect()
    }

    fn value(&self, person: &PersonId, field: &str) -> Option<&str> {
        let day = self.known.today;
        self.view
            .value(EntityKind::Person, person.as_str(), field, day)
    }

    fn rows(&self, person: &PersonId) -> impl Iterator<Item = &Row> {
        let entity = super::Entity::new(EntityKind::Person, person.as_str());
        let rows = self.known.registers.rows(&entity).iter();
        rows.map(|known| &known.row)
    }

    fn listed(&self, person: &PersonId) -> ListedPerson {
        let day = self.known.today;
        let id = person.as_str();
        let fields = self.view.values(EntityKind::Person, id, ORGANISATION, day);
        let organisations = fields
            .into_iter()
            .filter_map(|(field, _)| field.strip_prefix(ORGANISATION));
        let organisations: BTreeSet<String> = organisations.map(str::to_owned).collect();
        let country = |text: &str| text.get(..2).map(str::to_owned);
        let mut countries: BTreeSet<String> = organisations
            .iter()
            .filter_map(|one| country(one))
            .collect();
        if countries.is_empty() {
            countries.extend(self.value(person, "nuts3").and_then(country));
        }
        ListedPerson {
            person: self.view.shown(person),
            id: person.clone(),
            countries,
            organisations,
            identifiers: self.identifiers.get(id).map_or(0, Vec::len),
            state: self.state(person),
        }
    }

    fn state(&self, person: &PersonId) -> PersonState {
        let id: Option<IdentityId> = person.as_str().parse().ok();
        let is_in = |set: &BTreeSet<IdentityId>| id.is_some_and(|id| set.contains(&id));
        if is_in(&self.known.restricted) {
            return PersonState::Restricted;
        }
        if is_in(&self.known.registers.sealed_persons().collect()) {
            return PersonState::Sealed;
        }
        if self
            .rows(person)
            .all(|row| row.field != PSEUDONYM || row.value.is_none())
        {
            return PersonState::Erased;
        }
        match self.value(person, MERGED_INTO).and_then(PersonId::parse) {
            Some(into) => PersonState::MergedInto(self.view.shown(&into)),
            None => PersonState::Active,
        }
    }

    fn card(&self, person: &PersonId) -> PersonCard {
        let values = ["gender", "birth-year-band", "nuts3"];
        let values = values.map(|field| Some((field, self.value(person, field)?.to_owned())));
        let affiliations = self.rows(person).filter_map(|row| {
            let organisation = row.field.strip_prefix(ORGANISATION)?;
            row.value.as_ref().map(|_| Affiliation {
                organisation: organisation.to_owned(),
                from: row.valid_from,
                to: row.valid_to,
            })
        });
        let own = self.identifiers.get(person.as_str());
        let kinds = own.into_iter().flatten().map(|identifier| {
            let text = self.value(person, &format!("{IDENTIFIER}{identifier}"));
            text.map_or_else(|| "unknown".to_owned(), kind_of)
        });
        let others = self.persons().into_iter().filter(|(_, other)| {
            let into = self.value(other, MERGED_INTO);
            into == Some(person.as_str())
        });
        PersonCard {
            listed: self.listed(person),
            values: values.into_iter().flatten().collect(),
            affiliations: affiliations.collect(),
            identifier_kinds: kinds.collect(),
            merged_from: others.map(|(shown, _)| shown).collect(),
        }
    }
}

/// Returns what kind of identifier a canonical text is; of an account also where it is.
fn kind_of(canonical: &str) -> String {
    let (kind, rest) = canonical.split_once(':').unwrap_or((canonical, ""));
    match (kind, rest.split_once(' ')) {
        ("account", Some((home_page, _))) => format!("account at {home_page}"),
        _ => kind.to_owned(),
    }
}
