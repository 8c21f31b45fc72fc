//! From one row for each term of each statement to lists of positions.
//!
//! In the first format bit 0 of `posting.how` says that the statement carries the term, bit 1 that it
//! is scope, bit 2 that it is inherited. Rows go as they are carried over, so what is left is what
//! is still to be done. Rows of the log stay as they are.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::Migration;
use crate::index::{INDEXED, ListKey, block};
use crate::schema::{self, TABLES_2};

pub(super) const MIGRATION: Migration = Migration {
    to: 2,
    what: "index entries are put into lists, and what statements have in common into a dictionary",
    rows,
    begin,
    step,
    end,
};

fn rows(connection: &Connection, begun: bool) -> rusqlite::Result<i64> {
    let table = if begun { "posting_1" } else { "posting" };
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
        row.get(0)
    })
}

fn begin(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "ALTER TABLE origin RENAME TO origin_1;
         ALTER TABLE posting RENAME TO posting_1;
         {TABLES_2}
         INSERT INTO origin SELECT number, space, key, authority, x'' FROM origin_1;"
    ))?;
    schema::insert_first_dictionary(connection)
}

fn step(connection: &Connection, rows_max: u32) -> rusqlite::Result<usize> {
    let mut select = connection.prepare_cached(
        "SELECT term, position, how FROM posting_1 ORDER BY term, position LIMIT ?1",
    )?;
    let rows = select.query_map([rows_max], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    })?;
    let rows = rows.collect::<rusqlite::Result<Vec<(i64, i64, i64)>>>()?;
    let Some((term, position, _)) = rows.last().copied() else {
        return Ok(0);
    };
    let mut lists: BTreeMap<ListKey, Vec<i64>> = BTreeMap::new();
    let mut inherit = connection.prepare_cached("INSERT INTO inherited VALUES (?1, ?2)")?;
    for (term, position, how) in &rows {
        for (bit, scope) in [(1, false), (2, true)] {
            if how & bit != 0 {
                let key = ListKey { term: *term, scope };
                lists.entry(key).or_default().push(*position);
            }
        }
        if how & 4 != 0 {
            inherit.execute((term, position))?;
        }
    }
    for (key, positions) in lists {
        block::extend(connection, key, &positions)?;
    }
    let sql = "DELETE FROM posting_1 WHERE (term, position) <= (?1, ?2)";
    connection.execute(sql, (term, position))?;
    Ok(rows.len())
}

fn end(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!(
        "DROP TABLE origin_1;
         DROP TABLE posting_1;
         INSERT INTO meta SELECT '{INDEXED}', coalesce(max(position), 0) FROM log;"
    ))
}
