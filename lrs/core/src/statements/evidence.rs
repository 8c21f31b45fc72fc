//! Statements of other spaces that a caller may open because results name them.

use std::sync::Arc;

use varde_xapi::StatementId;

use crate::disclosure::Rows;
use crate::keys::Keys;
use crate::ledger::Runner;
use crate::ports::{Standing, StatementLog, StoreError, StoredStatement};
use crate::{Caller, Space};

/// Finds the statements that results rest on, wherever they were written.
#[derive(Debug, Clone)]
pub struct Evidence {
    runner: Arc<Runner>,
    keys: Arc<Keys>,
}

impl Evidence {
    /// Works on one store.
    pub fn new(runner: Arc<Runner>, keys: Arc<Keys>) -> Self {
        Self { runner, keys }
    }

    /// Returns a valid statement of any live space if the caller is a person who sees every row of
    /// their projects, and one of these names it.
    pub(super) async fn find(
        &self,
        log: &dyn StatementLog,
        caller: &Caller,
        id: StatementId,
    ) -> Result<Option<StoredStatement>, StoreError> {
        if caller.role.is_none() || caller.rows() != Rows::All {
            return Ok(None);
        }
        // Every statement was written by a key into the key's space.
        let spaces = self.keys.all().await?.into_iter().map(|key| key.space);
        let mut spaces: Vec<Space> = spaces.filter(|space| !space.is_test()).collect();
        spaces.sort();
        spaces.dedup();
        if spaces.is_empty() {
            return Ok(None);
        }
        match log.get(&spaces, id, Standing::Valid).await? {
            Some(found) if self.runner.names(caller, &found).await? => Ok(Some(found)),
            _ => Ok(None),
        }
    }
}
