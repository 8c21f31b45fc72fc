//! The bytes of attachments, as files beside the database.
//!
//! `DIR/attachments/ab/cdef…` holds what is kept: the path is a digest of space and name, so that
//! no text of a sender reaches the file system. `DIR/attachments/incoming/` holds what is on its
//! way; whatever stands there when the folder is opened belongs to nobody and is removed. When
//! bytes were last kept is the file's time of modification.

mod check;
mod file;
mod list;
mod reader;
mod writer;

use std::fmt::Write as _;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use tokio::task;
use varde_core::Clock;
use varde_core::ports::{
    AttachmentName, AttachmentReader, AttachmentWriter, Attachments, StoreError,
};
use varde_xapi::Stored;

pub(crate) use self::check::check;
use self::reader::FileReader;
use self::writer::FileWriter;
use crate::EmbeddedStore;
use crate::error::{Closed, of_files};
use crate::folder::sync;

pub(crate) const FOLDER: &str = "attachments";
const INCOMING: &str = "incoming";

/// The folder of attachments of a data folder that this process has to itself.
#[derive(Debug)]
pub(crate) struct AttachmentFolder {
    pub(crate) path: PathBuf,
    clock: Arc<dyn Clock>,
    /// Names the next file on its way.
    next: AtomicU64,
    /// Whoever puts a file in place or takes one away holds this; false once the store is closed.
    open: Mutex<bool>,
}

impl AttachmentFolder {
    /// Makes the folder where it is absent, and removes what was on its way when a process ended.
    pub(crate) fn open(data: &Path, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let path = data.join(FOLDER);
        let incoming = path.join(INCOMING);
        make(&incoming)?;
        sync(data)?;
        for left in fs::read_dir(&incoming)? {
            fs::remove_file(left?.path())?;
        }
        Ok(Self {
            path,
            clock,
            next: AtomicU64::new(0),
            open: Mutex::new(true),
        })
    }

    /// Ends all changes; whoever is at one finishes it first.
    pub(crate) fn close(&self) {
        *self.places() = false;
    }

    /// Returns the right to change what stands where.
    fn places(&self) -> MutexGuard<'_, bool> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a path for a file on its way, that no other has.
    fn incoming(&self) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.path.join(INCOMING).join(number.to_string())
    }

    /// Puts a file that is on its way in place, durable when this returns.
    fn put_in_place(&self, incoming: &Path, name: &AttachmentName) -> Result<(), StoreError> {
        let place = Place::of(name);
        let target = self.path.join(&place.shelf);
        {
            let open = self.places();
            if !*open {
                return Err(Closed.into());
            }
            if !target.exists() {
                make(&target)
                    .and_then(|()| sync(&self.path))
                    .map_err(of_files)?;
            }
            // Of the same bytes it takes the place, with a later time of modification.
            fs::rename(incoming, target.join(&place.file)).map_err(of_files)?;
        }
        sync(&target).map_err(of_files)
    }

    /// Removes a file that was last kept before an instant.
    fn remove(&self, name: &AttachmentName, before: Stored) -> Result<bool, StoreError> {
        let path = Place::of(name).under(&self.path);
        let open = self.places();
        if !*open {
            return Err(Closed.into());
        }
        match fs::metadata(&path) {
            Ok(found) if file::kept(&found).map_err(of_files)? < before => {
                fs::remove_file(&path).map_err(of_files)?;
                Ok(true)
            }
            Ok(_) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(of_files(error)),
        }
    }
}

/// Where bytes stand below the folder of attachments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    shelf: String,
    file: String,
}

impl Place {
    /// Returns where bytes of that name stand.
    fn of(name: &AttachmentName) -> Self {
        let mut digest = Sha256::new();
        digest.update(name.space.to_string());
        digest.update([0]);
        digest.update(&name.sha2);
        let mut digits = digest
            .finalize()
            .iter()
            .fold(String::new(), |mut digits, byte| {
                // Writing to a text cannot fail.
                let _ = write!(digits, "{byte:02x}");
                digits
            });
        let file = digits.split_off(2);
        Self {
            shelf: digits,
            file,
        }
    }

    fn under(&self, folder: &Path) -> PathBuf {
        folder.join(&self.shelf).join(&self.file)
    }
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Returns the path of every attachment below their folder; none where there is no folder.
pub(crate) fn paths(folder: &Path) -> io::Result<Vec<String>> {
    let mut paths = Vec::new();
    if !folder.is_dir() {
        return Ok(paths);
    }
    for shelf in list::entries(folder)? {
        if shelf != INCOMING {
            let files = list::entries(&folder.join(&shelf))?;
            paths.extend(files.into_iter().map(|file| format!("{shelf}/{file}")));
        }
    }
    Ok(paths)
}

/// Does what waits for the disk on a thread that may wait.
pub(crate) async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    task::spawn_blocking(work)
        .await
        .map_err(StoreError::failed)?
}

#[async_trait]
impl Attachments for EmbeddedStore {
    async fn write(&self, name: AttachmentName) -> Result<Box<dyn AttachmentWriter>, StoreError> {
        self.check_room()?;
        let folder = self.attachments()?;
        Ok(Box::new(FileWriter::begin(folder, name).await?))
    }

    async fn read(
        &self,
        name: &AttachmentName,
    ) -> Result<Option<Box<dyn AttachmentReader>>, StoreError> {
        let (folder, name) = (self.attachments()?, name.clone());
        let reader = on_disk(move || FileReader::open(&folder, &name)).await?;
        Ok(reader.map(|reader| Box::new(reader) as _))
    }

    async fn kept_before(
        &self,
        instant: Stored,
        after: Option<&AttachmentName>,
        limit: usize,
    ) -> Result<Vec<AttachmentName>, StoreError> {
        let folder = self.attachments()?;
        let after = after.map(Place::of);
        on_disk(move || list::kept_before(&folder.path, instant, after.as_ref(), limit)).await
    }

    async fn remove(&self, name: &AttachmentName, before: Stored) -> Result<bool, StoreError> {
        let (folder, name) = (self.attachments()?, name.clone());
        on_disk(move || folder.remove(&name, before)).await
    }

    /// Whoever opens the folder next removes what a process had not kept.
    async fn remove_unkept(&self, _before: Stored) -> Result<usize, StoreError> {
        Ok(0)
    }
}

#[cfg(test)]
mod tests;
