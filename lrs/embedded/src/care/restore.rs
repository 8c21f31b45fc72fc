//! Bringing a backup, or another folder, into an empty one.

use std::fs;
use std::path::Path;

use super::backup::{check_copy, copy_attachments, copy_database, make, make_empty};
use super::copy::{self, Copied};
use super::manifest::Manifest;
use super::{CareError, Progress, Watch, files};
use crate::attachments;
use crate::folder::{DATABASE, DataFolder, UNFINISHED, sync};
use crate::schema;

/// Brings a backup into a data folder without a store, after checking every file of it.
///
/// Until it is complete the folder cannot be opened, so that a restore that was cut short is not
/// taken for a store.
pub fn restore(from: &Path, data: &Path, watch: Watch<'_>) -> Result<Manifest, CareError> {
    let manifest = Manifest::read(from)?;
    let of = manifest.bytes();
    let mut done = 0;
    for file in &manifest.files {
        let what = "checking the backup, in bytes";
        let found = copy::digest(&from.join(&file.path), |bytes| {
            done += bytes;
            watch(Progress { what, done, of });
        })?;
        file.check(&found)?;
    }
    let begun = Begun::in_folder(data)?;
    done = 0;
    for file in &manifest.files {
        let what = "copying, in bytes";
        let copied = begun.bring(&from.join(&file.path), &file.path, |bytes| {
            done += bytes;
            watch(Progress { what, done, of });
        })?;
        file.check(&copied)?;
    }
    // Of an earlier format only its version can check rows; here each file has its digest.
    if manifest.format == schema::FORMAT {
        check_copy(&data.join(DATABASE), watch)?;
    }
    begun.finish()?;
    Ok(manifest)
}

/// Copies the store of one folder into another without a store: the same positions, instants,
/// events, records and attachments. Returns the last position.
pub fn migrate(from: &DataFolder, to: &Path, watch: Watch<'_>) -> Result<u64, CareError> {
    let source = from.folder.path();
    if !from.folder.database().is_file() {
        return Err(CareError::NoStore(source.to_owned()));
    }
    let begun = Begun::in_folder(to)?;
    copy_database(&from.folder, &to.join(DATABASE), watch)?;
    let (_, head) = check_copy(&to.join(DATABASE), watch)?;
    copy_attachments(source, to, watch, |_| {})?;
    begun.finish()?;
    Ok(head.unsigned_abs())
}

/// A folder that is being filled, locked and marked as unfinished.
struct Begun {
    data: DataFolder,
}

impl Begun {
    /// Begins in a folder that has no store; the keys in `secrets` may be in place already.
    fn in_folder(path: &Path) -> Result<Self, CareError> {
        let data = DataFolder::lock(path)?;
        if data.folder.database().exists() || path.join(UNFINISHED).exists() {
            return Err(CareError::NotEmpty(path.to_owned()));
        }
        let attachments = path.join(attachments::FOLDER);
        if attachments.exists() {
            make_empty(&attachments)?;
        }
        let mark = "A copy into this folder was not finished. Empty the folder and start again.\n";
        copy::write_new(&path.join(UNFINISHED), mark.as_bytes())?;
        sync(path).map_err(files("sync", path))?;
        Ok(Self { data })
    }

    fn bring(&self, from: &Path, to: &str, read: impl FnMut(u64)) -> Result<Copied, CareError> {
        let to = self.data.folder.path().join(to);
        let parent = to.parent().unwrap_or(&to);
        make(parent)?;
        let copied = copy::copy(from, &to, read)?;
        sync(parent).map_err(files("sync", parent))?;
        Ok(copied)
    }

    /// Says that the folder is complete.
    fn finish(self) -> Result<(), CareError> {
        let path = self.data.folder.path();
        sync(path).map_err(files("sync", path))?;
        let mark = path.join(UNFINISHED);
        fs::remove_file(&mark).map_err(files("remove", &mark))?;
        sync(path).map_err(files("sync", path))
    }
}
