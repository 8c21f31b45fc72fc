//! What is done for somebody, and what comes of it.

use axum::body::Bytes;
use varde_core::registers::files::RegisterFile;
use varde_interreg::imports::ImportReport;
use varde_interreg::pack::Inspection;
use varde_interreg::reports::{Place, ReportHash};

/// What is done.
#[derive(Debug)]
pub(crate) enum What {
    /// A report is submitted.
    Submit(Place),
    /// A report is packed.
    Pack(Place),
    /// A file is looked at.
    Examine(String),
    /// A file is imported.
    Import(String),
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The report stands under this hash.
    Submitted(Place, u32, ReportHash),
    /// The pack is made.
    Packed(Packed),
    /// The file was looked at.
    Examined(Examined),
    /// The file was imported.
    Imported(ImportReport),
}

/// A pack, as it is downloaded.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) place: Place,
    pub(crate) revision: u32,
    pub(crate) zip: Bytes,
    /// What was found in it when it was looked at like one that somebody was sent.
    pub(crate) inspection: Inspection,
}

/// A file that was looked at, as it would be imported.
#[derive(Debug)]
pub(crate) struct Examined {
    pub(crate) files: [RegisterFile; 1],
    /// SHA-256 of the file.
    pub(crate) sha256: String,
    pub(crate) replace: bool,
    pub(crate) report: ImportReport,
}

impl Outcome {
    /// Returns how many bytes of files it holds.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Submitted(..) => 0,
            Self::Packed(packed) => packed.zip.len(),
            Self::Examined(examined) => examined.files.iter().map(|file| file.bytes.len()).sum(),
            Self::Imported(report) => report.rows.len(),
        }
    }
}
