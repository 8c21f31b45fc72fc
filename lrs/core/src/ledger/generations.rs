//! A ledger that is built again beside the one that is read.
//!
//! The new generation is carried like any other ledger that is behind, never past the place where
//! the old one stands. When it stands there too, one commit has it read instead; what is left of the
//! old one is removed in pieces. A runner that is cut short anywhere goes on with whichever of this
//! is still to be done, for all of it is noted with the definition.

use super::keys::{self, Key, LedgerId};
use super::{Progress, Runner, RunnerError};
use crate::definitions::DefinitionRecord;
use crate::ports::{Change, Changes, Expected, KeyRange, Position, StoreError};

/// How many rows of a ledger that is read no more are removed in one commit.
const REMOVED_AT_A_TIME: usize = 500;

/// Where a ledger that is built again stands.
#[derive(Debug)]
pub(super) enum Rebuilt {
    /// Behind the one that is read, which stands here.
    Behind(Position),
    /// As far as that one.
    Due,
}

impl Runner {
    /// Returns where the ledger stands that is built again for a definition, if one is.
    pub(super) async fn rebuilt(
        &self,
        record: &DefinitionRecord,
    ) -> Result<Option<Rebuilt>, StoreError> {
        let Some(new) = record.rebuilding else {
            return Ok(None);
        };
        let old = Progress::read(&*self.records, record.ledger()).await?;
        let new = Progress::read(&*self.records, record.ledger_of(new)).await?;
        Ok(Some(if new.position < old.position {
            Rebuilt::Behind(old.position)
        } else {
            Rebuilt::Due
        }))
    }

    /// Has the ledger that was built again be read in the place of the old one.
    pub(super) async fn renew(&self, record: &DefinitionRecord) -> Result<(), RunnerError> {
        let old = record.ledger();
        let (_, expected) = Progress::versioned(&*self.records, old).await?;
        // Asked behind that: if the old one moves on meanwhile, the commit is refused.
        if let Some(Rebuilt::Due) = self.rebuilt(record).await? {
            let guard = Change {
                collection: keys::PROGRESS,
                key: Key::of(old).bytes(),
                value: None,
                expected,
            };
            let hash = record.definition.hash();
            self.definitions.renew(hash, guard).await?;
            self.forget(old);
        }
        Ok(())
    }

    /// Removes a piece of a ledger that is read no more; tells whether there was one.
    pub(super) async fn remove_some(&self, record: &DefinitionRecord) -> Result<bool, RunnerError> {
        let Some(generation) = record.left.first() else {
            return Ok(false);
        };
        let piece = self.piece(record.ledger_of(*generation)).await?;
        if piece.is_empty() {
            let hash = record.definition.hash();
            self.definitions.removed(hash, *generation).await?;
        } else {
            let changes = Changes {
                changes: piece,
                ..Changes::default()
            };
            self.records.commit(changes).await?;
        }
        Ok(true)
    }

    /// Returns what removes the first rows of a ledger.
    async fn piece(&self, ledger: LedgerId) -> Result<Vec<Change>, StoreError> {
        let mut piece = Vec::new();
        for collection in keys::OF_LEDGER {
            let range = KeyRange {
                prefix: Key::of(ledger).bytes(),
                after: None,
                limit: REMOVED_AT_A_TIME - piece.len(),
            };
            let rows = self.records.range(collection, &range).await?;
            piece.extend(rows.into_iter().map(|row| Change {
                collection,
                key: row.key,
                value: None,
                expected: Expected::Anything,
            }));
            if piece.len() == REMOVED_AT_A_TIME {
                break;
            }
        }
        Ok(piece)
    }
}
