//! Where statements come from: space, key, authority and scope, kept once and named by a number.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;
use varde_core::ports::{NewStatement, TermKey};
use varde_core::{KeyId, Space};

use crate::row::{bytes_of, covered, terms_of};

/// The most origins remembered; there are about as many as keys, so this bounds the odd case.
const REMEMBERED_MAX: usize = 4_096;

/// What every statement of one key has in common.
#[derive(Debug)]
pub(crate) struct Origin {
    pub(crate) number: i64,
    pub(crate) space: Space,
    pub(crate) key: KeyId,
    pub(crate) authority: Arc<str>,
    /// What bounds the readers of its statements; empty for those of the first format, whose
    /// rows say it.
    pub(crate) scope: Vec<TermKey>,
    /// What a row's checksum covers of it.
    pub(crate) covered: Vec<u8>,
}

/// What an origin consists of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) space: &'a Space,
    pub(crate) key: KeyId,
    pub(crate) authority: &'a Arc<str>,
    pub(crate) scope: &'a [TermKey],
}

impl<'a> Source<'a> {
    pub(crate) fn of(new: &'a NewStatement) -> Self {
        Self {
            space: &new.space,
            key: new.key,
            authority: &new.authority,
            scope: &new.scope,
        }
    }
}

impl Origin {
    fn is_of(&self, source: Source<'_>) -> bool {
        (&self.space, self.key, self.scope.as_slice()) == (source.space, source.key, source.scope)
            && (Arc::ptr_eq(&self.authority, source.authority)
                || self.authority == *source.authority)
    }
}

/// The origins met so far.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    by_number: HashMap<i64, Arc<Origin>>,
    by_key: HashMap<KeyId, Vec<Arc<Origin>>>,
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
        let origin = load(connection, number)?.map(Arc::new);
        if let Some(origin) = &origin {
            self.remember(origin);
        }
        Ok(origin)
    }

    /// Returns the origin that consists of this, giving it a number where it has none.
    pub(crate) fn of(
        &mut self,
        connection: &Connection,
        source: Source<'_>,
    ) -> rusqlite::Result<Arc<Origin>> {
        let of_key = self.by_key.get(&source.key);
        let known = of_key.and_then(|known| known.iter().find(|origin| origin.is_of(source)));
        if let Some(origin) = known {
            return Ok(Arc::clone(origin));
        }
        let origin = Arc::new(find_or_insert(connection, source)?);
        self.remember(&origin);
        Ok(origin)
    }

    /// Empties origins that no row comes from any more. Their numbers stay taken, since others may
    /// remember what they stood for.
    pub(crate) fn empty_unnamed(connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "UPDATE origin SET space = '', key = x'', authority = number, scope = x''
             WHERE number NOT IN (SELECT origin FROM log WHERE origin IS NOT NULL)",
        )
    }

    /// Forgets everything, since a number may have been taken back.
    pub(crate) fn forget(&mut self) {
        self.by_number.clear();
        self.by_key.clear();
    }

    fn remember(&mut self, origin: &Arc<Origin>) {
        if self.by_number.len() >= REMEMBERED_MAX {
            self.forget();
        }
        self.by_number.insert(origin.number, Arc::clone(origin));
        let of_key = self.by_key.entry(origin.key).or_default();
        of_key.push(Arc::clone(origin));
    }
}

fn load(connection: &Connection, number: i64) -> rusqlite::Result<Option<Origin>> {
    let mut select = connection
        .prepare_cached("SELECT space, key, authority, scope FROM origin WHERE number = ?1")?;
    let found = select
        .query_row([number], |row| {
            let space: String = row.get(0)?;
            let key: Vec<u8> = row.get(1)?;
            let authority: String = row.get(2)?;
            let scope: Vec<u8> = row.get(3)?;
            Ok((space, key, authority, scope))
        })
        .optional()?;
    Ok(found.and_then(|(space, key, authority, scope)| {
        Some(Origin {
            number,
            covered: covered(&space, &key, &authority),
            space: space.parse().ok()?,
            key: KeyId(Uuid::from_slice(&key).ok()?),
            authority: authority.into(),
            scope: terms_of(&scope),
        })
    }))
}

fn find_or_insert(connection: &Connection, source: Source<'_>) -> rusqlite::Result<Origin> {
    let (space, key) = (source.space.to_string(), source.key.0.as_bytes());
    let values = params![space, key, &**source.authority, bytes_of(source.scope)];
    let mut select = connection.prepare_cached(
        "SELECT number FROM origin WHERE space = ?1 AND key = ?2 AND authority = ?3 AND scope = ?4",
    )?;
    let found = select.query_row(values, |row| row.get(0)).optional()?;
    let number = match found {
        Some(number) => number,
        None => connection
            .prepare_cached(
                "INSERT INTO origin(space, key, authority, scope) VALUES (?1, ?2, ?3, ?4)",
            )?
            .insert(values)?,
    };
    Ok(Origin {
        number,
        covered: covered(&space, key, source.authority),
        space: source.space.clone(),
        key: source.key,
        authority: Arc::clone(source.authority),
        scope: source.scope.to_vec(),
    })
}
