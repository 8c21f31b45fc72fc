//! Making a copy of a folder while a server works in it.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use varde_core::ports::Position;
use varde_xapi::Stored;

use super::manifest::{FileEntry, Manifest};
use super::{CareError, Progress, Watch, check, copy, files, pages};
use crate::attachments;
use crate::database::Database;
use crate::folder::{DATABASE, Folder, sync};
use crate::index::newest::GENERATION_MAX;
use crate::index::rebuild;

/// What the connection that is copied from keeps of pages, in KiB.
const CACHE_KIB: usize = 2 * 1024;
/// How many pages are copied at once.
const PAGES: i32 = 1_024;

/// What a backup is to say of its making.
#[derive(Debug, Clone)]
pub struct About {
    /// The version of Varde.
    pub made_by: String,
    /// The present instant.
    pub made_at: Stored,
}

/// Copies the store of a folder into a folder that is empty or absent, checks the copy, and lists
/// every file with its digest.
///
/// The database is copied as of one moment, beside whoever writes: SQLite lets other processes
/// read, so no server need take part, and one that does not answer is backed up as well. The
/// attachments come after the database, so all that it names are among them. The keys in
/// `secrets` and the list of erasures stay out.
pub fn back_up(
    data: &Path,
    to: &Path,
    about: About,
    watch: Watch<'_>,
) -> Result<Manifest, CareError> {
    let folder = Folder::at(data);
    if !folder.database().is_file() {
        return Err(CareError::NoStore(data.to_owned()));
    }
    make_empty(to)?;
    let database = to.join(DATABASE);
    copy_database(&folder, &database, watch)?;
    let known = check_copy(&database, watch)?;
    let copied = copy::digest(&database, |_| {})?;
    let mut manifest = Manifest::new(about.made_by, about.made_at, known);
    manifest
        .files
        .push(FileEntry::new(DATABASE.to_owned(), copied));
    copy_attachments(data, to, watch, |entry| manifest.files.push(entry))?;
    manifest.write(to)?;
    sync(to).map_err(files("sync", to))?;
    Ok(manifest)
}

/// Makes a folder where it is absent, for its owner alone, and refuses one that is not empty.
pub(super) fn make_empty(folder: &Path) -> Result<(), CareError> {
    make(folder)?;
    let mut entries = fs::read_dir(folder).map_err(files("read", folder))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(CareError::NotEmpty(folder.to_owned())),
    }
}

pub(super) fn make(folder: &Path) -> Result<(), CareError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(files("make", folder))
}

/// Copies the database as of one moment into a new file.
pub(super) fn copy_database(from: &Folder, to: &Path, watch: Watch<'_>) -> Result<(), CareError> {
    let source = from.reader(CACHE_KIB)?;
    from.check_format(&source)?;
    drop(copy::create(to)?);
    // Without a moment of its own, the copy would begin anew at every write meanwhile.
    source.execute_batch("BEGIN; SELECT count(*) FROM meta;")?;
    let mut target = Connection::open(to)?;
    {
        let backup = Backup::new(&source, &mut target)?;
        while backup.step(PAGES)? != StepResult::Done {
            let pages = backup.progress();
            let of = u64::try_from(pages.pagecount).unwrap_or_default();
            let left = u64::try_from(pages.remaining).unwrap_or_default();
            let done = of.saturating_sub(left);
            let what = "copying the database, in pages";
            watch(Progress { what, done, of });
        }
    }
    // One file, with nothing beside it; a store that opens it makes its log of writes anew.
    target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    drop(target);
    let synced = fs::File::open(to).and_then(|file| file.sync_all());
    synced.map_err(files("sync", to))
}

/// Checks every page and row of a copy, and returns its format and head.
pub(super) fn check_copy(file: &Path, watch: Watch<'_>) -> Result<(i64, i64), CareError> {
    let mut database = Database::new(Connection::open_with_flags(
        file,
        rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
    )?);
    let refuse = |finding: check::Finding| CareError::Damaged {
        first: finding.to_string(),
    };
    // An index that is damaged is made anew by whoever opens the copy.
    let record = |finding: &check::Finding| finding.what != check::What::Index;
    let pages = pages::check(&database.connection)?;
    if let Some(finding) = pages.into_iter().find(record) {
        return Err(refuse(finding));
    }
    database.view = Some(rebuild::newest(&database, GENERATION_MAX)?.view());
    let (head, mut through) = (database.head()?, 0);
    while through < head {
        let stretch = check::rows(&database, through)?;
        if let Some(finding) = stretch.findings.into_iter().find(record) {
            return Err(refuse(finding));
        }
        let Position(reached) = stretch.through;
        through = i64::try_from(reached).unwrap_or(head);
        watch(Progress {
            what: "checking the copy, in rows",
            done: reached,
            of: head.unsigned_abs(),
        });
    }
    let format = database.meta("format")?.unwrap_or_default();
    Ok((format, head))
}

/// Copies the attachments; one that is removed meanwhile is no longer named by any statement.
pub(super) fn copy_attachments(
    from: &Path,
    to: &Path,
    watch: Watch<'_>,
    mut copied: impl FnMut(FileEntry),
) -> Result<(), CareError> {
    let source = from.join(attachments::FOLDER);
    let paths = attachments::paths(&source).map_err(files("read", &source))?;
    let of = paths.len() as u64;
    for (path, done) in paths.into_iter().zip(1..) {
        let relative = format!("{}/{path}", attachments::FOLDER);
        let target = to.join(&relative);
        if let Some(shelf) = target.parent() {
            make(shelf)?;
        }
        match copy::copy(&from.join(&relative), &target, |_| {}) {
            Ok(of_file) => copied(FileEntry::new(relative, of_file)),
            Err(CareError::Files { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let what = "copying attachments";
        watch(Progress { what, done, of });
    }
    sync_shelves(to)
}

/// Makes the names of copied attachments last.
fn sync_shelves(to: &Path) -> Result<(), CareError> {
    let folder = to.join(attachments::FOLDER);
    if !folder.is_dir() {
        return Ok(());
    }
    for shelf in fs::read_dir(&folder).map_err(files("read", &folder))? {
        let shelf = shelf.map_err(files("read", &folder))?.path();
        sync(&shelf).map_err(files("sync", &shelf))?;
    }
    sync(&folder).map_err(files("sync", &folder))
}
