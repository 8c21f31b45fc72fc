//! Rows of the log, one by one, each with whether it is voided.

use rusqlite::{CachedStatement, Row};
use varde_core::ports::{LogEvent, Standing, StoredStatement};
use varde_xapi::StatementId;

use crate::database::{Database, misled};
use crate::error::Fault;
use crate::row::{Sound, columns, into_statement};

/// The columns of a row, and whether it is voided.
macro_rules! standing_columns {
    () => {
        concat!(
            columns!(),
            ", EXISTS (SELECT 1 FROM voided WHERE voided.position = log.position)"
        )
    };
}
const VOIDED: usize = 16;

const AT: &str = concat!(
    "SELECT ",
    standing_columns!(),
    " FROM log WHERE position = ?1"
);
/// Beside the row, which may be missing, where the index says that it stands.
const BY_ID: &str = concat!(
    "SELECT ",
    standing_columns!(),
    ", place FROM (SELECT position AS place FROM statement WHERE id = ?1 AND test = ?2)
     LEFT JOIN log ON log.position = place"
);
const PLACE: usize = 17;

/// Returns the statement of that id, live or of a test space, when it stands as asked.
pub(super) fn by_id(
    database: &Database,
    id: StatementId,
    test: bool,
    standing: Standing,
) -> Result<Option<StoredStatement>, Fault> {
    let event = match database.find_in_memory(id, test) {
        Some(position) => {
            Places::of(database)?.at(position, standing.into(), &|row| row.has_id(id, test))?
        }
        None => on_disk(database, id, test, standing)?,
    };
    Ok(event.and_then(into_statement))
}

fn on_disk(
    database: &Database,
    id: StatementId,
    test: bool,
    standing: Standing,
) -> Result<Option<LogEvent>, Fault> {
    let mut select = database.connection.prepare_cached(BY_ID)?;
    let mut rows = select.query((id.0.as_bytes(), test))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    if row.get::<_, Option<i64>>(0)?.is_none() {
        let position = row.get(PLACE)?;
        return Err(if database.reaches(position)? {
            Fault::Damaged { position, id: None }
        } else {
            misled(id, position)
        });
    }
    read(row, database, standing.into(), &|row| row.has_id(id, test))
}

/// Which rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Valid,
    Voided,
    Both,
}

impl From<Standing> for Wanted {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Valid => Self::Valid,
            Standing::Voided => Self::Voided,
        }
    }
}

/// Reads rows by their places.
pub(super) struct Places<'d> {
    database: &'d Database,
    select: CachedStatement<'d>,
}

impl<'d> Places<'d> {
    pub(super) fn of(database: &'d Database) -> Result<Self, Fault> {
        let select = database.connection.prepare_cached(AT)?;
        Ok(Self { database, select })
    }

    /// Returns the event at a position where one must be, if it is wanted. The index leads there, so
    /// the row must have brought what was looked for.
    pub(super) fn at(
        &mut self,
        position: i64,
        wanted: Wanted,
        brings: &dyn Fn(&Sound<'_>) -> bool,
    ) -> Result<Option<LogEvent>, Fault> {
        let mut rows = self.select.query([position])?;
        match rows.next()? {
            Some(row) => read(row, self.database, wanted, brings),
            None => Err(Fault::Damaged { position, id: None }),
        }
    }
}

fn read(
    row: &Row<'_>,
    database: &Database,
    wanted: Wanted,
    brings: &dyn Fn(&Sound<'_>) -> bool,
) -> Result<Option<LogEvent>, Fault> {
    let sound = Sound::of(row, database)?;
    if !brings(&sound) {
        return Err(Fault::misleading("what was looked for", row.get(0)?));
    }
    let is_voided: bool = row.get(VOIDED)?;
    let is_wanted = match wanted {
        Wanted::Valid => !is_voided,
        Wanted::Voided => is_voided,
        Wanted::Both => true,
    };
    is_wanted.then(|| sound.event(database)).transpose()
}
