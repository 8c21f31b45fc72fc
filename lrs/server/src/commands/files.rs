//! Files named on the command line.

use std::path::Path;

use crate::exit::{Exit, Failure};

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::new(
            Exit::NoInput,
            format!("cannot read {}: {error}", path.display()),
        )
    })
}

/// Reads a text file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let sentence = format!(
            "{}: byte {at} is not UTF-8; save the file as UTF-8",
            path.display()
        );
        Failure::new(Exit::Data, sentence)
    })
}
