//! The index against the log that it is derived from, and made anew from it.

use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};
use varde_core::ports::{Happened, TermKey};
use varde_xapi::StatementId;

use super::check::is_damage;
use crate::database::Database;
use crate::error::{Fault, number_of};
use crate::index::merge::Merge;
use crate::index::{ListKey, block, rebuild};
use crate::row::{Link, Whole};
use crate::schema::link;

/// The tables that are derived from the log.
const DERIVED: [&str; 6] = [
    "statement",
    "posting",
    "reference",
    "voided",
    "inherited",
    "backlog",
];
/// How many rows are indexed at once.
const ROWS: i64 = 100_000;

/// Says what of the index does not lead to a row that is whole; `None` when all does.
pub(super) fn lacking(database: &Database, row: &Whole) -> Result<Option<String>, Fault> {
    match compare(database, row) {
        Err(Fault::Sqlite(error)) if is_damage(&error) => {
            Ok(Some(format!("the index cannot be read: {error}")))
        }
        // The row that it leads through is found by itself.
        Err(Fault::Damaged { .. }) => Ok(None),
        compared => Ok(compared?.map(str::to_owned)),
    }
}

fn compare(database: &Database, row: &Whole) -> Result<Option<&'static str>, Fault> {
    let position = number_of(row.event.position);
    let Some(own) = row.link() else {
        return Ok(None);
    };
    if database.find(own.id, own.space.is_test())? != Some(position) {
        return Ok(Some("its id does not lead to it"));
    }
    let terms = row.terms.iter().copied().map(ListKey::own);
    for key in terms.chain(row.scope.iter().copied().map(ListKey::scope)) {
        if !is_listed(database, key, position)? {
            return Ok(Some("a term does not lead to it"));
        }
    }
    for (target, how) in targets(row) {
        if !is_named(&database.connection, target, position, how)? {
            return Ok(Some("what it names as its target does not lead to it"));
        }
    }
    if let Some(voided) = voided(database, row, own)?
        && !database.is_voided(voided)?
    {
        return Ok(Some("what it voids is not marked as voided"));
    }
    for term in inherited(database, row, own)? {
        if !is_inherited(&database.connection, term, position)? {
            return Ok(Some("a term of what it refers to does not lead to it"));
        }
    }
    Ok(None)
}

/// Tells whether a list has a position, in memory or on disk.
fn is_listed(database: &Database, key: ListKey, position: i64) -> rusqlite::Result<bool> {
    let here = (position, position);
    if let Some(view) = &database.view
        && !view.read(key, here, false, 1).is_empty()
    {
        return Ok(true);
    }
    let mut select = database.connection.prepare_cached(
        "SELECT first, distances FROM posting WHERE term = ?1 AND scope = ?2 AND first <= ?3
         ORDER BY first DESC LIMIT 1",
    )?;
    let found = select.query_row((key.term, key.scope, position), |row| {
        let distances: Vec<u8> = row.get(1)?;
        Ok(block::positions(row.get(0)?, &distances).any(|listed| listed == position))
    });
    Ok(found.optional()?.unwrap_or(false))
}

/// Returns whom a row names, and how.
fn targets(row: &Whole) -> Vec<(StatementId, i64)> {
    let voids = match &row.event.what {
        Happened::Statement(statement) => statement.voids,
        Happened::Erased(left) => left.voids,
        Happened::Event(..) => None,
    };
    let refers_to = row.link().and_then(|own| own.refers_to);
    let refers = refers_to.map(|target| (target, link::REFERS));
    let voids = voids.map(|target| (target, link::VOIDS));
    refers.into_iter().chain(voids).collect()
}

fn is_named(
    connection: &Connection,
    target: StatementId,
    position: i64,
    how: i64,
) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached(
        "SELECT 1 FROM reference WHERE target = ?1 AND position = ?2 AND how & ?3",
    )?;
    select.exists((target.0.as_bytes(), position, how))
}

/// Returns where the statement stands that a row voids, when it is there and can be voided.
fn voided(database: &Database, row: &Whole, own: Link<'_>) -> Result<Option<i64>, Fault> {
    let target = targets(row)
        .into_iter()
        .find(|(_, how)| *how == link::VOIDS);
    let Some((target, _)) = target else {
        return Ok(None);
    };
    let Some(position) = database.find(target, own.space.is_test())? else {
        return Ok(None);
    };
    let found = database.row(position)?;
    let may_be = found.link().is_some_and(|other| other.space == own.space);
    let voids = targets(&found).iter().any(|(_, how)| *how == link::VOIDS);
    Ok(Some(position).filter(|_| may_be && !voids))
}

/// Returns the terms that a statement inherits from what it refers to, however far.
fn inherited(database: &Database, row: &Whole, own: Link<'_>) -> Result<Vec<TermKey>, Fault> {
    let mut terms = Vec::new();
    if row.statement().is_none() || own.refers_to.is_none() || has_backlog(database)? {
        return Ok(terms);
    }
    database.walk_references((own.id, own.space), own.refers_to, |behind| {
        terms.extend_from_slice(behind);
        ControlFlow::Continue(())
    })?;
    terms.sort_unstable();
    terms.dedup();
    terms.retain(|term| !row.terms.contains(term));
    Ok(terms)
}

/// Tells whether some of what is to be inherited is still being written.
fn has_backlog(database: &Database) -> rusqlite::Result<bool> {
    let mut select = database
        .connection
        .prepare_cached("SELECT 1 FROM backlog")?;
    select.exists([])
}

fn is_inherited(connection: &Connection, term: TermKey, position: i64) -> rusqlite::Result<bool> {
    let mut select =
        connection.prepare_cached("SELECT 1 FROM inherited WHERE term = ?1 AND position = ?2")?;
    select.exists((term.0.cast_signed(), position))
}

/// Makes everything anew that is derived from the log, within the transaction under way. Rows that
/// are damaged are left out, as whoever meets them is told.
///
/// The entries in memory come to disk by this too; they may stand in both, and what is written
/// twice is there once.
pub(crate) fn make_anew(database: &Database) -> Result<(), Fault> {
    for table in DERIVED {
        let emptied = format!("DELETE FROM {table}");
        database.connection.execute_batch(&emptied)?;
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
    link_anew(database)
}

/// Makes anew what rows name of others: references, voidings, and what is inherited.
fn link_anew(database: &Database) -> Result<(), Fault> {
    let connection = &database.connection;
    let mut select = connection.prepare(
        "SELECT position, origin FROM log
         WHERE kind <= 0 AND (refers_to IS NOT NULL OR voids IS NOT NULL) ORDER BY position",
    )?;
    let linked = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for found in linked {
        let (position, origin): (i64, Option<i64>) = found?;
        match link_row(database, position, origin) {
            Err(Fault::Damaged { position, .. }) => {
                tracing::warn!(position, "a damaged row is left out of the index");
            }
            done => done?,
        }
    }
    Ok(())
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
    if let Some(voided) = voided(database, &row, own)? {
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
