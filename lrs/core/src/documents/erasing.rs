//! Documents of agents, whoever stored them.

use std::collections::BTreeSet;

use super::LISTED_AT_A_TIME;
use super::Subject;
use super::document::{DOCUMENT, Document};
use crate::Space;
use crate::ports::{Change, Expected, KeyRange, Records, StoreError};

/// Returns the keys of every document of one of the agents, state and profile, in all spaces. Keys
/// are hashed, so each document is asked whose it is.
pub(crate) async fn keys_of_agents(
    records: &dyn Records,
    agents: &BTreeSet<String>,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut keys = Vec::new();
    each_agent(records, |key, agent| {
        if agents.contains(agent) {
            keys.push(key.to_vec());
        }
    })
    .await?;
    Ok(keys)
}

/// Returns every document of one of the agents that is in one of the spaces, with what it is about.
pub(crate) async fn of_agents(
    records: &dyn Records,
    agents: &BTreeSet<String>,
    spaces: &[Space],
) -> Result<Vec<(Space, Subject, Document)>, StoreError> {
    let mut found = Vec::new();
    for key in keys_of_agents(records, agents).await? {
        let Some(record) = records.get(DOCUMENT, &key).await? else {
            continue;
        };
        let subject = Document::subject(&record.value)?;
        let space = spaces
            .iter()
            .find(|space| key.starts_with(&subject.prefix(space)));
        if let Some(space) = space {
            let document = Document::decode(&record.value)?;
            found.push((space.clone(), subject, document));
        }
    }
    Ok(found)
}

/// Returns every agent of whom there is a document.
pub(crate) async fn agents_of(records: &dyn Records) -> Result<BTreeSet<String>, StoreError> {
    let mut agents = BTreeSet::new();
    each_agent(records, |_, agent| {
        if !agents.contains(agent) {
            agents.insert(agent.to_owned());
        }
    })
    .await?;
    Ok(agents)
}

/// Shows the key of every document that is an agent's, and the agent.
async fn each_agent(
    records: &dyn Records,
    mut show: impl FnMut(&[u8], &str) + Send,
) -> Result<(), StoreError> {
    let mut range = KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: LISTED_AT_A_TIME,
    };
    loop {
        let found = records.range(DOCUMENT, &range).await?;
        let Some(last) = found.last() else {
            return Ok(());
        };
        range.after = Some(last.key.clone());
        for record in found {
            let subject = Document::subject(&record.value)?;
            if let Some(agent) = subject.agent() {
                show(&record.key, agent);
            }
        }
    }
}

/// Returns the change that deletes the document of a key.
pub(crate) fn deletion(key: &[u8]) -> Change {
    Change {
        collection: DOCUMENT,
        key: key.to_vec(),
        value: None,
        expected: Expected::Anything,
    }
}
