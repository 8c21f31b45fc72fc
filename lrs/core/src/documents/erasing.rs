//! Documents of agents who are erased.

use std::collections::BTreeSet;

use super::LISTED_AT_A_TIME;
use super::document::{DOCUMENT, Document};
use crate::ports::{Change, Expected, KeyRange, Records, StoreError};

/// Returns the keys of every document of one of the agents, state and profile, in all spaces. Keys
/// are hashed, so each document is asked whose it is.
pub(crate) async fn keys_of_agents(
    records: &dyn Records,
    agents: &BTreeSet<String>,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut range = KeyRange {
        prefix: Vec::new(),
        after: None,
        limit: LISTED_AT_A_TIME,
    };
    let mut keys = Vec::new();
    loop {
        let found = records.range(DOCUMENT, &range).await?;
        let Some(last) = found.last() else {
            return Ok(keys);
        };
        range.after = Some(last.key.clone());
        for record in found {
            let subject = Document::subject(&record.value)?;
            if subject.agent().is_some_and(|agent| agents.contains(agent)) {
                keys.push(record.key);
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
