//! Giving the bytes of one file out.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use async_trait::async_trait;
use varde_core::ports::{AttachmentName, AttachmentReader, StoreError};

use super::file::Label;
use super::{AttachmentFolder, Place, on_disk};
use crate::error::of_files;

/// How many bytes are read at once.
const CHUNK_BYTES: u64 = 256 * 1024;

/// A file, and how many of its bytes are still to be given.
#[derive(Debug)]
pub(super) struct FileReader(Option<(File, u64)>);

impl FileReader {
    /// Opens the file of a name, when there is one, and checks that it is whole.
    pub(super) fn open(
        folder: &AttachmentFolder,
        name: &AttachmentName,
    ) -> Result<Option<Self>, StoreError> {
        let mut file = match File::open(Place::of(name).under(&folder.path)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(of_files(error)),
        };
        let label = Label::of(&mut file)?;
        if label.name != *name {
            return Err(StoreError::failed(
                "the file of an attachment has another's label",
            ));
        }
        file.seek(SeekFrom::Start(0)).map_err(of_files)?;
        Ok(Some(Self(Some((file, label.length)))))
    }
}

#[async_trait]
impl AttachmentReader for FileReader {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let Some((mut file, left)) = self.0.take() else {
            return Ok(None);
        };
        if left == 0 {
            return Ok(None);
        }
        let (file, chunk) = on_disk(move || {
            let chunk = read(&mut file, left.min(CHUNK_BYTES)).map_err(of_files)?;
            Ok((file, chunk))
        })
        .await?;
        self.0 = Some((file, left - chunk.len() as u64));
        Ok(Some(chunk))
    }
}

/// Reads exactly so many bytes.
fn read(file: &mut File, bytes: u64) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::new();
    file.take(bytes).read_to_end(&mut chunk)?;
    if chunk.len() as u64 == bytes {
        Ok(chunk)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
