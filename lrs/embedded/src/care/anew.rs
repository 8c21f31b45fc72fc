//! What is derived from the log, made anew from it.

use std::sync::Arc;

use rusqlite::Connection;

use super::index::{inherited, targets, voided};
use super::{entries, pages};
use crate::database::Database;
use crate::error::{Fault, is_damage};
use crate::folder::Folder;
use crate::index::merge::Merge;
use crate::index::rebuild;

/// The tables that are derived from the log, and the log's own index.
pub(super) const DERIVED: [&str; 7] = [
    "statement",
    "posting",
    "reference",
    "voided",
    "inherited",
    "backlog",
    EVENT,
];
pub(super) const EVENT: &str = "event";
/// How many rows are indexed at once.
const ROWS: i64 = 100_000;

/// Looks, before a transaction that makes the index anew, whether pages may be given up in it, and lets
/// the log be read beside it.
pub(crate) fn prepare(database: &mut Database) -> Result<bool, Fault> {
    let connection = &database.connection;
    let sound = pages::are_sound(connection)?;
    if sound {
        connection.execute_batch("REINDEX event")?;
    } else if let Err(error) = replace_alone(connection, EVENT) {
        // It cannot be made while a page of the log is malformed.
        tracing::error!(%error, "the index of events is left as it is");
    }
    if let Some(path) = connection.path() {
        database.log = Some(Folder::read_beside(path.as_ref())?);
    }
    Ok(sound)
}

/// Makes everything anew that is derived from the log, within the transaction under way, giving the
/// pages of the old tables up only where they are sound. Rows that are damaged are left out, as whoever
/// meets them is told.
pub(crate) fn make_anew(database: &Database, sound: bool) -> Result<(), Fault> {
    let connection = &database.connection;
    for table in DERIVED.iter().filter(|name| **name != EVENT) {
        if sound {
            connection.execute_batch(&format!("DELETE FROM {table}"))?;
        } else {
            replace(connection, table)?;
        }
    }
    let head = database.head()?;
    let mut after = 0;
    while after < head {
        let through = head.min(after.saturating_add(ROWS));
        let generation = rebuild::stretch(database, after, through)?;
        let merge = Merge::new(Arc::new(generation));
        merge.write(&database.connection, merge.len())?;
        after = through;
    }
    link_anew(database, head)
}

/// Makes the log's index of events anew where it misleads or cannot be read. What follows the log reads
/// all events by it as soon as a store is open, so this cannot wait for the check.
pub(crate) fn mend_events(database: &Database) -> Result<bool, Fault> {
    if entries::events_are_found(database)? {
        return Ok(false);
    }
    replace_alone(&database.connection, EVENT)?;
    tracing::warn!("the index of events was damaged, and was made anew");
    Ok(true)
}

fn replace_alone(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let replaced = replace(connection, name).and_then(|()| connection.execute_batch("COMMIT"));
    if replaced.is_err() {
        connection.execute_batch("ROLLBACK")?;
        forget_schema(connection)?;
    }
    replaced
}

/// Puts an empty table in the place of one, or an index in that of one. To be dropped it would have to
/// give its pages up, which it cannot where they are malformed, and must not where another table has
/// them too; so it is taken out of the schema, and its pages are left.
fn replace(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    let sql = "SELECT sql FROM sqlite_schema WHERE name = ?1";
    let making: String = connection.query_row(sql, [name], |row| row.get(0))?;
    connection.execute_batch("PRAGMA writable_schema = ON")?;
    connection.execute("DELETE FROM sqlite_schema WHERE name = ?1", [name])?;
    forget_schema(connection)?;
    connection.execute_batch(&making)
}

/// Reads the schema again, since what was changed in it by hand may have been taken back.
pub(crate) fn forget_schema(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA writable_schema = RESET")
}

/// Makes anew what rows name of others: references, voidings, and what is inherited.
fn link_anew(database: &Database, head: i64) -> Result<(), Fault> {
    let columns = "position, origin, kind <= 0 AND (refers_to IS NOT NULL OR voids IS NOT NULL)";
    rebuild::each_row(database.log(), columns, (0, head), |row| {
        let (position, origin) = (row.get(0)?, row.get_ref(1)?.as_i64().ok());
        if row.get::<_, Option<bool>>(2)? != Some(true) {
            return Ok(());
        }
        match link_row(database, position, origin) {
            Err(damage @ (Fault::Damaged { .. } | Fault::Index(_))) => {
                tracing::warn!(position, %damage, "a row is left out of the index");
            }
            Err(Fault::Sqlite(error)) if is_damage(&error) => {
                tracing::warn!(position, %error, "a row is left out of the index");
            }
            done => done?,
        }
        Ok(())
    })
}

fn link_row(database: &Database, position: i64, origin: Option<i64>) -> Result<(), Fault> {
    let connection = &database.connection;
    let row = database.row(position)?;
    let Some(own) = row.link() else {
        return Ok(());
    };
    let mut name = connection.prepare_cached(
        "INSERT INTO reference VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET how = how | excluded.how",
    )?;
    for (target, how) in targets(&row) {
        name.execute((target.0.as_bytes(), position, origin, how))?;
    }
    if let Some(voided) = voided(database, own)? {
        let mut mark = connection.prepare_cached("INSERT OR IGNORE INTO voided VALUES (?1)")?;
        mark.execute([voided])?;
    }
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO inherited VALUES (?1, ?2)")?;
    for term in inherited(database, &row, own)? {
        insert.execute((term.0.cast_signed(), position))?;
    }
    Ok(())
}
