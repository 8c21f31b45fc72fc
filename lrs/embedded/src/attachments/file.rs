//! What a file of an attachment holds: the bytes, and behind them a label that says whose they
//! are. A file that was cut or lost its end has no label that fits.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use varde_core::ports::{AttachmentName, StoreError};
use varde_xapi::Stored;

use crate::error::of_files;

/// The checksum and the length of the label's text, four bytes each, and what tells our files.
const END_BYTES: usize = 12;
const MARK: [u8; 4] = *b"VRD1";
/// More than the text of a label ever has.
const TEXT_BYTES_MAX: usize = 1_024;

/// Whose the bytes are, and how many.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) name: AttachmentName,
    /// The number of bytes before the label.
    pub(super) length: u64,
}

impl Label {
    /// Returns what stands behind the bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let AttachmentName { space, sha2 } = &self.name;
        let text = format!("{space}\n{sha2}\n{}\n", self.length);
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let mut bytes = text.into_bytes();
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_be_bytes());
        bytes.extend(length.to_be_bytes());
        bytes.extend(MARK);
        bytes
    }

    /// Reads the label at a file's end; a fault when there is none that fits the file's length.
    pub(super) fn of(file: &mut File) -> Result<Self, StoreError> {
        let total = file.metadata().map_err(of_files)?.len();
        let tail = tail(file, total).map_err(of_files)?;
        let label = Self::read(&tail).filter(|label| {
            let labelled = label.length.checked_add(label.bytes().len() as u64);
            labelled == Some(total)
        });
        label.ok_or_else(|| StoreError::failed("the file of an attachment was cut or altered"))
    }

    fn read(tail: &[u8]) -> Option<Self> {
        let (rest, end) = tail.split_at_checked(tail.len().checked_sub(END_BYTES)?)?;
        let (checksum, end) = end.split_first_chunk::<4>()?;
        let (length, mark) = end.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let text = rest.get(rest.len().checked_sub(length)?..)?;
        if mark != MARK || crc32fast::hash(text) != u32::from_be_bytes(*checksum) {
            return None;
        }
        let mut lines = std::str::from_utf8(text).ok()?.lines();
        let space = lines.next()?.parse().ok()?;
        let sha2 = lines.next()?.to_owned();
        let length = lines.next()?.parse().ok()?;
        let name = AttachmentName { space, sha2 };
        Some(Self { name, length })
    }
}

/// Reads the end of a file, enough for any label.
fn tail(file: &mut File, total: u64) -> io::Result<Vec<u8>> {
    let from = total.saturating_sub((TEXT_BYTES_MAX + END_BYTES) as u64);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(tail)
}

/// Returns when a file was last kept.
pub(super) fn kept(file: &Metadata) -> io::Result<Stored> {
    let modified = file.modified()?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Stored(since.as_micros().try_into().unwrap_or(i64::MAX)))
}

/// Returns the time of modification of what is kept now.
pub(super) fn time(now: Stored) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(now.0.try_into().unwrap_or(0))
}
