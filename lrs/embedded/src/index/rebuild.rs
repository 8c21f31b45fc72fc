//! The entries in memory, made from the log.

use rusqlite::{Connection, Row};
use uuid::Uuid;
use varde_core::ports::TermKey;
use varde_xapi::StatementId;

use super::newest::{Added, Generation, Newest};
use super::{INDEXED, ListKey};
use crate::database::Database;
use crate::error::{Fault, is_damage};
use crate::row::terms_of;

/// How many rows are read before their entries are taken over.
const ROWS: usize = 10_000;

/// Makes the entries of all statements behind the mark, of what is left of erased ones too: these
/// are found by their ids alone.
///
/// Rows are not verified here: an entry only proposes a row, and whoever reads that row does.
pub(crate) fn newest(database: &Database, generation_max: usize) -> Result<Newest, Fault> {
    let (head, indexed) = (database.head()?, database.meta(INDEXED)?.unwrap_or(0));
    let generation = stretch(database, indexed, head)?;
    Ok(Newest::new(generation, head, generation_max))
}

/// Makes the entries of the statements behind a position, up to another.
pub(crate) fn stretch(database: &Database, after: i64, through: i64) -> Result<Generation, Fault> {
    let generation = Generation::behind(after);
    let mut added = Added::default();
    let columns = "position, id, origin, terms, scope, kind";
    each_row(database.log(), columns, (after, through), |row| {
        // A kind that is no number is that of a damaged row.
        if row.get_ref(5)?.as_i64().is_ok_and(|kind| kind <= 0) {
            add(database, row, &mut added)?;
        }
        if added.ids.len() >= ROWS {
            generation.add(std::mem::take(&mut added));
        }
        Ok(())
    })?;
    generation.add(added);
    Ok(generation)
}

/// Hands over the rows of the log behind a position, up to another; the first column is the position.
/// Rows on a page that cannot be read are left out: whoever asks for them is told.
pub(crate) fn each_row(
    connection: &Connection,
    columns: &str,
    (after, through): (i64, i64),
    mut take: impl FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut select = connection.prepare(&format!(
        "SELECT {columns} FROM log WHERE position > ?1 AND position <= ?2 ORDER BY position"
    ))?;
    let mut last = after;
    while last < through {
        let mut rows = select.query([last, through])?;
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    last = row.get(0)?;
                    take(row)?;
                }
                Ok(None) => return Ok(()),
                Err(error) if is_damage(&error) => break,
                Err(error) => return Err(error.into()),
            }
        }
        // Behind the first row that could not be read.
        last += 1;
    }
    Ok(())
}

fn add(database: &Database, row: &Row<'_>, added: &mut Added) -> rusqlite::Result<()> {
    let position = row.get(0)?;
    let blob = |column: usize| row.get_ref(column).ok()?.as_blob().ok();
    let origin = match row.get_ref(2)?.as_i64() {
        Ok(number) => database.origin(number)?,
        Err(_) => None,
    };
    if let Some(id) = blob(1).and_then(|id| Uuid::from_slice(id).ok()) {
        let test = origin.as_ref().is_some_and(|origin| origin.space.is_test());
        let key = (StatementId(id), test);
        added.ids.entry(key).or_insert(position);
    }
    let scope = match (blob(4), &origin) {
        (Some(scope), _) => terms_of(scope),
        (None, Some(origin)) => origin.scope.clone(),
        (None, None) => Vec::new(),
    };
    let own = terms_of(blob(3).unwrap_or_default());
    added.post(position, &own, &scope);
    Ok(())
}

impl Added {
    /// Adds what a statement carries.
    pub(crate) fn post(&mut self, position: i64, own: &[TermKey], scope: &[TermKey]) {
        let own = own.iter().map(|term| ListKey::own(*term));
        let scope = scope.iter().map(|term| ListKey::scope(*term));
        let keys = own.chain(scope).map(|key| (key, position));
        self.lists.extend(keys);
    }
}
