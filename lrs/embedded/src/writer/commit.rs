//! Committing records: first every check, then every write.

use std::collections::HashSet;

use varde_core::ports::{Change, Changes, Collection, CommitError, Committed, Expected};

use super::group::Group;
use crate::error::{Fault, position_of};

impl Group<'_> {
    /// Applies all the changes and appends the events, or nothing of them.
    pub(super) fn commit(
        &mut self,
        changes: &Changes,
    ) -> Result<Result<Committed, CommitError>, Fault> {
        if let Some((collection, key)) = self.unexpected(&changes.changes)? {
            return Ok(Err(CommitError::Conflict { collection, key }));
        }
        self.apply_all(&changes.changes)?;
        let mut committed = Committed {
            number: self.commits.unsigned_abs(),
            events: Vec::with_capacity(changes.events.len()),
        };
        for event in &changes.events {
            let place = self.event(event)?;
            committed
                .events
                .push((position_of(place.position), place.stored));
        }
        Ok(Ok(committed))
    }

    /// Returns the record of the first change that does not find what it expects, if one does not.
    pub(super) fn unexpected(
        &self,
        changes: &[Change],
    ) -> Result<Option<(Collection, Vec<u8>)>, Fault> {
        let mut named = HashSet::new();
        for change in changes {
            let twice = !named.insert((change.collection, &change.key));
            if twice || !self.is_expected(change)? {
                return Ok(Some((change.collection, change.key.clone())));
            }
        }
        Ok(None)
    }

    /// Applies changes that find what they expect, as one commit.
    pub(super) fn apply_all(&mut self, changes: &[Change]) -> Result<(), Fault> {
        self.commits += 1;
        changes.iter().try_for_each(|change| self.apply(change))
    }

    fn is_expected(&self, change: &Change) -> Result<bool, Fault> {
        Ok(match change.expected {
            // Most changes of a ledger: their records are not looked for.
            Expected::Anything => true,
            Expected::Absent => self.version(change)?.is_none(),
            Expected::Version(expected) => self.version(change)? == Some(expected),
        })
    }

    fn version(&self, change: &Change) -> Result<Option<u64>, Fault> {
        let mut select = self
            .connection()
            .prepare_cached("SELECT version FROM record WHERE collection = ?1 AND key = ?2")?;
        let mut rows = select.query((change.collection.0, &change.key))?;
        let version = rows.next()?.map(|row| row.get::<_, i64>(0)).transpose()?;
        Ok(version.map(i64::unsigned_abs))
    }

    /// Writes one change; the number of the commit becomes the record's version.
    fn apply(&self, change: &Change) -> Result<(), Fault> {
        let (collection, key) = (change.collection.0, &change.key);
        let Some(value) = &change.value else {
            let mut delete = self
                .connection()
                .prepare_cached("DELETE FROM record WHERE collection = ?1 AND key = ?2")?;
            delete.execute((collection, key))?;
            return Ok(());
        };
        let mut put = self
            .connection()
            .prepare_cached("INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4)")?;
        put.execute((collection, key, value, self.commits))?;
        Ok(())
    }
}
