//! Who acts in facts, by random ids: an organisation by its number, a person by the account that
//! stands for the random id of the register, whoever has an identifier by that identifier.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;
use varde_core::StoreError;
use varde_core::people::{IdentityId, IdentityName};
use varde_core::registers::{Entity, EntityKind, RegisterBook, Row};
use varde_xapi::Ifi;

use super::fact_row::Who;
use super::office::FactRow;
use super::statement::{account, agent, organisation};

/// The ids of those who act.
#[derive(Debug, Default)]
pub(super) struct Actors {
    /// By pseudonym, those that are known.
    persons: HashMap<String, String>,
    /// By identifier, those that have an id.
    identifiers: HashMap<IdentityName, IdentityId>,
}

impl Actors {
    /// Looks up who is known.
    pub(super) async fn known(
        facts: &[FactRow],
        registers: &RegisterBook,
    ) -> Result<Self, StoreError> {
        let mut actors = Self::default();
        let identities = registers.identities();
        for who in distinct(facts) {
            match who {
                Who::Organisation(_) => {}
                Who::Pseudonym(pseudonym) => {
                    let person = identities.find(&IdentityName::pseudonym(pseudonym)).await?;
                    let person = person.map(|person| (pseudonym.clone(), person.to_string()));
                    actors.persons.extend(person);
                }
                Who::Identifier(ifi) => {
                    let name = IdentityName::agent(ifi);
                    let id = identities.find(&name).await?;
                    actors.identifiers.extend(id.map(|id| (name, id)));
                }
            }
        }
        Ok(actors)
    }

    /// Gives lasting ids to the identifiers that have none yet.
    pub(super) async fn acquaint(
        &mut self,
        facts: &[FactRow],
        registers: &RegisterBook,
    ) -> Result<(), StoreError> {
        let names = distinct(facts).into_iter().filter_map(|who| match who {
            Who::Identifier(ifi) => Some(IdentityName::agent(ifi)),
            _ => None,
        });
        let names: BTreeSet<_> = names.collect();
        self.identifiers = registers.ids_of(names).await?;
        Ok(())
    }

    /// Returns register rows that say whose the accounts are that statements name persons by.
    pub(super) fn accounts(&self) -> Result<Vec<Row>, StoreError> {
        let mut persons: Vec<_> = self.persons.iter().collect();
        persons.sort();
        let row = |(pseudonym, person): (&String, &String)| {
            let account =
                account(person).map_err(|faults| StoreError::failed(faults.to_string()))?;
            Ok(Row {
                entity: Entity::new(EntityKind::Identifier, account.canonical()),
                field: "person".to_owned(),
                value: Some(pseudonym.clone()),
                valid_from: None,
                valid_to: None,
            })
        };
        persons.into_iter().map(row).collect()
    }

    /// Tells whether a pseudonym is known.
    pub(super) fn knows(&self, pseudonym: &str) -> bool {
        self.persons.contains_key(pseudonym)
    }

    /// Returns the id of an identifier, if it has one.
    pub(super) fn identifier(&self, ifi: &Ifi) -> Option<IdentityId> {
        self.identifiers.get(&IdentityName::agent(ifi)).copied()
    }

    /// Returns the part of the natural key that tells who acts, and the actor of the statement;
    /// `None` for who has no id yet.
    pub(super) fn of(&self, who: &Who) -> Option<(String, Value)> {
        Some(match who {
            Who::Organisation(number) => (number.to_string(), organisation(number)),
            Who::Pseudonym(pseudonym) => {
                let person = self.persons.get(pseudonym)?;
                (format!("person {person}"), agent(&account(person).ok()?))
            }
            Who::Identifier(ifi) => {
                let id = self.identifier(ifi)?;
                (format!("identifier {id}"), agent(ifi))
            }
        })
    }
}

fn distinct(facts: &[FactRow]) -> BTreeSet<&Who> {
    facts.iter().map(|row| &row.who).collect()
}
