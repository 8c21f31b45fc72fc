//! Taking the bytes of one attachment in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::mem;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use varde_core::ports::{AttachmentName, AttachmentWriter, KeepError, StoreError};
use varde_xapi::attachment::Digester;

use super::file::{Label, time};
use super::{AttachmentFolder, on_disk};
use crate::error::of_files;

/// How many bytes are gathered before they are written.
const CHUNK_BYTES: usize = 256 * 1024;

/// Gathers bytes and hands them to a file on its way.
#[derive(Debug)]
pub(super) struct FileWriter {
    /// Absent once writing has failed.
    draft: Option<Draft>,
    gathered: Vec<u8>,
}

impl FileWriter {
    pub(super) async fn begin(
        folder: Arc<AttachmentFolder>,
        name: AttachmentName,
    ) -> Result<Self, StoreError> {
        let draft = on_disk(move || Draft::begin(folder, name).map_err(of_files)).await?;
        Ok(Self {
            draft: Some(draft),
            gathered: Vec::new(),
        })
    }

    /// Takes the draft away, with all bytes gathered so far still to be written.
    fn take(&mut self) -> Result<(Draft, Vec<u8>), StoreError> {
        let draft = self.draft.take();
        let draft = draft.ok_or_else(|| StoreError::failed("writing an attachment had failed"))?;
        Ok((draft, mem::take(&mut self.gathered)))
    }
}

#[async_trait]
impl AttachmentWriter for FileWriter {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < CHUNK_BYTES {
            return Ok(());
        }
        let (mut draft, gathered) = self.take()?;
        let draft = on_disk(move || {
            draft.write(&gathered).map_err(of_files)?;
            Ok(draft)
        });
        self.draft = Some(draft.await?);
        Ok(())
    }

    async fn keep(mut self: Box<Self>) -> Result<(), KeepError> {
        let (draft, gathered) = self.take()?;
        match on_disk(move || draft.keep(&gathered)).await? {
            Some(found) => Err(KeepError::Digest { found }),
            None => Ok(()),
        }
    }
}

/// A file on its way; removed when it is dropped before it stands in its place.
#[derive(Debug)]
struct Draft {
    folder: Arc<AttachmentFolder>,
    name: AttachmentName,
    path: PathBuf,
    file: File,
    digester: Digester,
    length: u64,
}

impl Draft {
    fn begin(folder: Arc<AttachmentFolder>, name: AttachmentName) -> io::Result<Self> {
        let path = folder.incoming();
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self {
            folder,
            digester: Digester::of(&name.sha2),
            name,
            path,
            file,
            length: 0,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digester.update(bytes);
        self.length += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// Puts the file in its place, or returns the digest that is not the name's.
    fn keep(mut self, last: &[u8]) -> Result<Option<String>, StoreError> {
        self.write(last).map_err(of_files)?;
        let found = mem::replace(&mut self.digester, Digester::of("")).finish();
        if found != self.name.sha2 {
            return Ok(Some(found));
        }
        self.finish().map_err(of_files)?;
        self.folder.put_in_place(&self.path, &self.name)?;
        Ok(None)
    }

    /// Writes the label and the instant, and waits until the file is on the disk.
    fn finish(&mut self) -> io::Result<()> {
        let label = Label {
            name: self.name.clone(),
            length: self.length,
        };
        self.file.write_all(&label.bytes())?;
        self.file.set_modified(time(self.folder.clock.now()))?;
        self.file.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Once the store is closed, the path may be another's; and what stays goes at the next
        // opening. A file in its place has this path no more.
        if *self.folder.places() {
            let _ = fs::remove_file(&self.path);
        }
    }
}
