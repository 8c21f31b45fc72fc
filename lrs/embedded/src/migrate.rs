//! From an earlier format to this one, all or nothing.

use rusqlite::Connection;

use crate::index::{INDEXED, ListKey, block};
use crate::schema::{self, FORMAT, TABLES_2};

/// How many positions of a list are carried over at once.
const POSITIONS: usize = 10_000;

/// Brings a database from the first format to the second. Rows of the log stay as they are.
///
/// The first format kept one row for each term of each statement, in which bit 0 says that the
/// statement carries the term, bit 1 that it is scope, bit 2 that it is inherited.
pub(crate) fn from_1(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let migrated = carry_over(connection);
    let end = if migrated.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    };
    let ended = connection.execute_batch(end);
    migrated.and(ended)
}

fn carry_over(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "ALTER TABLE origin RENAME TO origin_1;
         ALTER TABLE posting RENAME TO posting_1;
         {TABLES_2}
         INSERT INTO origin SELECT number, space, key, authority, x'' FROM origin_1;
         INSERT INTO inherited SELECT term, position FROM posting_1 WHERE how & 4;"
    ))?;
    schema::insert_first_dictionary(connection)?;
    carry_lists_over(connection, 1, false)?;
    carry_lists_over(connection, 2, true)?;
    connection.execute_batch(&format!(
        "DROP TABLE origin_1;
         DROP TABLE posting_1;
         INSERT INTO meta SELECT '{INDEXED}', coalesce(max(position), 0) FROM log;
         UPDATE meta SET value = {FORMAT} WHERE name = 'format';"
    ))
}

fn carry_lists_over(connection: &Connection, bit: i64, scope: bool) -> rusqlite::Result<()> {
    let mut select = connection
        .prepare("SELECT term, position FROM posting_1 WHERE how & ?1 ORDER BY term, position")?;
    let mut rows = select.query([bit])?;
    let (mut term, mut positions) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        let next = row.get(0)?;
        if next != term || positions.len() >= POSITIONS {
            block::extend(connection, ListKey { term, scope }, &positions)?;
            positions.clear();
        }
        term = next;
        positions.push(row.get(1)?);
    }
    block::extend(connection, ListKey { term, scope }, &positions)
}
