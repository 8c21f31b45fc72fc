//! How a command ends when it could not do its work: one sentence and an exit code.

use std::error::Error;
use std::fmt;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use varde_core::StoreError;

/// The exit codes, after `sysexits.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The command line cannot be understood.
    Usage = 64,
    /// A file's content is faulty; nothing was changed.
    Data = 65,
    /// A file cannot be read.
    NoInput = 66,
    /// A port is taken or a server does not answer.
    Unavailable = 69,
    /// Varde itself failed.
    Software = 70,
    /// A folder, file or key cannot be made.
    CannotCreate = 73,
    /// The disk or the store failed.
    Io = 74,
    /// Somebody else is at work; try again later.
    TryLater = 75,
    /// The system does not permit it.
    NoPermission = 77,
    /// The configuration is faulty.
    Config = 78,
    /// The store is to be upgraded first; behind those of `sysexits.h`.
    Outdated = 79,
}

/// What the root's `--help` says of the exit codes.
pub(crate) const EXIT_CODES_HELP: &str = "\
Exit codes:
  0   done
  64  the command line cannot be understood
  65  a file's content is faulty; nothing was changed
  66  a file cannot be read
  69  a port is taken, or a server does not answer
  70  Varde itself failed
  73  a folder, file or key cannot be made
  74  the disk or the store failed
  75  somebody else is at work, such as another command on the same folder; try again later
  77  the system does not permit it
  78  the configuration is faulty
  79  the store is of an earlier version: `varde upgrade` brings it to this one";

/// Why a command could not do its work, for the person who called it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What to mend.
    pub(crate) sentence: String,
}

impl Failure {
    /// Makes a failure that says what to mend.
    pub(crate) fn new(exit: Exit, sentence: impl Into<String>) -> Self {
        Self {
            exit,
            sentence: sentence.into(),
        }
    }

    /// Makes a failure of Varde itself.
    pub(crate) fn software(error: &(dyn Error + 'static)) -> Self {
        Self::new(Exit::Software, chain(error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl Error for Failure {}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Busy | StoreError::Index { .. } => Exit::TryLater,
            StoreError::Sealed => Exit::Config,
            StoreError::Unwritable { .. } | StoreError::Damaged { .. } | StoreError::Failed(_) => {
                Exit::Io
            }
        };
        Self::new(exit, chain(&error))
    }
}

/// Returns an error with its sources, each after a colon.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
