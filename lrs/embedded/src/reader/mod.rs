//! Reading, beside the writer: each answer is from one moment.

mod join;
mod list;
mod page;
mod pool;
mod rows;

use varde_core::Space;
use varde_core::ports::{
    Collection, EventKind, KEY_BYTES_MAX, KeyRange, LogEvent, Record, Standing, StoredStatement,
};
use varde_xapi::StatementId;

use crate::database::{Database, read_record};
use crate::error::Fault;
use crate::row::{self, columns};

pub(crate) use pool::Pool;

impl Database {
    /// Returns the statement of that id in one of the spaces, when it stands as asked.
    pub(crate) fn statement(
        &self,
        spaces: &[Space],
        id: StatementId,
        standing: Standing,
    ) -> Result<Option<StoredStatement>, Fault> {
        for test in kinds(spaces) {
            let found = rows::by_id(self, id, test, standing)?;
            let found = found.filter(|statement| spaces.contains(&statement.space));
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Returns where the statement of that id stands in a space, voided and erased ones too.
    pub(crate) fn position(&self, space: &Space, id: StatementId) -> Result<Option<i64>, Fault> {
        let Some(position) = self.find(id, space.is_test())? else {
            return Ok(None);
        };
        let row = self.row_of((id, space.is_test()), position)?;
        let stands = row.link().is_some_and(|link| link.space == space);
        Ok(stands.then_some(position))
    }

    /// Returns events behind a position, in order.
    pub(crate) fn follow(&self, after: i64, limit: usize) -> Result<Vec<LogEvent>, Fault> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM log WHERE position > ?1 ORDER BY position LIMIT ?2"
        );
        self.rows(sql, (after, bounded(limit)), row::read_event)
    }

    /// Returns events of one kind behind a position, in order.
    pub(crate) fn events(
        &self,
        kind: EventKind,
        after: i64,
        limit: usize,
    ) -> Result<Vec<LogEvent>, Fault> {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM log WHERE kind <> 0 AND kind = ?1 AND position > ?2 ORDER BY position LIMIT ?3"
        );
        let bounds = (row::kind_number(kind), after, bounded(limit));
        self.rows(sql, bounds, row::read_event)
    }

    /// Returns records of all collections behind a place, in the order of collections and keys.
    pub(crate) fn records_behind(
        &self,
        place: Option<&(String, Vec<u8>)>,
        limit: usize,
    ) -> Result<Vec<(String, Record)>, Fault> {
        let (collection, key) = place.map_or(("", &[][..]), |(collection, key)| (collection, key));
        let mut select = self.connection.prepare_cached(
            "SELECT key, value, version, collection FROM record
             WHERE (collection, key) > (?1, ?2) ORDER BY collection, key LIMIT ?3",
        )?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(3)?, read_record(row)?));
        let records = select
            .query_map((collection, key, bounded(limit)), read)?
            .collect::<Result<_, _>>()?;
        Ok(records)
    }

    /// Returns records in the order of their keys.
    pub(crate) fn range(
        &self,
        collection: Collection,
        range: &KeyRange,
    ) -> Result<Vec<Record>, Fault> {
        let mut select = self.connection.prepare_cached(
            "SELECT key, value, version FROM record
             WHERE collection = ?1 AND key >= ?2 AND key < ?3 ORDER BY key LIMIT ?4",
        )?;
        let (low, high) = (low(range), high(&range.prefix));
        let found = (collection.0, low, high, bounded(range.limit));
        let records = select
            .query_map(found, read_record)?
            .collect::<Result<_, _>>()?;
        Ok(records)
    }
}

/// Tells of live spaces and of test spaces, each once, whether they are test spaces.
pub(crate) fn kinds(spaces: &[Space]) -> impl Iterator<Item = bool> {
    let is_of = |test: &bool| spaces.iter().any(|space| space.is_test() == *test);
    [false, true].into_iter().filter(is_of)
}

fn bounded(limit: usize) -> i64 {
    limit.try_into().unwrap_or(i64::MAX)
}

/// Returns the least key of the range.
fn low(range: &KeyRange) -> Vec<u8> {
    // Nothing lies between a key and that key with a zero byte behind it.
    let behind = range
        .after
        .as_ref()
        .map(|after| [after.as_slice(), &[0]].concat());
    behind.map_or_else(
        || range.prefix.clone(),
        |behind| behind.max(range.prefix.clone()),
    )
}

/// Returns a key behind all that begin with the prefix, before all others that follow.
fn high(prefix: &[u8]) -> Vec<u8> {
    let mut high = prefix.to_vec();
    while let Some(last) = high.pop() {
        if last < u8::MAX {
            high.push(last + 1);
            return high;
        }
    }
    vec![u8::MAX; KEY_BYTES_MAX + 1]
}
