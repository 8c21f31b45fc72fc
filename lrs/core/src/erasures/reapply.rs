//! Doing listed erasures again in a store that was restored from before them.

use std::collections::{BTreeMap, BTreeSet};

use varde_xapi::{Place, Statement};

use super::whom::{Named, gather};
use super::{ErasureError, Erasures, ListedErasure, Manner, Receipt, Whom};
use crate::Position;
use crate::documents::agents_of;
use crate::people::{IdentityKind, IdentityName};
use crate::ports::{Happened, StoreError};
use crate::registers::{Entity, EntityKind};

/// How many events are read at a time.
const EVENTS_AT_A_TIME: usize = 500;

impl Erasures {
    /// Does every listed erasure again that this store knows nothing of, and returns what was done.
    ///
    /// A restored store holds the names again, but the list only their keyed hashes: the statements
    /// are read through for whoever is meant.
    pub async fn reapply(&self) -> Result<Vec<Receipt>, ErasureError> {
        for listed in self.list.all().await? {
            // Restored from a backup of the time between.
            if listed.lifted
                && let Some(restriction) = self.restriction(listed.erasure).await?
            {
                self.lift_restriction(&restriction).await?;
            }
        }
        let missing = self.unfinished().await?;
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let texts = self.identifiers_of(&missing).await?;
        let mut receipts = Vec::new();
        for listed in missing {
            receipts.push(self.again(listed, &texts).await?);
        }
        Ok(receipts)
    }

    /// Returns the listed erasures that were not brought to their end in this store.
    async fn unfinished(&self) -> Result<Vec<ListedErasure>, ErasureError> {
        let mut unfinished = Vec::new();
        for listed in self.list.all().await? {
            if !listed.lifted && self.receipt(listed.erasure).await?.is_none() {
                unfinished.push(listed);
            }
        }
        Ok(unfinished)
    }

    /// Returns what was begun for somebody and cut short.
    pub(super) async fn begun(&self, whom: &Whom) -> Result<Option<ListedErasure>, ErasureError> {
        let unfinished = self.unfinished().await?;
        if unfinished.is_empty() {
            return Ok(None);
        }
        let identities = self.registers.identities();
        let (mut keyed, mut meant) = (BTreeSet::new(), None);
        match whom {
            Whom::Identifier(ifi) => {
                let mut named = Named::default();
                named.add(&ifi.canonical());
                for name in named.names() {
                    keyed.insert(identities.keyed(&name)?);
                }
            }
            Whom::Person(text) => {
                let person = self.registers.person(text).await?;
                meant = person.and_then(|person| person.as_str().parse().ok());
            }
        }
        for listed in unfinished {
            for name in &listed.names {
                if keyed.contains(name)
                    || (meant.is_some() && identities.find_keyed(name).await? == meant)
                {
                    return Ok(Some(listed));
                }
            }
        }
        Ok(None)
    }

    /// Brings to its end what was cut short.
    pub(super) async fn finish(&self, begun: ListedErasure) -> Result<Receipt, ErasureError> {
        let texts = self.identifiers_of(std::slice::from_ref(&begun)).await?;
        self.again(begun, &texts).await
    }

    async fn again(
        &self,
        listed: ListedErasure,
        texts: &BTreeMap<String, String>,
    ) -> Result<Receipt, ErasureError> {
        let named = self.named_again(&listed, texts).await?;
        let manner = listed.restricted.map_or(Manner::Erase, Manner::Restrict);
        self.act_as(listed.erasure, named, &manner, false).await
    }

    /// Finds the identifiers behind listed hashes in the statements of the log and in documents.
    async fn identifiers_of(
        &self,
        listed: &[ListedErasure],
    ) -> Result<BTreeMap<String, String>, ErasureError> {
        let wanted: BTreeSet<&String> = listed.iter().flat_map(|one| &one.names).collect();
        let identities = self.registers.identities();
        let (mut found, mut seen) = (BTreeMap::new(), BTreeSet::new());
        let mut see = |text: String| {
            if seen.insert(text.clone()) {
                let keyed = identities.keyed(&IdentityName::of(IdentityKind::Agent, &text))?;
                if wanted.contains(&keyed) {
                    found.insert(keyed, text);
                }
            }
            Ok::<_, StoreError>(())
        };
        for agent in agents_of(&*self.records).await? {
            see(agent)?;
        }
        let mut after = Position(0);
        loop {
            let events = self.log.follow(after, EVENTS_AT_A_TIME).await?;
            let Some(last) = events.last() else {
                return Ok(found);
            };
            after = last.position;
            for event in &events {
                let Happened::Statement(stored) = &event.what else {
                    continue;
                };
                let statement = varde_xapi::read(&stored.text()).map_err(StoreError::failed)?;
                for text in agents(&statement) {
                    see(text)?;
                }
            }
        }
    }

    async fn named_again(
        &self,
        listed: &ListedErasure,
        texts: &BTreeMap<String, String>,
    ) -> Result<Named, ErasureError> {
        let registers = self.registers.refresh().await?;
        let mut named = Named {
            keyed: listed.names.iter().cloned().collect(),
            ..Named::default()
        };
        // Whose keys were closed already, the register tells no more.
        if let Some(restriction) = self.restriction(listed.erasure).await? {
            named.persons = restriction.persons;
        }
        for keyed in &listed.names {
            if let Some(text) = texts.get(keyed) {
                named.add(text);
            } else if let Some(id) = self.registers.identities().find_keyed(keyed).await? {
                let person = Entity::new(EntityKind::Person, id.to_string());
                if !registers.rows(&person).is_empty() {
                    named.persons.insert(id);
                }
            }
        }
        gather(&registers, &mut named);
        self.pseudonymous(&mut named).await?;
        Ok(named)
    }
}

/// Returns everybody who is named in a statement, by canonical identifiers.
pub(super) fn agents(statement: &Statement) -> impl Iterator<Item = String> {
    let terms = varde_xapi::match_terms(statement).into_iter();
    let agents = terms.filter(|term| matches!(term.place, Place::Agent | Place::RelatedAgent));
    agents.map(|term| term.value)
}
