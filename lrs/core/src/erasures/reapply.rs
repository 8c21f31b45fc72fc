//! Doing listed erasures again in a store that was restored from before them.

use std::collections::{BTreeMap, BTreeSet};

use varde_xapi::{Place, Statement};

use super::whom::{Named, gather};
use super::{ErasureError, Erasures, ListedErasure, Manner, Receipt};
use crate::Position;
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
        let mut missing = Vec::new();
        for listed in self.list.all().await? {
            if listed.lifted {
                // Restored from a backup of the time between.
                if let Some(restriction) = self.restriction(listed.erasure).await? {
                    self.lift_restriction(&restriction).await?;
                }
            } else if self.receipt(listed.erasure).await?.is_none() {
                missing.push(listed);
            }
        }
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let texts = self.identifiers_of(&missing).await?;
        let mut receipts = Vec::new();
        for listed in missing {
            let named = self.named_again(&listed, &texts).await?;
            let manner = listed.restricted.map_or(Manner::Erase, Manner::Restrict);
            receipts.push(self.act_as(listed.erasure, named, &manner, false).await?);
        }
        Ok(receipts)
    }

    /// Finds the identifiers behind listed hashes in the statements of the log.
    async fn identifiers_of(
        &self,
        listed: &[ListedErasure],
    ) -> Result<BTreeMap<String, String>, ErasureError> {
        let wanted: BTreeSet<&String> = listed.iter().flat_map(|one| &one.names).collect();
        let identities = self.registers.identities();
        let (mut found, mut seen) = (BTreeMap::new(), BTreeSet::new());
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
                    if seen.insert(text.clone()) {
                        let name = IdentityName::of(IdentityKind::Agent, &text);
                        let keyed = identities.keyed(&name)?;
                        if wanted.contains(&keyed) {
                            found.insert(keyed, text);
                        }
                    }
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
        let mut named = Named::default();
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
        Ok(named)
    }
}

fn agents(statement: &Statement) -> impl Iterator<Item = String> {
    let terms = varde_xapi::match_terms(statement).into_iter();
    let agents = terms.filter(|term| matches!(term.place, Place::Agent | Place::RelatedAgent));
    agents.map(|term| term.value)
}
