//! Files named on the command line.

use std::path::Path;

use crate::exit::{Exit, Failure};

/// Reads a file.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::new(
            Exit::NoInput,
            format!("cannot read {}: {error}", path.display()),
        )
    })
}

/// Reads a text file.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    text(path, read(path)?)
}

/// Returns the content of a file as text.
pub(crate) fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let sentence = format!(
            "{}: byte {at} is not UTF-8; save the file as UTF-8",
            path.display()
        );
        Failure::new(Exit::Data, sentence)
    })
}
