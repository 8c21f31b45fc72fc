//! A store filled with what another one consists of: rows, records and marks at their places.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use uuid::Uuid;
use varde_core::KeyId;
use varde_core::ports::{Happened, Marks, MovedRow, NewEvent, Position, Record, StoreError};
use varde_xapi::Stored;

use super::{CareError, anew, files};
use crate::bodies::{Packer, newest};
use crate::database::Database;
use crate::error::number_of;
use crate::folder::{DataFolder, Lock, UNFINISHED};
use crate::index::INDEXED;
use crate::origin::Source;
use crate::row::{self, Place, columns};
use crate::store::EmbeddedStore;
use crate::writer::{COMMITS, MARK, write_meta};

/// A data folder that is being filled. Until that is finished, no store is opened in it.
#[derive(Debug)]
pub struct Filling {
    database: Database,
    packer: Packer,
    unfinished: PathBuf,
    _lock: Lock,
}

impl Filling {
    /// Begins in a folder without a store.
    pub fn begin(to: DataFolder) -> Result<Self, CareError> {
        let DataFolder { folder, lock } = to;
        let path = folder.path().to_owned();
        if folder.database().exists() {
            return Err(CareError::NotEmpty(path));
        }
        let database = Database::new(folder.writer()?);
        let unfinished = path.join(UNFINISHED);
        fs::write(&unfinished, "").map_err(files("write", &unfinished))?;
        let packer = Packer::new(newest(&database.connection)?);
        Ok(Self {
            database,
            packer,
            unfinished,
            _lock: lock,
        })
    }

    /// Takes rows, the next ones in the order of positions.
    pub fn take_rows(&self, rows: Vec<MovedRow>) -> Result<(), CareError> {
        self.transact(|| rows.into_iter().try_for_each(|row| self.take_row(row)))
    }

    fn take_row(&self, moved: MovedRow) -> Result<(), CareError> {
        let connection = &self.database.connection;
        let MovedRow {
            event,
            terms,
            scope,
        } = moved;
        let place = Place {
            position: number_of(event.position),
            stored: event.stored,
        };
        match event.what {
            Happened::Event(kind, body) => {
                row::write_event(connection, place, &NewEvent { kind, body })?;
            }
            Happened::Erased(left) => {
                let nobody = Source {
                    space: &left.space,
                    key: KeyId(Uuid::nil()),
                    authority: &Arc::from(""),
                    scope: &[],
                };
                let origin = self.database.origin_of(nobody)?;
                row::write_tombstone(connection, place, &left, &origin)?;
            }
            Happened::Statement(statement) => {
                let mut new = statement.anew(terms, scope);
                let body = self.packer.pack(std::mem::take(&mut new.body));
                let origin = self.database.origin_of(Source::of(&new))?;
                row::write_statement(connection, place, &new, &body, &origin)?;
            }
        }
        Ok(())
    }

    /// Takes records with the names of their collections.
    pub fn take_records(&self, records: &[(String, Record)]) -> Result<(), CareError> {
        self.transact(|| {
            let mut put = self
                .database
                .connection
                .prepare_cached("INSERT INTO record VALUES (?1, ?2, ?3, ?4)")?;
            for (collection, record) in records {
                let version = record.version.cast_signed();
                put.execute((collection, &record.key, &record.value, version))?;
            }
            Ok(())
        })
    }

    /// Makes what is derived from the log, leaves the marks, and lets a store be opened.
    pub fn finish(self, marks: Marks) -> Result<(), CareError> {
        let connection = &self.database.connection;
        self.transact(|| {
            anew::make_anew(&self.database, true)?;
            write_meta(connection, INDEXED, self.database.head()?)?;
            write_meta(connection, COMMITS, marks.commits.cast_signed())?;
            Ok(write_meta(connection, MARK, marks.given.0)?)
        })?;
        fs::remove_file(&self.unfinished).map_err(files("remove", &self.unfinished))
    }

    fn transact(&self, work: impl FnOnce() -> Result<(), CareError>) -> Result<(), CareError> {
        let connection = &self.database.connection;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let done = work();
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = connection.execute_batch(end);
        done.and(Ok(ended?))
    }
}

impl EmbeddedStore {
    /// Returns up to `limit` rows of the log behind a position, to be moved into another store.
    pub async fn rows_behind(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<MovedRow>, StoreError> {
        let (after, limit) = (number_of(after), i64::try_from(limit).unwrap_or(i64::MAX));
        let read = move |database: &Database| {
            let sql = concat!(
                "SELECT ",
                columns!(),
                " FROM log WHERE position > ?1 ORDER BY position LIMIT ?2"
            );
            let rows = database.rows(sql, [after, limit], row::read)?;
            let moved = rows.into_iter().map(|whole| MovedRow {
                event: whole.event,
                terms: whole.terms,
                scope: whole.scope,
            });
            Ok(moved.collect())
        };
        self.pool().ask(read).await
    }

    /// Returns how far the store has come.
    pub async fn marks(&self) -> Result<Marks, StoreError> {
        let read = |database: &Database| {
            let last = database
                .stored(database.head()?)?
                .map_or(0, |stored| stored.0);
            let mark = database.meta(MARK)?.unwrap_or(0);
            let commits = database.meta(COMMITS)?.unwrap_or(0);
            Ok(Marks {
                given: Stored(mark.max(last)),
                commits: commits.unsigned_abs(),
            })
        };
        self.pool().ask(read).await
    }
}
