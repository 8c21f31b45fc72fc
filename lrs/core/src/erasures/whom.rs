//! Who is to be erased: persons of the register and identifiers that are one human being.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use sha1::{Digest as _, Sha1};
use varde_xapi::{Ifi, Place, Stored, Term};

use super::{ErasureError, Erasures};
use crate::Space;
use crate::people::{IdentityId, IdentityKind, IdentityName, Pseudonyms};
use crate::ports::{PageQuery, Position, StoreError, TermKey};
use crate::registers::{Entity, EntityKind, PersonId, RegisterView, Registers};

/// How many statements are looked at at a time.
const STATEMENTS_AT_A_TIME: usize = 200;

/// Who is meant. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Whom {
    /// A person of the register, by pseudonym or id.
    Person(String),
    /// Whoever has this identifier.
    Identifier(Ifi),
}

impl fmt::Debug for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Person(_) => "Whom::Person",
            Self::Identifier(_) => "Whom::Identifier",
        })
    }
}

/// All that names one human being here.
#[derive(Clone, Default)]
pub(super) struct Named {
    /// Persons of the register, those merged into one another together.
    pub(super) persons: BTreeSet<IdentityId>,
    /// Identifiers by their canonical text.
    pub(super) identifiers: BTreeSet<String>,
    /// Pseudonyms.
    pub(super) pseudonyms: BTreeSet<String>,
    /// Keyed hashes of the names under which this was begun before.
    pub(super) keyed: BTreeSet<String>,
}

impl Named {
    /// Returns every name under which an identity is found.
    pub(super) fn names(&self) -> BTreeSet<IdentityName> {
        let agents = self.identifiers.iter();
        let agents = agents.map(|text| IdentityName::of(IdentityKind::Agent, text));
        let pseudonyms = self.pseudonyms.iter().map(IdentityName::pseudonym);
        agents.chain(pseudonyms).collect()
    }

    /// Adds an identifier, and the digest that stands for a mail address.
    pub(super) fn add(&mut self, canonical: &str) {
        self.identifiers.extend(names_of(canonical));
    }

    /// Adds all that names somebody else.
    pub(super) fn join(&mut self, other: &Self) {
        self.persons.extend(&other.persons);
        self.identifiers.extend(other.identifiers.iter().cloned());
        self.pseudonyms.extend(other.pseudonyms.iter().cloned());
        self.keyed.extend(other.keyed.iter().cloned());
    }

    /// Asks for a page of the statements that may name one of the identifiers: the index keeps
    /// hashes, so each is to be looked at.
    pub(super) fn statements(&self, spaces: &[Space], after: Option<Position>) -> PageQuery {
        naming(&self.identifiers, spaces, (after, STATEMENTS_AT_A_TIME))
    }
}

/// Returns an identifier, and the digest that stands for a mail address (xAPI 1.0.3 Data 2.4.2.3).
pub(crate) fn names_of(canonical: &str) -> impl Iterator<Item = String> + use<> {
    let digest = canonical.strip_prefix("mbox:").map(|mbox| {
        let digest = Sha1::digest(mbox.as_bytes());
        let digits = digest.iter().map(|byte| format!("{byte:02x}"));
        Ifi::MboxSha1Sum(digits.collect()).canonical()
    });
    digest.into_iter().chain([canonical.to_owned()])
}

/// Asks for a page of the statements that may name somebody by one of these identifiers, oldest first: the first
/// so many behind a position.
pub(crate) fn naming(
    identifiers: &BTreeSet<String>,
    spaces: &[Space],
    (after, limit): (Option<Position>, usize),
) -> PageQuery {
    let mut terms = Vec::new();
    for space in spaces {
        for value in identifiers {
            for place in [Place::Agent, Place::RelatedAgent] {
                let value = value.clone();
                terms.push(TermKey::of(space, &Term { place, value }));
            }
        }
    }
    PageQuery {
        spaces: spaces.to_vec(),
        scope: Vec::new(),
        filters: vec![terms],
        since: None,
        until: None,
        ascending: true,
        limit,
        after,
        through: None,
        voided: true,
    }
}

impl Erasures {
    /// Returns all that names the person.
    pub(super) async fn named(&self, whom: &Whom) -> Result<Named, ErasureError> {
        let registers = self.registers.refresh().await?;
        let mut named = Named::default();
        match whom {
            Whom::Person(text) => {
                let person = self.registers.person(text).await?;
                let person = person.and_then(|person| person.as_str().parse().ok());
                let person: IdentityId = person.ok_or(ErasureError::Unknown)?;
                self.not_restricted([person]).await?;
                if registers.rows(&entity(person)).is_empty() {
                    return Err(ErasureError::Unknown);
                }
                named.persons.insert(person);
            }
            Whom::Identifier(ifi) => {
                named.add(&ifi.canonical());
                let name = IdentityName::agent(ifi);
                if let Some(id) = self.registers.identities().find(&name).await? {
                    named.persons = owners(&registers, id)?;
                    self.not_restricted([id]).await?;
                }
            }
        }
        gather(&registers, &mut named);
        self.pseudonymous(&mut named).await?;
        self.not_restricted(named.persons.iter().copied()).await?;
        Ok(named)
    }

    /// Adds the pseudonyms that stand for identifiers, and what is known of the identifiers that
    /// pseudonyms stand for: their keyed hashes.
    pub(super) async fn pseudonymous(&self, named: &mut Named) -> Result<(), StoreError> {
        let pseudonyms = Pseudonyms::new(Arc::clone(self.registers.identities()));
        for text in named.identifiers.clone() {
            if let Some(pseudonym) = pseudonyms.find(&text).await? {
                named.add(&pseudonym);
            }
            named.keyed.extend(pseudonyms.stands_for(&text).await?);
        }
        Ok(())
    }

    /// Refuses what is meant for somebody who is restricted: what is held is not found by name, and
    /// what is left open is not all there is.
    async fn not_restricted(
        &self,
        persons: impl IntoIterator<Item = IdentityId>,
    ) -> Result<(), ErasureError> {
        let vault = self.registers.identities().vault();
        for person in persons {
            if vault.is_closed(person).await? {
                return Err(ErasureError::Restricted);
            }
        }
        Ok(())
    }
}

fn entity(person: IdentityId) -> Entity {
    Entity::new(EntityKind::Person, person.to_string())
}

/// Returns the person to whom the register gives an identifier, if it does.
pub(super) fn owners(
    registers: &Registers,
    identifier: IdentityId,
) -> Result<BTreeSet<IdentityId>, ErasureError> {
    let entity = Entity::new(EntityKind::Identifier, identifier.to_string());
    let values = registers.rows(&entity).iter();
    let persons = values.filter_map(|known| known.row.value.as_ref()?.parse().ok());
    let persons: BTreeSet<IdentityId> = persons.collect();
    match persons.len() {
        0 | 1 => Ok(persons),
        _ => Err(ErasureError::Ambiguous),
    }
}

/// Adds the persons who are merged with those named, now, and the names of all of them.
pub(super) fn gather(registers: &Registers, named: &mut Named) {
    let view = RegisterView::new(registers, Stored(i64::MAX));
    let last = |id: &str| {
        let person = PersonId::parse(id)?;
        Some(view.merged(&person, Date::MAX))
    };
    let ends: BTreeSet<_> = named
        .persons
        .iter()
        .filter_map(|person| last(&person.to_string()))
        .collect();
    for entity in registers.entities(EntityKind::Person) {
        if last(&entity.id).is_some_and(|end| ends.contains(&end))
            && let Some(person) = entity.person()
        {
            named.persons.insert(person);
        }
    }
    for person in named.persons.clone() {
        for known in registers.rows(&entity(person)) {
            let Some(text) = &known.row.value else {
                continue;
            };
            if known.row.field.starts_with("identifier:") {
                named.add(text);
            } else if known.row.field == "pseudonym" {
                named.pseudonyms.insert(text.clone());
            }
        }
    }
}
