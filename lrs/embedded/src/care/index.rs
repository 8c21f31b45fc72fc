//! The index against the rows of the log that it is derived from: whether it leads to each.

use std::ops::ControlFlow;

use rusqlite::{Connection, OptionalExtension as _};
use varde_core::ports::TermKey;
use varde_xapi::StatementId;

use super::check::What;
use crate::database::Database;
use crate::error::{Fault, is_damage, number_of};
use crate::index::{ListKey, block};
use crate::row::{Link, STATEMENT, Whole};
use crate::schema::link;

/// Says what is wrong with how the index leads to a row that is whole; `None` when all of it does.
pub(super) fn lacking(database: &Database, row: &Whole) -> Result<Option<(What, String)>, Fault> {
    let of_index = |detail: String| Ok(Some((What::Index, detail)));
    match compare(database, row) {
        Err(Fault::Sqlite(error)) if is_damage(&error) => {
            of_index(format!("the index cannot be read: {error}"))
        }
        Err(Fault::Index(reason)) => of_index(reason),
        // The row that it leads through is found by itself.
        Err(Fault::Damaged { .. }) => Ok(None),
        compared => Ok(compared?),
    }
}

fn compare(database: &Database, row: &Whole) -> Result<Option<(What, String)>, Fault> {
    if !is_found_by_kind(database, row)? {
        let detail = "its kind does not lead to it".to_owned();
        return Ok(Some((What::Index, detail)));
    }
    let Some(own) = row.link() else {
        return Ok(None);
    };
    if let Some(lacking) = by_id(database, row, own)? {
        return Ok(Some(lacking));
    }
    let lacking = by_entries(database, row, own)?;
    Ok(lacking.map(|detail| (What::Index, detail.to_owned())))
}

/// Tells whether a row that is no statement is among those of its kind.
fn is_found_by_kind(database: &Database, row: &Whole) -> rusqlite::Result<bool> {
    let kind = row.kind();
    let mut select = database.connection.prepare_cached(
        "SELECT 1 FROM log INDEXED BY event WHERE kind <> 0 AND kind = ?1 AND position = ?2",
    )?;
    Ok(kind == STATEMENT || select.exists((kind, number_of(row.event.position)))?)
}

/// Says why the id of a row does not lead to it, if so.
fn by_id(database: &Database, row: &Whole, own: Link<'_>) -> Result<Option<(What, String)>, Fault> {
    let position = number_of(row.event.position);
    let (id, test) = own.key();
    let found = match database.find(id, test)? {
        Some(found) if found == position => return Ok(None),
        Some(found) => found,
        None => return Ok(Some((What::Index, "its id does not lead to it".to_owned()))),
    };
    database.row_of((id, test), found)?;
    Ok(Some(if found < position {
        let detail =
            format!("its id is that of the statement at position {found}, which came first");
        (What::Twice, detail)
    } else {
        let detail = format!("its id leads to position {found}, where it stands once more");
        (What::Index, detail)
    }))
}

/// Says what else of the index does not lead to a row.
fn by_entries(
    database: &Database,
    row: &Whole,
    own: Link<'_>,
) -> Result<Option<&'static str>, Fault> {
    let position = number_of(row.event.position);
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
    if let Some(voided) = voided(database, own)?
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
pub(super) fn targets(row: &Whole) -> Vec<(StatementId, i64)> {
    let Some(own) = row.link() else {
        return Vec::new();
    };
    let refers = own.refers_to.map(|target| (target, link::REFERS));
    let voids = own.voids.map(|target| (target, link::VOIDS));
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
pub(super) fn voided(database: &Database, own: Link<'_>) -> Result<Option<i64>, Fault> {
    let Some(target) = own.voids else {
        return Ok(None);
    };
    let test = own.space.is_test();
    let Some(position) = database.find(target, test)? else {
        return Ok(None);
    };
    let found = database.row_of((target, test), position)?;
    let can_be = |other: &Link<'_>| other.space == own.space && other.voids.is_none();
    Ok(found.link().filter(can_be).map(|_| position))
}

/// Returns the terms that a statement must have inherited by now.
pub(super) fn inherited(
    database: &Database,
    row: &Whole,
    own: Link<'_>,
) -> Result<Vec<TermKey>, Fault> {
    if own.refers_to.is_none() || has_backlog(database)? {
        return Ok(Vec::new());
    }
    inherited_terms(database, row, own)
}

/// Returns the terms that a statement inherits from what it refers to, however far.
pub(super) fn inherited_terms(
    database: &Database,
    row: &Whole,
    own: Link<'_>,
) -> Result<Vec<TermKey>, Fault> {
    let mut terms = Vec::new();
    if row.statement().is_none() {
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
