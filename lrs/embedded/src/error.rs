//! What can go wrong, inside and for the caller.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ErrorCode;
use thiserror::Error;
use varde_core::ports::{Position, StoreError};
use varde_xapi::StatementId;

/// Why a data folder was not opened. Nothing in it was changed.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Another process works in the folder.
    #[error("the data folder {} is in use by another process: stop that one, or name another folder", .0.display())]
    Locked(PathBuf),
    /// Something that is no folder stands there.
    #[error("{} is not a folder: name a folder for the data, or move the file away", .0.display())]
    NotAFolder(PathBuf),
    /// A copy into the folder was begun and not finished.
    #[error("a copy into {} was not finished: empty the folder and make the copy again", .0.display())]
    Unfinished(PathBuf),
    /// The folder cannot be made, read or written.
    #[error("the data folder {} cannot be used ({source}): let the user that runs this read and write it", folder.display())]
    Inaccessible {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database file was made by another program.
    #[error("{} is not a Varde database: name another folder, or move the file away", .0.display())]
    Foreign(PathBuf),
    /// The database file was made by a later version.
    #[error("{} has format {found}, and this version of Varde reads format {known}: run the version that made it, or a later one", file.display())]
    Newer {
        /// The database file.
        file: PathBuf,
        /// The format found.
        found: i64,
        /// The newest format that this version reads.
        known: i64,
    },
    /// The database file was made by an earlier version, or an upgrade of it was not finished.
    #[error("{} {}, and this version of Varde needs format {needed}: type `varde upgrade --check`, which says what is to be done, then `varde upgrade`", file.display(), outdated(*found))]
    Outdated {
        /// The database file.
        file: PathBuf,
        /// The format found; negative where an upgrade to it was begun.
        found: i64,
        /// The format that this version reads.
        needed: i64,
    },
    /// The database cannot be read.
    #[error("the database {} cannot be opened", file.display())]
    Database {
        /// The database file.
        file: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
}

fn outdated(found: i64) -> String {
    if found < 0 {
        format!("is on its way to format {}", -found)
    } else {
        format!("has format {found}")
    }
}

/// A failure inside the store, before it is known whom it concerns.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    #[error("the row at position {position} is damaged")]
    Damaged {
        position: i64,
        id: Option<StatementId>,
    },
    #[error("the index is damaged: {0}")]
    Index(String),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

impl Fault {
    /// Tells of an entry of the index that leads to a row that did not bring it.
    pub(crate) fn misleading(what: &str, position: i64) -> Self {
        Self::Index(format!(
            "{what} leads to position {position}, whose row does not have it"
        ))
    }

    /// Tells whether what is derived from the log may be damaged, so that it is worth a check.
    pub(crate) fn tells_of_damage(&self) -> bool {
        match self {
            Self::Index(_) => true,
            Self::Sqlite(error) => is_damage(error),
            Self::Damaged { .. } => false,
        }
    }
}

/// Tells of what was met where only the index is read.
pub(crate) fn of_index(error: rusqlite::Error) -> Fault {
    if is_damage(&error) {
        Fault::Index(format!("it cannot be read: {error}"))
    } else {
        error.into()
    }
}

/// Tells whether an error says that the file is damaged, rather than that it cannot be had.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    let malformed = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    );
    malformed || is_senseless(error)
}

/// Tells whether an error says that a value is not of the kind that was written.
pub(crate) fn is_senseless(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..)
    )
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Damaged { position, id } => Self::Damaged {
                position: position_of(position),
                id,
            },
            Fault::Index(reason) => Self::Index { reason },
            Fault::Sqlite(error) if is_damage(&error) => Self::failed(Malformed(error)),
            Fault::Sqlite(error) => Self::failed(error),
        }
    }
}

/// What is kept cannot be read, and nothing can make it anew.
#[derive(Debug, Error)]
#[error(
    "the database is damaged ({0}): `varde verify` names the table and the page, and the last good \
     backup mends it"
)]
struct Malformed(#[source] rusqlite::Error);

/// Returns a position as the ports know it.
pub(crate) fn position_of(position: i64) -> Position {
    Position(position.try_into().unwrap_or(0))
}

/// Returns a position as the database knows it; what no log reaches is cut.
pub(crate) fn number_of(position: Position) -> i64 {
    position.0.try_into().unwrap_or(i64::MAX)
}

const DISK_FULL: &str = "the disk is full: free some space for the data folder";
const WRITES_REFUSED: &str = "the data folder refuses writes: mount it for writing, and let the \
                              user that runs this write to it";

/// Tells of a file beside the database that could not be read or written.
pub(crate) fn of_files(error: io::Error) -> StoreError {
    let reason = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => DISK_FULL,
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => WRITES_REFUSED,
        _ => return StoreError::failed(error),
    };
    StoreError::Unwritable {
        reason: format!("{reason} ({error})"),
    }
}

/// Why a group was not written, told to everybody in it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal(Arc<rusqlite::Error>);

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self(Arc::new(error))
    }
}

impl From<Refusal> for StoreError {
    fn from(refusal: Refusal) -> Self {
        let reason = match refusal.0.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => DISK_FULL,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                WRITES_REFUSED
            }
            Some(ErrorCode::SystemIoFailure) => {
                "writing to the disk failed: see the system's log for the disk, its space and quota"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another program holds the database: end that program"
            }
            _ => return Self::failed(refusal.0),
        };
        Self::Unwritable {
            reason: format!("{reason} ({})", refusal.0),
        }
    }
}

/// The store was closed, and somebody still asked.
#[derive(Debug, Error)]
#[error("the store is closed")]
pub(crate) struct Closed;

impl From<Closed> for StoreError {
    fn from(closed: Closed) -> Self {
        Self::failed(closed)
    }
}
