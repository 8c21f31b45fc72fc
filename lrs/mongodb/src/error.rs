//! What can go wrong, by meaning.

use mongodb::error::{
    Error, ErrorKind, RETRYABLE_WRITE_ERROR, TRANSIENT_TRANSACTION_ERROR,
    UNKNOWN_TRANSACTION_COMMIT_RESULT, WriteFailure,
};
use thiserror::Error as ThisError;
use varde_core::ports::StoreError;
use varde_xapi::StatementId;

use crate::layout::id;

/// Another document has the `_id`.
pub(crate) const DUPLICATE_KEY: i32 = 11_000;
/// The server's disk is full.
const OUT_OF_DISK_SPACE: i32 = 14_031;
/// Codes of a member that is no primary (any more), or has none to ask.
const NO_PRIMARY: [i32; 12] = [
    6, 7, 89, 91, 189, 262, 9_001, 10_058, 10_107, 11_600, 11_602, 13_435,
];
/// A snapshot cannot be read (any more); a new one can.
const SNAPSHOT_GONE: [i32; 2] = [239, 246];

/// Why a database was not opened.
#[derive(Debug, ThisError)]
pub enum OpenError {
    /// The address cannot be understood.
    #[error(
        "the address of MongoDB cannot be used: {reason}; expected \
         mongodb://[USER:PASSWORD@]HOST[:PORT][,HOST…]/DATABASE?replicaSet=NAME, with characters of \
         user and password other than letters and digits percent-encoded"
    )]
    Address {
        /// What is wrong with it, without the address.
        reason: String,
    },
    /// The address names no database.
    #[error("the address of MongoDB names no database: write it behind the hosts, as in …/varde?…")]
    NoDatabase,
    /// The server is one by itself, and such a one has no transactions.
    #[error(
        "the MongoDB server at this address is not part of a replica set, and Varde needs one: \
         start it with --replSet and initiate the set, of one member at least"
    )]
    Standalone,
    /// The server is older than what is relied on.
    #[error("the MongoDB server has the version {found}; expected 6.0 or later")]
    Old {
        /// The version it says it has.
        found: String,
    },
    /// The database holds documents of a later version of Varde.
    #[error("the database has the format {found}, this version knows {known}; use a newer Varde")]
    Newer {
        /// The format found.
        found: i64,
        /// The newest format known.
        known: i64,
    },
    /// The database holds documents of an earlier version of Varde, or an upgrade was not finished.
    #[error(
        "the database {}, and this version needs format {needed}: type `varde upgrade --check`, which \
         says what is to be done, then `varde upgrade`",
        outdated(*found)
    )]
    Outdated {
        /// The format found; negative where an upgrade to it was begun.
        found: i64,
        /// The format needed.
        needed: i64,
    },
    /// Another process carries out migrations.
    #[error("another process upgrades the database; try again when it is done")]
    Upgrading,
    /// The database was to be filled from another store, and that was not finished.
    #[error(
        "a migration into this database was not finished: drop the database (db.dropDatabase()) \
         and migrate again"
    )]
    Unfinished,
    /// An index has another definition than the one that is needed.
    #[error(
        "the index `{name}` of the collection `{collection}` is {found}; expected {expected}: drop \
         it (db.{collection}.dropIndex(\"{name}\")) while no Varde runs, and start again"
    )]
    Index {
        /// The collection.
        collection: &'static str,
        /// The index's name.
        name: &'static str,
        /// Its definition, as JSON.
        found: String,
        /// The definition needed, as JSON.
        expected: String,
    },
    /// The database could not be asked.
    #[error("the MongoDB database cannot be used")]
    Database(#[source] Box<Error>),
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Database(Box::new(error))
    }
}

fn outdated(found: i64) -> String {
    if found < 0 {
        format!("is on its way to format {}", -found)
    } else {
        format!("has format {found}")
    }
}

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The driver or the server.
    Driver(Error),
    /// A write of a command failed, while others may have worked: its code and what was said.
    Write(i32, String),
    /// A row whose checksum does not fit.
    Damaged {
        position: i64,
        id: Option<StatementId>,
    },
    /// A batch is refused by what it holds itself, and it was not looked what the store holds.
    Unlooked,
    /// An erasure waits until everything is inherited.
    Inheriting,
    /// The store is of another format by now, or on its way to one.
    OtherFormat,
    /// A document that no version of Varde writes.
    Foreign(String),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl Fault {
    /// Tells whether the same transaction may work when it is made again.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Driver(error) => {
                error.contains_label(TRANSIENT_TRANSACTION_ERROR) || is_passing(error)
            }
            Self::Inheriting => true,
            _ => false,
        }
    }

    /// Tells of a commit that failed whether it is certain that nothing of it happened.
    pub(crate) fn is_undone(&self) -> bool {
        matches!(self, Self::Driver(error)
            if error.contains_label(TRANSIENT_TRANSACTION_ERROR)
                && !error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT))
    }

    /// Tells whether another document has the `_id`, or may have it.
    pub(crate) fn is_duplicate(&self) -> bool {
        match self {
            Self::Driver(error) => code(error) == Some(DUPLICATE_KEY),
            Self::Write(code, _) => *code == DUPLICATE_KEY,
            Self::Unlooked => true,
            _ => false,
        }
    }

    /// Tells whether a snapshot could not be read, and another can.
    pub(crate) fn is_snapshot_gone(&self) -> bool {
        matches!(self, Self::Driver(error)
            if code(error).is_some_and(|code| SNAPSHOT_GONE.contains(&code)))
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Damaged { position, id } => Self::Damaged {
                position: id::position(position),
                id,
            },
            Fault::Unlooked | Fault::Inheriting => Self::Busy,
            Fault::OtherFormat => Self::Unwritable {
                reason:
                    "the database is upgraded for a later version of Varde: start that one here"
                        .to_owned(),
            },
            Fault::Foreign(said) | Fault::Write(_, said) => Self::failed(said),
            fault @ Fault::Driver(_) if fault.is_transient() || fault.is_snapshot_gone() => {
                tracing::warn!(?fault, "the database is out of reach for now");
                Self::Busy
            }
            Fault::Driver(error) if code(&error) == Some(OUT_OF_DISK_SPACE) => Self::Unwritable {
                reason: "the disk of the MongoDB server is full".to_owned(),
            },
            Fault::Driver(error) => Self::failed(error),
        }
    }
}

/// Tells whether an error says only that the database is out of reach for now.
fn is_passing(error: &Error) -> bool {
    let by_kind = matches!(
        *error.kind,
        ErrorKind::Io(_)
            | ErrorKind::ConnectionPoolCleared { .. }
            | ErrorKind::ServerSelection { .. }
    );
    by_kind
        || error.contains_label(RETRYABLE_WRITE_ERROR)
        || code(error).is_some_and(|code| NO_PRIMARY.contains(&code))
}

/// Returns the server's code for an error.
pub(crate) fn code(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(error) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(error)) => Some(error.code),
        ErrorKind::InsertMany(error) => {
            let first = error.write_errors.as_ref()?.first()?;
            Some(first.code)
        }
        _ => None,
    }
}
