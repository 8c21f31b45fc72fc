//! Pseudonyms of whoever is identified in statements of keys that pseudonymise.
//!
//! A pseudonym is a random name of an account. It has the id of the identifier that it stands for, so
//! that ledgers and registers know one person by either. What is kept leads from an identifier to its
//! pseudonym by the keyed hash of the identifier, as strictly as identities are kept: nothing leads
//! from a pseudonym to the text of an identifier.

use std::collections::BTreeSet;
use std::sync::Arc;

use varde_xapi::{Anonyms, Ifi, Iri, PSEUDONYM_HOME_PAGE};

use super::kek::{hex, unhex};
use super::{Identities, IdentityId, IdentityKind, IdentityName};
use crate::ports::{Change, Collection, Expected, StoreError};

/// keyed hash of an identifier → its pseudonym, 16 bytes; keyed hash of a pseudonym's account → the
/// keyed hash of the identifier, 32 bytes.
const PSEUDONYM: Collection = Collection("pseudonym");

/// Gives and finds pseudonyms.
#[derive(Debug, Clone)]
pub struct Pseudonyms {
    identities: Arc<Identities>,
}

/// Pseudonyms, some of them new.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// The name of the account that stands for each identifier that was asked for.
    pub(crate) names: Anonyms,
    /// What makes the new ones last, to be committed with what first uses them. They expect to be the
    /// first; where the commit finds a conflict in them, another was faster: ask again.
    pub(crate) new: Vec<Change>,
}

impl Pseudonyms {
    /// Works with the identities of a store.
    pub fn new(identities: Arc<Identities>) -> Self {
        Self { identities }
    }

    /// Returns the pseudonym of an identifier, both by [`Ifi::canonical`], if it has one.
    pub(crate) async fn find(&self, identifier: &str) -> Result<Option<String>, StoreError> {
        let name = self.name(&self.hash(identifier)?).await?;
        Ok(name
            .and_then(|name| account(&name))
            .map(|account| account.canonical()))
    }

    /// Returns the keyed hash of the identifier that a pseudonym stands for; `None` for what is no
    /// pseudonym.
    pub(crate) async fn stands_for(&self, account: &str) -> Result<Option<String>, StoreError> {
        let found = self.get(&self.hash(account)?).await?;
        Ok(found
            .filter(|found| found.len() == 32)
            .map(|hash| hex(&hash)))
    }

    /// Returns the pseudonyms of identifiers, with new ones for those that have none yet.
    pub(crate) async fn give(&self, identifiers: BTreeSet<String>) -> Result<Given, StoreError> {
        let mut given = Given::default();
        let mut unknown = Vec::new();
        for identifier in identifiers {
            let hash = self.hash(&identifier)?;
            match self.name(&hash).await? {
                Some(name) => drop(given.names.insert(identifier, name)),
                None => unknown.push((agent(&identifier), hash)),
            }
        }
        let names = unknown.iter().map(|(name, _)| name.clone()).collect();
        let resolved = self.identities.resolve(names).await?;
        given.new = resolved.new;
        for (identifier, hash) in unknown {
            let pseudonym = IdentityId(*self.identities.vault().entropy.uuid().as_bytes());
            let name = pseudonym.to_string();
            if let (Some(id), Some(account)) = (resolved.ids.get(&identifier), account(&name)) {
                let account = IdentityName::agent(&account);
                given.new.push(self.identities.assignment(&account, *id)?);
                let back = self.identities.vault().hash(&account)?;
                given.new.push(put(hash, pseudonym.0.to_vec()));
                given.new.push(put(back, hash.to_vec()));
            }
            given.names.insert(identifier.text, name);
        }
        Ok(given)
    }

    /// Returns what takes away what is kept of a name, whether it has a pseudonym or is one.
    pub(crate) fn removal(
        identities: &Identities,
        name: &IdentityName,
    ) -> Result<Change, StoreError> {
        Ok(removed(identities.vault().hash(name)?.to_vec()))
    }

    /// The same for the name of a keyed hash; `None` for a text that is none.
    pub(crate) fn keyed_removal(keyed: &str) -> Option<Change> {
        unhex(keyed).map(removed)
    }

    async fn name(&self, hash: &[u8; 32]) -> Result<Option<String>, StoreError> {
        let found = self.get(hash).await?;
        let name = found.and_then(|found| found.try_into().ok());
        Ok(name.map(|name| IdentityId(name).to_string()))
    }

    async fn get(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let records = &self.identities.vault().records;
        Ok(records
            .get(PSEUDONYM, hash)
            .await?
            .map(|record| record.value))
    }

    fn hash(&self, identifier: &str) -> Result<[u8; 32], StoreError> {
        self.identities.vault().hash(&agent(identifier))
    }
}

fn agent(identifier: &str) -> IdentityName {
    IdentityName::of(IdentityKind::Agent, identifier)
}

fn account(name: &str) -> Option<Ifi> {
    Some(Ifi::Account {
        home_page: Iri::parse(PSEUDONYM_HOME_PAGE)?,
        name: name.to_owned(),
    })
}

fn put(hash: [u8; 32], value: Vec<u8>) -> Change {
    Change {
        collection: PSEUDONYM,
        key: hash.to_vec(),
        value: Some(value),
        expected: Expected::Absent,
    }
}

fn removed(key: Vec<u8>) -> Change {
    Change {
        collection: PSEUDONYM,
        key,
        value: None,
        expected: Expected::Anything,
    }
}
