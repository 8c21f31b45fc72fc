//! Where statements come from: space, key and authority, kept once and named by a number.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;
use varde_core::ports::NewStatement;
use varde_core::{KeyId, Space};

/// The most origins remembered; there are about as many as keys, so this bounds the odd case.
const REMEMBERED_MAX: usize = 4_096;

/// What every statement of one key has in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) space: Space,
    pub(crate) key: KeyId,
    pub(crate) authority: Arc<str>,
}

impl Origin {
    pub(crate) fn of(new: &NewStatement) -> Self {
        Self {
            space: new.space.clone(),
            key: new.key,
            authority: Arc::clone(&new.authority),
        }
    }
}

/// The origins met so far, by number and by content.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    by_number: HashMap<i64, Arc<Origin>>,
    numbers: HashMap<Arc<Origin>, i64>,
}

impl Origins {
    /// Returns the origin of that number; `None` when there is none, or it makes no sense.
    pub(crate) fn get(
        &mut self,
        connection: &Connection,
        number: i64,
    ) -> rusqlite::Result<Option<Arc<Origin>>> {
        if let Some(origin) = self.by_number.get(&number) {
            return Ok(Some(Arc::clone(origin)));
        }
        let Some(origin) = load(connection, number)?.map(Arc::new) else {
            return Ok(None);
        };
        self.remember(number, &origin);
        Ok(Some(origin))
    }

    /// Returns the number of an origin, giving it one where it has none.
    pub(crate) fn number(
        &mut self,
        connection: &Connection,
        origin: &Arc<Origin>,
    ) -> rusqlite::Result<i64> {
        if let Some(number) = self.numbers.get(origin) {
            return Ok(*number);
        }
        let number = find_or_insert(connection, origin)?;
        self.remember(number, origin);
        Ok(number)
    }

    /// Empties origins that no row comes from any more. Their numbers stay taken, since others may
    /// remember what they stood for.
    pub(crate) fn empty_unnamed(connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "UPDATE origin SET space = '', key = x'', authority = number
             WHERE number NOT IN (SELECT origin FROM log WHERE origin IS NOT NULL)",
        )
    }

    /// Forgets everything, since a number may have been taken back.
    pub(crate) fn forget(&mut self) {
        self.by_number.clear();
        self.numbers.clear();
    }

    fn remember(&mut self, number: i64, origin: &Arc<Origin>) {
        if self.by_number.len() >= REMEMBERED_MAX {
            self.forget();
        }
        self.by_number.insert(number, Arc::clone(origin));
        self.numbers.insert(Arc::clone(origin), number);
    }
}

fn load(connection: &Connection, number: i64) -> rusqlite::Result<Option<Origin>> {
    let mut select =
        connection.prepare_cached("SELECT space, key, authority FROM origin WHERE number = ?1")?;
    let found = select
        .query_row([number], |row| {
            let space: String = row.get(0)?;
            let key: Vec<u8> = row.get(1)?;
            let authority: String = row.get(2)?;
            Ok((space, key, authority))
        })
        .optional()?;
    Ok(found.and_then(|(space, key, authority)| {
        let key = KeyId(Uuid::from_slice(&key).ok()?);
        Some(Origin {
            space: space.parse().ok()?,
            key,
            authority: authority.into(),
        })
    }))
}

fn find_or_insert(connection: &Connection, origin: &Origin) -> rusqlite::Result<i64> {
    let (space, key) = (origin.space.to_string(), origin.key.0.as_bytes());
    let values = params![space, key, &*origin.authority];
    let mut select = connection.prepare_cached(
        "SELECT number FROM origin WHERE space = ?1 AND key = ?2 AND authority = ?3",
    )?;
    if let Some(number) = select.query_row(values, |row| row.get(0)).optional()? {
        return Ok(number);
    }
    let mut insert = connection
        .prepare_cached("INSERT INTO origin(space, key, authority) VALUES (?1, ?2, ?3)")?;
    insert.insert(values)
}
