//! Whether a file holds what its name says.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use varde_core::ports::StoreError;
use varde_xapi::attachment::Digester;

use super::file::Label;
use super::{Place, list};
use crate::error::of_files;

/// How many bytes are read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Checks the file at a path below the folder of attachments, and says what is wrong with it. One
/// that was removed meanwhile is in order.
pub(crate) fn check(folder: &Path, path: &str) -> Result<Option<String>, StoreError> {
    let mut file = match File::open(folder.join(path)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(of_files(error)),
    };
    let label = match Label::of(&mut file) {
        Ok(label) => label,
        Err(damaged) => return Ok(Some(list::damage(&damaged))),
    };
    let place = Place::of(&label.name);
    if format!("{}/{}", place.shelf, place.file) != path {
        return Ok(Some("it stands where another belongs".to_owned()));
    }
    file.seek(SeekFrom::Start(0)).map_err(of_files)?;
    let found = digest(&mut file, &label).map_err(of_files)?;
    let altered = found != label.name.sha2;
    Ok(altered.then(|| {
        format!(
            "its bytes have the digest {found}, expected {}",
            label.name.sha2
        )
    }))
}

fn digest(file: &mut File, label: &Label) -> std::io::Result<String> {
    let mut digester = Digester::of(&label.name.sha2);
    let (mut left, mut chunk) = (file.take(label.length), vec![0; CHUNK_BYTES]);
    loop {
        let length = left.read(&mut chunk)?;
        let bytes = chunk.get(..length).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(digester.finish());
        }
        digester.update(bytes);
    }
}
