//! Since when targets are told of what.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use varde_core::ports::{Change, Changes, Collection, Expected, Records, StoreError, was_done};
use varde_xapi::Stored;

/// target, project, event → [`Watch`].
const WATCHED: Collection = Collection("handover-watch");

/// Since when a target is told of an event of a project.
#[derive(Debug, Serialize, Deserialize)]
struct Watch {
    since: Stored,
}

/// Which targets are known for what.
#[derive(Debug, Clone)]
pub(super) struct Watches(Arc<dyn Records>);

impl Watches {
    pub(super) fn new(records: Arc<dyn Records>) -> Self {
        Self(records)
    }

    /// Tells whether a target is known for an event of a project, by the name of the three.
    pub(super) async fn is_watched(&self, name: &str) -> Result<bool, StoreError> {
        Ok(self.0.get(WATCHED, name.as_bytes()).await?.is_some())
    }

    /// Notes that it is known from an instant on.
    pub(super) async fn watch(&self, name: &str, since: Stored) -> Result<(), StoreError> {
        let value = serde_json::to_vec(&Watch { since }).map_err(StoreError::failed)?;
        let change = Change {
            collection: WATCHED,
            key: name.as_bytes().to_vec(),
            value: Some(value),
            expected: Expected::Anything,
        };
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        was_done(self.0.commit(changes).await).map(drop)
    }
}
