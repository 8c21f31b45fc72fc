//! How far a ledger has come.

use serde::{Deserialize, Serialize};
use varde_xapi::Stored;

use super::keys::{self, Key, LedgerId};
use super::workspace::parse;
use crate::ports::{Expected, Position, Records, StoreError};

/// How far a definition's ledger has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last event carried over whole.
    pub position: Position,
    /// That event's `stored`; the epoch when there is none.
    pub stored: Stored,
}

impl Progress {
    const START: Self = Self {
        position: Position(0),
        stored: Stored(0),
    };

    pub(super) async fn read(records: &dyn Records, ledger: LedgerId) -> Result<Self, StoreError> {
        Ok(Self::versioned(records, ledger).await?.0)
    }

    /// Returns it with what must still be in the store when it is next written.
    pub(super) async fn versioned(
        records: &dyn Records,
        ledger: LedgerId,
    ) -> Result<(Self, Expected), StoreError> {
        let key = Key::of(ledger).bytes();
        match records.get(keys::PROGRESS, &key).await? {
            Some(record) => Ok((parse(&record.value)?, Expected::Version(record.version))),
            None => Ok((Self::START, Expected::Absent)),
        }
    }
}
