//! Listing what is kept, shelf by shelf in the order of paths.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use varde_core::ports::{AttachmentName, StoreError};
use varde_xapi::Stored;

use super::file::{self, Label};
use super::{INCOMING, Place};
use crate::error::of_files;

/// Returns the names of files that were last kept before an instant, behind a place.
pub(super) fn kept_before(
    folder: &Path,
    instant: Stored,
    after: Option<&Place>,
    limit: usize,
) -> Result<Vec<AttachmentName>, StoreError> {
    let mut names = Vec::new();
    for shelf in entries(folder).map_err(of_files)? {
        let passed = after.is_some_and(|after| shelf < after.shelf);
        if shelf == INCOMING || passed {
            continue;
        }
        for file in entries(&folder.join(&shelf)).map_err(of_files)? {
            let shelf = shelf.clone();
            let place = Place { shelf, file };
            if after.is_some_and(|after| place <= *after) {
                continue;
            }
            names.extend(name(&place.under(folder), instant)?);
            if names.len() >= limit {
                return Ok(names);
            }
        }
    }
    Ok(names)
}

/// Returns the names in a folder, in order.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        // What is not UTF-8 is not ours.
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

/// Returns whose bytes a file holds, when it was last kept before the instant.
fn name(path: &Path, instant: Stored) -> Result<Option<AttachmentName>, StoreError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        // Removed meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(of_files(error)),
    };
    let found = file.metadata().map_err(of_files)?;
    if file::kept(&found).map_err(of_files)? >= instant {
        return Ok(None);
    }
    match Label::of(&mut file) {
        Ok(label) => Ok(Some(label.name)),
        Err(damaged) => {
            // One damaged file must not keep the others from being listed.
            tracing::error!(path = %path.display(), "{}", damage(&damaged));
            Ok(None)
        }
    }
}

pub(super) fn damage(error: &StoreError) -> String {
    match error {
        StoreError::Failed(source) => source.to_string(),
        other => other.to_string(),
    }
}
