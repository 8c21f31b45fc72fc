//! The data folder: made, locked, and with a database that fits this version.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use varde_core::Clock;

use crate::attachments::AttachmentFolder;
use crate::error::{Fault, OpenError};
use crate::schema;

pub(crate) const DATABASE: &str = "varde.db";
const LOCK: &str = "lock";
/// What a connection keeps of pages that reads everything once, in KiB.
const CACHE_KIB: usize = 2 * 1024;
/// Stands in a folder that a copy is being made into, or was when a process ended.
pub(crate) const UNFINISHED: &str = "unfinished";

/// A data folder that this process has to itself for as long as this lives.
#[derive(Debug)]
pub struct DataFolder {
    pub(crate) folder: Folder,
    pub(crate) lock: Lock,
}

impl DataFolder {
    /// Locks a data folder, making it where it is absent, for its owner alone.
    pub fn lock(path: &Path) -> Result<Self, OpenError> {
        let (folder, lock) = Folder::lock(path)?;
        Ok(Self { folder, lock })
    }
}

/// A data folder, locked by whoever made this.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

/// The lock of a data folder; free again when this is dropped, however the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Folder {
    /// Returns a folder that somebody else may have locked, to read its database only.
    pub(crate) fn at(path: &Path) -> Self {
        let path = path.to_owned();
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder where it is absent, for its owner alone, and locks it.
    fn lock(path: &Path) -> Result<(Self, Lock), OpenError> {
        let inaccessible = |source| OpenError::Inaccessible {
            folder: path.to_owned(),
            source,
        };
        if path.exists() && !path.is_dir() {
            return Err(OpenError::NotAFolder(path.to_owned()));
        }
        if !path.exists() {
            make(path).map_err(inaccessible)?;
        }
        let file = open_private(&path.join(LOCK)).map_err(inaccessible)?;
        match file.try_lock() {
            Ok(()) => Ok((
                Self {
                    path: path.to_owned(),
                },
                Lock { _file: file },
            )),
            Err(TryLockError::WouldBlock) => Err(OpenError::Locked(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(inaccessible(source)),
        }
    }

    /// Opens the folder of attachments, making it where it is absent.
    pub(crate) fn attachments(&self, clock: Arc<dyn Clock>) -> Result<AttachmentFolder, OpenError> {
        AttachmentFolder::open(&self.path, clock).map_err(|source| OpenError::Inaccessible {
            folder: self.path.clone(),
            source,
        })
    }

    /// Opens the connection that writes, making the database where there is none.
    pub(crate) fn writer(&self) -> Result<Connection, OpenError> {
        let file = self.database();
        if self.path.join(UNFINISHED).exists() {
            return Err(OpenError::Unfinished(self.path.clone()));
        }
        let inaccessible = |source| OpenError::Inaccessible {
            folder: self.path.clone(),
            source,
        };
        if !file.exists() {
            // SQLite would make the file readable by everybody.
            open_private(&file).map_err(inaccessible)?;
        }
        let connection =
            Connection::open_with_flags(&file, flags(OpenFlags::SQLITE_OPEN_READ_WRITE));
        let connection = connection.map_err(|error| self.unopened(error))?;
        self.check(&connection)?;
        schema::set_up_writer(&connection).map_err(|error| self.unopened(error))?;
        // The names of new files last only once the folder itself is synced.
        sync(&self.path).map_err(inaccessible)?;
        Ok(connection)
    }

    /// Opens a connection that reads, with so many KiB for pages.
    pub(crate) fn reader(&self, cache_kib: usize) -> rusqlite::Result<Connection> {
        let read_only = flags(OpenFlags::SQLITE_OPEN_READ_ONLY);
        let connection = Connection::open_with_flags(self.database(), read_only)?;
        schema::set_up_reader(&connection, cache_kib)?;
        Ok(connection)
    }

    /// Opens a connection that reads a database which this process has open.
    pub(crate) fn read_beside(file: &Path) -> rusqlite::Result<Connection> {
        let read_only = flags(OpenFlags::SQLITE_OPEN_READ_ONLY);
        let connection = Connection::open_with_flags(file, read_only)?;
        schema::set_up_reader(&connection, CACHE_KIB)?;
        Ok(connection)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Checks that the database is ours and of this format, or makes it ours when it is empty.
    fn check(&self, connection: &Connection) -> Result<(), OpenError> {
        if !self.is_ours(connection)? {
            return schema::create(connection).map_err(|error| self.unopened(error));
        }
        self.check_format(connection)
    }

    /// Checks that the database is of this format.
    pub(crate) fn check_format(&self, connection: &Connection) -> Result<(), OpenError> {
        let found = "SELECT value FROM meta WHERE name = 'format'";
        let found = connection.query_row(found, [], |row| row.get(0));
        let found = found.map_err(|error| self.unopened(error))?;
        self.check_known(found)?;
        if found == schema::FORMAT {
            return Ok(());
        }
        Err(OpenError::Outdated {
            file: self.database(),
            found,
            needed: schema::FORMAT,
        })
    }

    /// Tells whether the database is ours; an empty one is nobody's yet.
    pub(crate) fn is_ours(&self, connection: &Connection) -> Result<bool, OpenError> {
        let read = |sql: &str| {
            let read = connection.query_row(sql, [], |row| row.get::<_, i64>(0));
            read.map_err(|error| self.unopened(error))
        };
        let marked = read("PRAGMA application_id")?;
        if marked == 0 && read("SELECT count(*) FROM sqlite_schema")? == 0 {
            return Ok(false);
        }
        if marked == schema::APPLICATION_ID {
            Ok(true)
        } else {
            Err(OpenError::Foreign(self.database()))
        }
    }

    /// Refuses a format of a later version; negative is one that is on its way.
    pub(crate) fn check_known(&self, format: i64) -> Result<(), OpenError> {
        if format.abs() <= schema::FORMAT {
            return Ok(());
        }
        Err(OpenError::Newer {
            file: self.database(),
            found: format.abs(),
            known: schema::FORMAT,
        })
    }

    /// Opens the connection that writes to a database of whatever format.
    pub(crate) fn write_to_any(&self) -> rusqlite::Result<Connection> {
        let read_write = flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
        let connection = Connection::open_with_flags(self.database(), read_write)?;
        schema::set_up_writer(&connection)?;
        Ok(connection)
    }

    /// Tells that the database could not be read to begin with.
    pub(crate) fn unread(&self, fault: Fault) -> OpenError {
        match fault {
            Fault::Sqlite(error) => self.unopened(error),
            damaged => self.unopened(rusqlite::Error::ToSqlConversionFailure(Box::new(damaged))),
        }
    }

    pub(crate) fn unopened(&self, source: rusqlite::Error) -> OpenError {
        let file = self.database();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => OpenError::Foreign(file),
            _ => OpenError::Database { file, source },
        }
    }
}

fn flags(access: OpenFlags) -> OpenFlags {
    access | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync(parent),
        _ => sync(Path::new(".")),
    }
}

/// Makes the names of files in a folder last.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Opens a file that only its owner reads, making it where it is absent.
fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}
