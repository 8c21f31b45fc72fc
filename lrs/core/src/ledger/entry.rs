//! Entries and the ledger rows that hold them.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use varde_xapi::{StatementId, Stored};

use super::Group;
use crate::ProjectCode;
use crate::definitions::DefinitionHash;
use crate::ports::StoreError;
use crate::registers::RowId;

/// One conclusion of a group: a counted key, an item of evidence. Who knows the adapter's shape
/// reads the body as `B`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry<B = Value> {
    /// Its key within the group; empty where a group has one entry.
    pub key: String,
    /// The project that it counts for: only who reads this project's results sees it.
    pub project: ProjectCode,
    /// What the adapter concludes, in its own shape.
    pub body: B,
    /// The statements it rests on, in the order that decided.
    pub statements: Vec<StatementId>,
    /// The register rows it rests on, in the order of their ids; see
    /// [`RegisterView::take_rows`](crate::registers::RegisterView::take_rows).
    #[serde(default)]
    pub rows: Vec<RowId>,
}

/// An entry with when it was what the store knew, and by which definition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LedgerRow<B = Value> {
    /// The definition that concluded it, `id@version`.
    pub definition: String,
    /// That definition's identity.
    pub hash: DefinitionHash,
    /// The group that the entry is of.
    pub group: Group,
    /// The entry.
    pub entry: Entry<B>,
    /// Those of its statements that were erased before the definition was installed. What they
    /// count as is carried over from an earlier version of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub carried: Vec<StatementId>,
    /// The `stored` of the event that brought it.
    pub known_from: Stored,
    /// The `stored` of the event that took it away, if one did.
    pub known_to: Option<Stored>,
}

impl<B> LedgerRow<B> {
    /// Tells whether the row was what the store knew at an instant.
    pub fn known_at(&self, instant: Stored) -> bool {
        self.known_from <= instant && self.known_to.is_none_or(|to| instant < to)
    }
}

/// A ledger row as the store holds it; its key says whose ledger it is in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row<B = Value> {
    pub(crate) group: Group,
    pub(crate) entry: Entry<B>,
    pub(crate) carried: Vec<StatementId>,
    pub(crate) known_from: Stored,
    pub(crate) known_to: Option<Stored>,
}

/// What an entry's key says now.
#[derive(Debug)]
pub(crate) enum Current<B = Value> {
    /// A row that holds.
    Row(Row<B>),
    /// No row has held since the event of this instant: eight bytes in the place of a row. Who reads
    /// as known before it finds by this that there was one.
    NoneSince(Stored),
}

impl<B: DeserializeOwned> Current<B> {
    /// Reads what the store holds.
    pub(crate) fn read(key: &[u8], value: &[u8]) -> Result<Self, StoreError> {
        match <[u8; 8]>::try_from(value) {
            Ok(since) => Ok(Self::NoneSince(Stored(i64::from_be_bytes(since)))),
            Err(_) => Row::read(key, value).map(Self::Row),
        }
    }
}

/// Returns what stands in the place of a row from an instant on.
pub(crate) fn none_since(instant: Stored) -> Vec<u8> {
    instant.0.to_be_bytes().to_vec()
}

impl<B> Row<B> {
    /// Tells whether the row was what the store knew at an instant.
    pub(crate) fn known_at(&self, instant: Stored) -> bool {
        self.known_from <= instant && self.known_to.is_none_or(|to| instant < to)
    }

    pub(crate) fn of(self, definition: &str, hash: DefinitionHash) -> LedgerRow<B> {
        LedgerRow {
            definition: definition.to_owned(),
            hash,
            group: self.group,
            entry: self.entry,
            carried: self.carried,
            known_from: self.known_from,
            known_to: self.known_to,
        }
    }
}
