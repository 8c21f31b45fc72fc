//! What was done outside the store and is asked for later: a line in a file of the data folder for
//! each, with the instant. What is noted is told by `varde doctor` and decides nothing.

use std::path::{Path, PathBuf};

use varde_xapi::Stored;

use crate::kek_file;

/// The folder of the notes in a data folder.
const FOLDER: &str = "noted";

/// What is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noted {
    /// A backup was made and found whole.
    Backup,
    /// A copy of the key-encryption key was found to be the key in use.
    Escrow,
}

impl Noted {
    fn file(self, data: &Path) -> PathBuf {
        data.join(FOLDER).join(match self {
            Self::Backup => "backup",
            Self::Escrow => "escrow",
        })
    }

    /// Notes that it was done. Where that fails the work was done all the same, so it is only said.
    pub(crate) fn note(self, data: &Path, at: Stored) {
        let file = self.file(data);
        if let Err(error) = kek_file::write(&file, &at.to_string()) {
            eprintln!(
                "varde: {} was not written, so `varde doctor` will not know of this: {error}",
                file.display()
            );
        }
    }

    /// Returns when it was done last, as far as that is noted.
    pub(crate) fn last(self, data: &Path) -> Option<Stored> {
        let text = std::fs::read_to_string(self.file(data)).ok()?;
        let instant: jiff::Timestamp = text.trim().parse().ok()?;
        Some(Stored(instant.as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_known_later() {
        let data = tempfile::tempdir().expect("a folder");
        assert_eq!(Noted::Backup.last(data.path()), None);
        let at = Stored(1_700_000_000_123_456);
        Noted::Backup.note(data.path(), at);
        assert_eq!(Noted::Backup.last(data.path()), Some(at));
        assert_eq!(Noted::Escrow.last(data.path()), None);
    }
}
