//! Entries and the ledger rows that hold them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use varde_xapi::{StatementId, Stored};

use super::Group;
use crate::ProjectCode;
use crate::registers::RowId;

/// One conclusion of a group: a counted key, an item of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its key within the group; empty where a group has one entry.
    pub key: String,
    /// The project that it counts for: only who reads this project's results sees it.
    pub project: ProjectCode,
    /// What the adapter concludes, in its own shape.
    pub body: Value,
    /// The statements it rests on, in the order that decided.
    pub statements: Vec<StatementId>,
    /// The register rows it rests on; the runner fills them in from what was looked up.
    #[serde(default)]
    pub rows: Vec<RowId>,
}

/// An entry with when it was what the store knew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// The group that the entry is of.
    pub group: Group,
    /// The entry.
    pub entry: Entry,
    /// The `stored` of the event that brought it.
    pub known_from: Stored,
    /// The `stored` of the event that took it away, if one did.
    pub known_to: Option<Stored>,
}

impl LedgerRow {
    /// Tells whether the row was what the store knew at an instant.
    pub fn known_at(&self, instant: Stored) -> bool {
        self.known_from <= instant && self.known_to.is_none_or(|to| instant < to)
    }
}
