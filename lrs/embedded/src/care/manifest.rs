//! What a backup says of itself.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use varde_xapi::Stored;

use super::copy::{self, Copied};
use super::{CareError, files};

/// The name of the file, which is written last: a backup without it was not finished.
pub(super) const NAME: &str = "backup.json";
/// The form of a backup that this version makes and reads.
const FORM: u32 = 1;

/// The list of a backup's files, with what a restore checks before it changes anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub form: u32,
    /// The version of Varde that made it.
    pub made_by: String,
    /// When it was begun.
    pub made_at: Stored,
    /// The format of the database.
    pub format: i64,
    /// The last position of the log in it.
    pub head: u64,
    /// Every other file.
    pub files: Vec<FileEntry>,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its path within the backup.
    pub path: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

impl FileEntry {
    pub(super) fn new(path: String, copied: Copied) -> Self {
        Self {
            path,
            bytes: copied.bytes,
            sha256: copied.sha256,
        }
    }

    /// Compares the entry with what a file turned out to be.
    pub(super) fn check(&self, found: &Copied) -> Result<(), CareError> {
        if (found.bytes, &found.sha256) == (self.bytes, &self.sha256) {
            return Ok(());
        }
        let describe = |bytes: u64, sha256: &str| format!("{bytes} bytes with SHA-256 {sha256}");
        Err(CareError::Altered {
            file: self.path.clone(),
            found: describe(found.bytes, &found.sha256),
            expected: describe(self.bytes, &self.sha256),
        })
    }
}

impl Manifest {
    pub(super) fn new(made_by: String, made_at: Stored, (format, head): (i64, i64)) -> Self {
        Self {
            form: FORM,
            made_by,
            made_at,
            format,
            head: head.unsigned_abs(),
            files: Vec::new(),
        }
    }

    /// Returns how many bytes the files have.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    pub(super) fn read(folder: &Path) -> Result<Self, CareError> {
        let none = |reason: String| CareError::NoBackup {
            folder: folder.to_owned(),
            reason,
        };
        let text = fs::read(folder.join(NAME)).map_err(|error| none(error.to_string()))?;
        let manifest: Self =
            serde_json::from_slice(&text).map_err(|error| none(error.to_string()))?;
        if manifest.form != FORM {
            let form = manifest.form;
            return Err(none(format!(
                "it has form {form}, and this version reads {FORM}"
            )));
        }
        match manifest.files.iter().find(|file| !is_inside(&file.path)) {
            Some(file) => Err(none(format!("it names {}, outside the backup", file.path))),
            None => Ok(manifest),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), CareError> {
        let path = folder.join(NAME);
        let text =
            serde_json::to_vec_pretty(self).map_err(|error| files("write", &path)(error.into()))?;
        copy::write_new(&path, &text)
    }
}

/// Tells whether a path leads to somewhere below the folder that it begins in.
fn is_inside(path: &str) -> bool {
    path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
