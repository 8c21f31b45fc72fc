//! What the log holds of earlier imports.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use varde_core::StoreError;
use varde_core::ports::StoredStatement;
use varde_xapi::StatementId;

use super::statement::{NaturalKey, voiding_id};

/// Every statement of some tables, and who voided which.
#[derive(Debug, Default)]
pub(super) struct Known {
    statements: HashMap<StatementId, StoredStatement>,
    /// In the order of the log.
    order: Vec<StatementId>,
    voided: HashMap<StatementId, Voided>,
}

/// Who voided a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voided {
    /// An import, because the row was changed or removed.
    ByImport,
    /// Somebody by hand.
    ByHand,
}

/// What is known of one fact.
pub(super) struct Latest<'k> {
    /// The number of the newest revision.
    pub(super) revision: u32,
    pub(super) statement: &'k StoredStatement,
    pub(super) voided: Option<Voided>,
}

impl Known {
    /// Adds what a table's history holds.
    pub(super) fn add(&mut self, history: Vec<StoredStatement>) {
        for statement in history {
            if let Some(target) = statement.voids {
                let by_import = statement.id == voiding_id(target);
                // An import voids nothing that is voided, so the import was first.
                let voided = self.voided.entry(target).or_insert(Voided::ByHand);
                if by_import {
                    *voided = Voided::ByImport;
                }
            } else if statement.refers_to.is_none() {
                self.order.push(statement.id);
                self.statements.insert(statement.id, statement);
            }
        }
    }

    /// Returns the newest revision of a fact. Revisions are counted from 1 without a gap, and the
    /// one that is valid is the newest.
    pub(super) fn latest(&self, key: &NaturalKey) -> Option<Latest<'_>> {
        let found = (1..).map_while(|number| {
            let statement = self.statements.get(&key.revision(number))?;
            Some((number, statement))
        });
        let (revision, statement) = found.last()?;
        Some(Latest {
            revision,
            statement,
            voided: self.voided.get(&statement.id).copied(),
        })
    }

    /// Returns the valid statements beside those of some ids, in the order of the log.
    pub(super) fn others(&self, than: &HashSet<StatementId>) -> Vec<StatementId> {
        let valid = self.order.iter().copied();
        valid
            .filter(|id| !than.contains(id) && !self.voided.contains_key(id))
            .collect()
    }
}

impl Latest<'_> {
    /// Tells whether the statement says what a new body would.
    pub(super) fn says(&self, body: &str) -> Result<bool, StoreError> {
        let value = |text: &str| serde_json::from_str::<Value>(text).map_err(StoreError::failed);
        let same = self.statement.body == body;
        Ok(same || value(&self.statement.body)? == value(body)?)
    }
}
