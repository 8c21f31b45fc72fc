//! What is told of a person: pseudonym, organisations, what became of them, and no identifier.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use varde_xapi::Stored;

use super::RosterQuery;
use crate::people::IdentityId;
use crate::registers::keyed::{IDENTIFIER, PERSON, PSEUDONYM};
use crate::registers::logged::MERGED_INTO;
use crate::registers::{EntityKind, KnownRow, PersonId, RegisterView, Registers};

/// Begins the fields that say to which organisation a person belongs.
const ORGANISATION: &str = "organisation:";

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
    /// Each merge of this person or into this person, and what took it back, as it became known.
    pub merges: Vec<MergeNote>,
}

/// That a person belongs to an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Affiliation {
    /// The organisation.
    pub organisation: String,
    /// What the register calls it today; `None` where that is a person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The first day; `None` since always.
    pub from: Option<Date>,
    /// The last day; `None` until further notice.
    pub to: Option<Date>,
}

/// That a person was merged into another, or that this was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeNote {
    /// Whose statements count for another, as shown.
    pub person: String,
    /// For whom, as shown; `None` where they count for the person again.
    pub into: Option<String>,
    /// The first day; `None` since always.
    pub from: Option<Date>,
    /// When it became known.
    pub known: Stored,
}

/// What is known on a day.
pub(super) struct Known {
    pub(super) registers: Arc<Registers>,
    pub(super) restricted: BTreeSet<IdentityId>,
    pub(super) sealed: BTreeSet<IdentityId>,
    pub(super) today: Date,
}

impl Known {
    fn view(&self) -> RegisterView<'_> {
        RegisterView::new(&self.registers, Stored(i64::MAX))
    }

    /// Returns the persons that a query asks for, each with how they are shown, in that order.
    pub(super) fn wanted(&self, query: &RosterQuery) -> Vec<(String, PersonId)> {
        let after = query.after.as_deref().map(|after| self.shown(after));
        let mut wanted = self.persons();
        wanted.retain(|(shown, _)| {
            after.as_ref().is_none_or(|after| shown > after)
                && query
                    .begins
                    .as_ref()
                    .is_none_or(|begins| shown.starts_with(begins))
        });
        wanted.sort_unstable();
        wanted
    }

    /// Returns how a person is shown who is named by id; a pseudonym as it is.
    fn shown(&self, named: &str) -> String {
        match PersonId::parse(named) {
            Some(person) => self.view().shown(&person),
            None => named.to_owned(),
        }
    }

    /// Returns every person with how they are shown: those of rows, and those of closed ones.
    fn persons(&self) -> Vec<(String, PersonId)> {
        let of_rows = self.registers.each(EntityKind::Person);
        let of_rows = of_rows.filter_map(|(entity, rows)| Some((entity.person()?, rows)));
        let closed = self.sealed.iter().map(|id| (*id, &[] as &[KnownRow]));
        let closed = closed.filter(|(id, _)| self.rows(&PersonId::registered(*id)).is_empty());
        let all = of_rows.chain(closed).map(|(id, rows)| {
            let person = PersonId::registered(id);
            let pseudonym = value_in(rows, PSEUDONYM, Date::MAX);
            (pseudonym.unwrap_or(person.as_str()).to_owned(), person)
        });
        all.collect()
    }

    fn rows(&self, person: &PersonId) -> &[KnownRow] {
        self.registers.rows(&person.entity())
    }

    /// Tells whether somebody is a person of the register.
    pub(super) fn has(&self, person: &PersonId) -> bool {
        let id: Option<IdentityId> = person.as_str().parse().ok();
        let is_sealed = id.is_some_and(|id| self.sealed.contains(&id));
        person.is_registered() && (is_sealed || !self.rows(person).is_empty())
    }

    /// Returns every identifier in canonical form that the register ever gave to a person.
    pub(super) fn identifier_texts(&self, person: &PersonId) -> BTreeSet<String> {
        let rows = self.rows(person).iter().map(|known| &known.row);
        let texts = rows.filter(|row| row.field.starts_with(IDENTIFIER));
        texts.filter_map(|row| row.value.clone()).collect()
    }

    /// Returns the canonical texts of the identifiers that are a person's on the day; `None` where the text is gone.
    fn identifiers(&self, person: &PersonId) -> Vec<Option<&str>> {
        let view = self.view();
        let (kind, day) = (EntityKind::Identifier, self.today);
        let rows = self.rows(person).iter().map(|known| &known.row);
        let fields: BTreeMap<&str, Option<&str>> = rows
            .filter_map(|row| {
                let id = row.field.strip_prefix(IDENTIFIER)?;
                Some((id, row.value.as_deref()))
            })
            .collect();
        let is_theirs = |id: &str| view.value(kind, id, PERSON, day) == Some(person.as_str());
        let theirs = fields.into_iter().filter(|(id, _)| is_theirs(id));
        theirs.map(|(_, text)| text).collect()
    }

    /// Returns what a list tells of a person.
    pub(super) fn listed(&self, person: &PersonId) -> ListedPerson {
        let (view, day) = (self.view(), self.today);
        let id = person.as_str();
        let fields = view.values(EntityKind::Person, id, ORGANISATION, day);
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
            let region = view.value(EntityKind::Person, id, "nuts3", day);
            countries.extend(region.and_then(country));
        }
        ListedPerson {
            person: view.shown(person),
            id: person.clone(),
            countries,
            organisations,
            identifiers: self.identifiers(person).len(),
            state: self.state(person),
        }
    }

    /// Tells what became of a person.
    pub(super) fn state(&self, person: &PersonId) -> PersonState {
        let id: Option<IdentityId> = person.as_str().parse().ok();
        let is_in = |set: &BTreeSet<IdentityId>| id.is_some_and(|id| set.contains(&id));
        if is_in(&self.restricted) {
            return PersonState::Restricted;
        }
        if is_in(&self.sealed) {
            return PersonState::Sealed;
        }
        let rows = self.rows(person);
        if rows
            .iter()
            .all(|known| known.row.field != PSEUDONYM || known.row.value.is_none())
        {
            return PersonState::Erased;
        }
        match value_in(rows, MERGED_INTO, self.today).and_then(PersonId::parse) {
            Some(into) => PersonState::MergedInto(self.view().shown(&into)),
            None => PersonState::Active,
        }
    }

    /// Returns everything that is told of a person; of others only what `is_told` lets through.
    pub(super) fn card(
        &self,
        person: &PersonId,
        is_told: impl Fn(&PersonId) -> bool,
    ) -> PersonCard {
        let view = self.view();
        let values = ["gender", "birth-year-band", "nuts3"].map(|field| {
            let value = view.value(EntityKind::Person, person.as_str(), field, self.today);
            Some((field, value?.to_owned()))
        });
        let name = |organisation| {
            let name = view.title(EntityKind::Organisation, organisation, self.today);
            name.map(str::to_owned)
        };
        let affiliations = self.rows(person).iter().filter_map(|known| {
            let organisation = known.row.field.strip_prefix(ORGANISATION)?;
            known.row.value.as_ref().map(|_| Affiliation {
                name: name(organisation),
                organisation: organisation.to_owned(),
                from: known.row.valid_from,
                to: known.row.valid_to,
            })
        });
        let kinds = self.identifiers(person).into_iter();
        let kinds = kinds.map(|text| text.map_or_else(|| "unknown".to_owned(), kind_of));
        let others: Vec<_> = self.once_merged_into(person);
        let others: Vec<_> = others.into_iter().filter(|one| is_told(one)).collect();
        let now = |other: &&PersonId| {
            value_in(self.rows(other), MERGED_INTO, self.today) == Some(person.as_str())
        };
        let merged_from = others.iter().filter(now).map(|other| view.shown(other));
        let merged_from: BTreeSet<String> = merged_from.collect();
        let all = others.iter().chain([person]);
        let mut merges: Vec<_> = all.flat_map(|one| self.merges(one)).collect();
        merges.sort_by_key(|merge| merge.known);
        PersonCard {
            listed: self.listed(person),
            values: values.into_iter().flatten().collect(),
            affiliations: affiliations.collect(),
            identifier_kinds: kinds.collect(),
            merged_from: merged_from.into_iter().collect(),
            merges,
        }
    }

    /// Returns the persons who are or once were merged into a person.
    pub(super) fn once_merged_into(&self, person: &PersonId) -> Vec<PersonId> {
        let into = Some(person.as_str());
        let each = self.registers.each(EntityKind::Person);
        let merged = each.filter(|(_, rows)| {
            let mut rows = rows.iter().map(|known| &known.row);
            rows.any(|row| row.field == MERGED_INTO && row.value.as_deref() == into)
        });
        let persons = merged.filter_map(|(entity, _)| PersonId::parse(&entity.id));
        persons.collect()
    }

    fn merges(&self, person: &PersonId) -> Vec<MergeNote> {
        let view = self.view();
        let rows = self.rows(person).iter();
        let merges = rows.filter(|known| known.row.field == MERGED_INTO);
        let merges = merges.map(|known| MergeNote {
            person: view.shown(person),
            into: known.row.value.as_deref().map(|into| self.shown(into)),
            from: known.row.valid_from,
            known: known.known_from,
        });
        merges.collect()
    }
}

/// Returns the value of a field on a day, of rows of one entity in the order in which they became known.
fn value_in<'r>(rows: &'r [KnownRow], field: &str, day: Date) -> Option<&'r str> {
    let mut rows = rows.iter().map(|known| &known.row);
    let last = rows.rfind(|row| row.field == field && row.holds_on(day))?;
    last.value.as_deref()
}

/// Returns what kind of identifier a canonical text is; of an account also where it is.
fn kind_of(canonical: &str) -> String {
    let (kind, rest) = canonical.split_once(':').unwrap_or((canonical, ""));
    match (kind, rest.split_once(' ')) {
        ("account", Some((home_page, _))) => format!("account at {home_page}"),
        _ => kind.to_owned(),
    }
}
