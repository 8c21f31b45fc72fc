//! Committing records: first every check, then every write.

use std::collections::HashSet;

use varde_core::ports::{Change, Changes, CommitError, Committed, Expected};

use super::group::Group;
use crate::error::{Fault, position_of};
use crate::row;

impl Group<'_> {
    /// Applies all the changes and appends the events, or nothing of them.
    pub(super) fn commit(
        &mut self,
        changes: &Changes,
    ) -> Result<Result<Committed, CommitError>, Fault> {
        let mut named = HashSet::new();
        let mut versions = Vec::with_capacity(changes.changes.len());
        for change in &changes.changes {
            let twice = !named.insert((change.collection, &change.key));
            let version = self.version(change)?;
            if twice || !is_expected(change.expected, version) {
                let (collection, key) = (change.collection, change.key.clone());
                return Ok(Err(CommitError::Conflict { collection, key }));
            }
            versions.push(version);
        }
        for (change, version) in changes.changes.iter().zip(versions) {
            self.apply(change, version)?;
        }
        let mut committed = Committed::default();
        for event in &changes.events {
            let place = self.next();
            row::insert_event(self.connection(), place, event)?;
            committed
                .events
                .push((position_of(place.position), place.stored));
        }
        Ok(Ok(committed))
    }

    fn version(&self, change: &Change) -> Result<Option<u64>, Fault> {
        let mut select = self
            .connection()
            .prepare_cached("SELECT version FROM record WHERE collection = ?1 AND key = ?2")?;
        let mut rows = select.query((change.collection.0, &change.key))?;
        let version = rows.next()?.map(|row| row.get::<_, i64>(0)).transpose()?;
        Ok(version.map(i64::unsigned_abs))
    }

    fn apply(&self, change: &Change, version: Option<u64>) -> Result<(), Fault> {
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
        let version = version.map_or(1, |version| version.cast_signed().saturating_add(1));
        put.execute((collection, key, value, version))?;
        Ok(())
    }
}

fn is_expected(expected: Expected, version: Option<u64>) -> bool {
    match expected {
        Expected::Anything => true,
        Expected::Absent => version.is_none(),
        Expected::Version(expected) => version == Some(expected),
    }
}
