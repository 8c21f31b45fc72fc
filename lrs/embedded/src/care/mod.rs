//! Care of a data folder: copies of it, and checks.
//!
//! - [`back_up`], [`restore`], [`migrate`]: copies of a whole folder.
//! - [`Filling`]: a store filled with what one of another kind consists of.
//! - [`keep_newest`]: old backups are removed.
//! - `manifest`: what a backup says of itself; `copy`: one file, checked on its way.
//! - `check`: whether rows are whole; `pages`: those of the file, by table.
//! - `index`: whether the index leads to each row; `entries`: whether each entry leads to its row.
//! - `anew`: what is derived from the log, made anew from it.

pub(crate) mod anew;
mod backup;
pub(crate) mod check;
mod copy;
pub(crate) mod entries;
mod index;
mod keep;
mod manifest;
mod moving;
pub(crate) mod pages;
mod restore;

pub use backup::{About, back_up};
pub use check::{Checked, Finding, What};
pub use entries::{CheckedEntries, EntryPlace};
pub use keep::{Kept, keep_newest};
pub use manifest::Manifest;
pub use moving::Filling;
pub use pages::{TABLES, check_unopened};
pub use restore::{migrate, restore};

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::OpenError;
use crate::error::Fault;

/// How far a long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is done.
    pub what: &'static str,
    /// How much of it is done: pages, rows or bytes.
    pub done: u64,
    /// How much there is.
    pub of: u64,
}

/// Shown how far a work has come.
pub type Watch<'a> = &'a mut dyn FnMut(Progress);

/// Why a copy was not made.
#[derive(Debug, Error)]
pub enum CareError {
    /// There is no store to be copied.
    #[error("there is no store in {}", .0.display())]
    NoStore(PathBuf),
    /// What is to be written to is not empty.
    #[error("{} is not empty: name a folder that is empty or absent", .0.display())]
    NotEmpty(PathBuf),
    /// The folder is no backup, or one that was not finished.
    #[error("{} is no complete backup: it has no {} that can be read ({reason})", folder.display(), manifest::NAME)]
    NoBackup {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with its list of files.
        reason: String,
    },
    /// A file of a backup is not as it was made.
    #[error("the backup is damaged: {file} has {found}, expected {expected}")]
    Altered {
        /// The file, within the backup.
        file: String,
        /// What it has.
        found: String,
        /// What it had.
        expected: String,
    },
    /// What was copied is damaged.
    #[error(
        "the copy is damaged, so it was not finished: {first} (`varde verify` lists all findings)"
    )]
    Damaged {
        /// The first finding.
        first: String,
    },
    /// The data folder cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file cannot be read or written.
    #[error("cannot {act} {}: {source}", path.display())]
    Files {
        /// What was tried.
        act: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database cannot be read or copied.
    #[error("the database cannot be copied")]
    Database(#[from] rusqlite::Error),
}

impl From<Fault> for CareError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sqlite(error) => Self::Database(error),
            damaged => Self::Damaged {
                first: damaged.to_string(),
            },
        }
    }
}

/// Tells what could not be done with a file.
fn files(act: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CareError {
    let path = path.to_owned();
    move |source| CareError::Files { act, path, source }
}
