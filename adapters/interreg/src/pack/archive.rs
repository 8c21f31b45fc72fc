//! A pack as one file.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{Pack, PackError};

impl Pack {
    /// Returns the files as a ZIP archive. The same pack gives the same bytes.
    pub fn zip(&self) -> Result<Vec<u8>, PackError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default());
        let unwritten = |_| PackError::Unwritten("ZIP");
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in &self.files {
            let begun = archive.start_file(name.as_str(), options);
            begun.map_err(|_| PackError::Unwritten("ZIP"))?;
            archive.write_all(bytes).map_err(unwritten)?;
        }
        let written = archive.finish();
        let written = written.map_err(|_| PackError::Unwritten("ZIP"))?;
        Ok(written.into_inner())
    }
}
