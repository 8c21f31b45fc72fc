//! How far a ledger has come.

use serde::{Deserialize, Serialize};
use varde_xapi::Stored;

use super::keys::{self, Key, LedgerId};
use super::workspace::parse;
use crate::ports::{Expected, KeyRange, Position, Records, StoreError};

/// How far a definition's ledger has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The last event carried over whole.
    pub position: Position,
    /// That event's `stored`; the epoch when there is none.
    pub stored: Stored,
    /// The `stored` of the last event by which an entry came or went, maybe not carried over whole yet;
    /// `None` where a build wrote this that did not note it.
    #[serde(default)]
    pub changed: Option<Stored>,
}

impl Progress {
    const START: Self = Self {
        position: Position(0),
        stored: Stored(0),
        changed: Some(Stored(0)),
    };

    pub(super) async fn read(records: &dyn Records, ledger: LedgerId) -> Result<Self, StoreError> {
        Ok(Self::versioned(records, ledger).await?.0)
    }

    /// Returns it with what must still be in the store when it is next written.
    pub(super) async fn versioned(
        records: &dyn Records,
        ledger: LedgerId,
    ) -> Result<(Self, Expected), StoreError> {
        let mut each = Self::each(records, &[ledger]).await?;
        Ok(each.pop().unwrap_or((Self::START, Expected::Absent)))
    }

    /// Returns the same of several ledgers, in their order.
    pub(super) async fn each(
        records: &dyn Records,
        ledgers: &[LedgerId],
    ) -> Result<Vec<(Self, Expected)>, StoreError> {
        let ranges = ledgers.iter().map(|ledger| {
            let range = KeyRange {
                prefix: Key::of(*ledger).bytes(),
                after: None,
                limit: 1,
            };
            (keys::PROGRESS, range)
        });
        let found = records.ranges(ranges.collect()).await?;
        let each = found.into_iter().map(|found| match found.first() {
            Some(record) => Ok((parse(&record.value)?, Expected::Version(record.version))),
            None => Ok((Self::START, Expected::Absent)),
        });
        each.collect()
    }
}
