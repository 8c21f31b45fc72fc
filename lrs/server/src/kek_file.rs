//! The file of the key-encryption key.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use varde_core::Entropy;
use varde_core::people::{KeyEncryptionKey, KeySource, KeyUnread};

use crate::exit::{Exit, Failure};

/// Where the key-encryption key is kept, one line of text.
#[derive(Debug, Clone)]
pub(crate) struct KekFile {
    /// The file.
    pub(crate) path: PathBuf,
}

impl KekFile {
    /// Makes a new key, for its owner alone and on disk when this returns.
    pub(crate) fn make(&self, entropy: &dyn Entropy) -> Result<(), Failure> {
        let key = KeyEncryptionKey::generate(entropy);
        write(&self.path, &key.text()).map_err(|error| {
            let sentence = format!(
                "cannot make the key-encryption key in {}: {error}",
                self.path.display()
            );
            Failure::new(Exit::CannotCreate, sentence)
        })
    }
}

impl KeySource for KekFile {
    fn read(&self) -> Result<Option<KeyEncryptionKey>, KeyUnread> {
        let unread =
            |why: &dyn std::fmt::Display| KeyUnread(format!("{}: {why}", self.path.display()));
        match std::fs::read_to_string(&self.path) {
            Ok(text) => text.parse().map(Some).map_err(|error| unread(&error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unread(&error)),
        }
    }
}

/// Says what to do about a key that was just made.
pub(crate) fn made(file: &Path) -> String {
    format!(
        "made the key-encryption key of this store in {}; put a copy in escrow now, with \
         `varde key escrow`: without the key nothing that is known of persons can be read",
        file.display()
    )
}

/// Writes a secret for its owner alone, one text and a line's end; it lasts when this returns.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        if let Some(above) = folder.parent().filter(|above| above.is_dir()) {
            sync(above)?;
        }
    }
    // Whole or not at all: a process that is killed here leaves no half key under the name.
    let new = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(format!("{text}\n").as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    sync(folder)
}

/// Makes the names of files in a folder last.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
