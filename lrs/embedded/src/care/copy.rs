//! One file, copied or read, with its digest.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{CareError, files};

/// How much is read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// Makes a file that only its owner reads.
pub(super) fn create(path: &Path) -> Result<File, CareError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path).map_err(files("make", path))
}

/// Copies a file to a new one, synced when this returns; keeps the time of modification, which
/// says of an attachment when it was last kept.
pub(super) fn copy(from: &Path, to: &Path, read: impl FnMut(u64)) -> Result<Copied, CareError> {
    let mut source = File::open(from).map_err(files("read", from))?;
    let mut target = create(to)?;
    let copied = run(&mut source, &mut target, read).map_err(files("copy", from))?;
    let kept = source.metadata().and_then(|found| found.modified());
    kept.and_then(|kept| target.set_modified(kept))
        .and_then(|()| target.sync_all())
        .map_err(files("write", to))?;
    Ok(copied)
}

/// Reads a file to its end.
pub(super) fn digest(path: &Path, read: impl FnMut(u64)) -> Result<Copied, CareError> {
    let mut source = File::open(path).map_err(files("read", path))?;
    run(&mut source, &mut io::sink(), read).map_err(files("read", path))
}

/// Writes a new small file, synced when this returns.
pub(super) fn write_new(path: &Path, content: &[u8]) -> Result<(), CareError> {
    let mut file = create(path)?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(files("write", path))
}

fn run(
    source: &mut impl Read,
    target: &mut impl Write,
    mut read: impl FnMut(u64),
) -> io::Result<Copied> {
    let (mut digest, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK_BYTES]);
    loop {
        let length = match source.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            length => length?,
        };
        let come = chunk.get(..length).unwrap_or_default();
        if come.is_empty() {
            break;
        }
        digest.update(come);
        target.write_all(come)?;
        bytes += come.len() as u64;
        read(come.len() as u64);
    }
    let sha256 = digest
        .finalize()
        .iter()
        .fold(String::new(), |mut digits, byte| {
            // Writing to a text cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        });
    Ok(Copied { bytes, sha256 })
}
