//! The definitions of a store, for who looks at what counts.

use serde::Serialize;
use thiserror::Error;

use super::{DefinitionBook, DefinitionHash, DefinitionRecord, State};
use crate::ports::StoreError;
use crate::{Caller, Forbidden, Need};

/// What is told of a definition without its body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedDefinition {
    /// What it is: `evidence-rule`, `indicator-set`.
    pub kind: String,
    /// Its id among those of its kind.
    pub id: String,
    /// Its version, from 1.
    pub version: u32,
    /// Its identity.
    pub hash: DefinitionHash,
    /// Where it stands.
    pub state: State,
    /// How many examples it carries, each of which held when it was installed.
    pub examples: usize,
}

/// Why definitions were not listed.
#[derive(Debug, Error)]
pub enum UnlistedDefinitions {
    /// The caller may not read results.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DefinitionBook {
    /// Returns every definition without its body, in the order of kind, id and version. Definitions are of all
    /// projects: what counts is no secret.
    pub async fn listed(
        &self,
        caller: &Caller,
    ) -> Result<Vec<ListedDefinition>, UnlistedDefinitions> {
        caller.may(Need::ReadResults)?;
        Ok(self.all().await?.iter().map(listed).collect())
    }
}

fn listed(record: &DefinitionRecord) -> ListedDefinition {
    let definition = &record.definition;
    let examples = definition.body.get("examples");
    ListedDefinition {
        kind: definition.kind.clone(),
        id: definition.id.clone(),
        version: definition.version,
        hash: definition.hash(),
        state: record.state,
        examples: examples
            .and_then(|examples| examples.as_array())
            .map_or(0, Vec::len),
    }
}
