//! What is known of activities: the sum of what statements said of them.

mod learn;
mod unlearn;

use std::sync::Arc;

use serde_json::value::RawValue;
use thiserror::Error;

use crate::bookmark::Bookmark;
use crate::keys::Keys;
use crate::ports::{Records, StatementLog, StoreError};
use crate::{Caller, Forbidden, Need, Space};

/// Why an activity could not be read.
#[derive(Debug, Error)]
pub enum UnreadActivity {
    /// The caller may not read activities.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Learns and tells the definitions of activities.
///
/// Definitions are merged behind the log, in its order, so the writing of statements never waits
/// for them; whoever asks for one waits until everything that was stored before is merged.
#[derive(Debug, Clone)]
pub struct Activities {
    log: Arc<dyn StatementLog>,
    records: Arc<dyn Records>,
    keys: Arc<Keys>,
    bookmark: Bookmark,
}

impl Activities {
    /// Works on one store.
    pub fn new(log: Arc<dyn StatementLog>, records: Arc<dyn Records>, keys: Arc<Keys>) -> Self {
        let bookmark = Bookmark::new(Arc::clone(&log), Arc::clone(&records), learn::PROGRESS);
        Self {
            log,
            records,
            keys,
            bookmark,
        }
    }

    /// Returns the merged definition of an activity as JSON text (xAPI 1.0.3 Communication 2.5),
    /// from the first of the caller's spaces that knows one.
    pub async fn definition(
        &self,
        caller: &Caller,
        activity: &str,
    ) -> Result<Option<Box<RawValue>>, UnreadActivity> {
        caller.may(Need::ReadActivities)?;
        while self.step().await? {}
        for space in &caller.reads {
            if let Some(definition) = self.known(space, activity).await? {
                return Ok(Some(definition));
            }
        }
        Ok(None)
    }

    async fn known(
        &self,
        space: &Space,
        activity: &str,
    ) -> Result<Option<Box<RawValue>>, StoreError> {
        let record = self
            .records
            .get(learn::ACTIVITY, &learn::key(space, activity))
            .await?;
        record
            .map(|record| serde_json::from_slice(&record.value).map_err(StoreError::failed))
            .transpose()
    }
}
