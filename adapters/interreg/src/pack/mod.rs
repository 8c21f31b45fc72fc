//! The funder's pack: the files that are handed in, made of nothing but a frozen report.
//!
//! - [`Pack`]: the files. `report.json` comes first, byte for byte as it was frozen; its SHA-256 is
//!   the report's hash, and the id of the snapshot that every other file names.
//! - [`Manifest`]: the names and hashes of all of them, signed by a [`SigningKey`].
//! - [`verify`]: checks a pack without any store; [`Inspection`] does so of its archive, file by file.
//! - [`table`]: one of the tables of a report, also of a draft.
//!
//! # What is in it
//!
//! | file | what it is |
//! |---|---|
//! | `report.json` | everything, as canonical JSON (RFC 8785) |
//! | `csv/*.csv` | tables for programs: commas, dots, the codes of `report.json` |
//! | `nb/`, `sv/`, `en/` | for people, in each language that is asked for: |
//! | `…/workbook.xlsx` | a sheet for each part of the report |
//! | `…/*.csv` | the tables for Nordic spreadsheet programs: semicolons, decimal commas |
//! | `…/annex.html` | to be printed and signed |
//! | `…/paste-sheet.html` | a cumulative number and a comment for each indicator |
//! | `…/jems.json` | what this period adds, in the shape of Jems |
//! | `signer.pem` | the public key |
//! | `manifest.json`, `manifest.json.sig` | all names and hashes, and the signature of them |
//!
//! Everything here is a pure function of the report and the key: the same two give the same bytes.

mod annex;
mod archive;
mod chart;
mod csv_file;
pub(crate) mod html;
mod inspection;
mod language;
mod manifest;
pub(crate) mod messages;
mod paste;
mod provenance;
mod signature;
mod tables;
mod verify;
mod words;
mod workbook;

use std::collections::BTreeMap;

use thiserror::Error;

pub use self::inspection::{Inspected, Inspection, NotAPack};
pub use self::language::Language;
pub use self::manifest::{Entry, Manifest};
pub use self::signature::{Fingerprint, KeyTextError, PublicKey, SigningKey};
pub use self::verify::{Fault, Trusted, Verified, verify};

pub use self::language::Voice;
use self::provenance::Provenance;
use self::tables::Made;
use crate::reports::{ReportBody, ReportHash, sha256};

pub(crate) use self::tables::decimal;
pub use self::tables::shown;

/// The names of files that are more than one of many.
pub const REPORT: &str = "report.json";
/// The manifest.
pub const MANIFEST: &str = "manifest.json";
/// The manifest's signature: 64 bytes.
pub const SIGNATURE: &str = "manifest.json.sig";
/// The signer's public key.
pub const SIGNER: &str = "signer.pem";

/// Why a pack was not made.
#[derive(Debug, Error)]
pub enum PackError {
    /// The report cannot be read.
    #[error("the report cannot be read: {0}")]
    Report(#[from] serde_json::Error),
    /// The workbook cannot be written.
    #[error("the workbook cannot be written: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// A table cannot be written.
    #[error("a table cannot be written: {0}")]
    Csv(#[from] csv::Error),
    /// A file cannot be written.
    #[error("a file cannot be written as {0}")]
    Unwritten(&'static str),
}

/// What stands in the place of a report's hash in tables of a draft.
const OF_DRAFT: &str = "draft";

/// Returns a table of a report as CSV for people of a language, by the name of its file without the ending;
/// `None` for a name that none has. A draft has no hash.
pub fn table(
    body: &ReportBody,
    hash: Option<&ReportHash>,
    name: &str,
    language: Language,
) -> Result<Option<Vec<u8>>, PackError> {
    let hash = hash.cloned();
    let hash = hash.unwrap_or_else(|| ReportHash(OF_DRAFT.to_owned()));
    let provenance = Provenance::of(body, hash, String::new());
    let voice = Voice::In(language);
    let made = Made {
        body,
        provenance: &provenance,
        voice,
    };
    let tables = made.sheets().into_iter().flat_map(|sheet| sheet.tables);
    let found = tables.into_iter().find(|table| table.name == Some(name));
    found
        .map(|table| csv_file::write(&table, &provenance, voice))
        .transpose()
}

/// The files of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// By name, with the folder before it.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What `manifest.json` says of them.
    pub manifest: Manifest,
}

/// Files with their names while they are gathered.
struct Gathered {
    files: BTreeMap<String, Vec<u8>>,
    restricted: Vec<String>,
}

impl Gathered {
    fn add(&mut self, name: String, bytes: impl Into<Vec<u8>>, restricted: bool) {
        if restricted {
            self.restricted.push(name.clone());
        }
        self.files.insert(name, bytes.into());
    }
}

impl Pack {
    /// Makes the pack of a frozen report, from the bytes of its `report.json`.
    pub fn make(report: &[u8], key: &SigningKey) -> Result<Self, PackError> {
        Self::make_in(report, key, &Language::EACH)
    }

    /// Makes the pack with the folders of some languages only.
    pub fn make_in(
        report: &[u8],
        key: &SigningKey,
        languages: &[Language],
    ) -> Result<Self, PackError> {
        let body: ReportBody = serde_json::from_slice(report)?;
        let hash = ReportHash(sha256(report));
        let signer = key.public().fingerprint();
        let provenance = Provenance::of(&body, hash.clone(), signer.to_string());
        let mut gathered = Gathered {
            files: BTreeMap::new(),
            restricted: Vec::new(),
        };
        gathered.add(REPORT.to_owned(), report, true);
        gathered.add(SIGNER.to_owned(), key.public().pem(), false);
        gathered.tables(&body, &provenance, ("csv", Voice::Codes))?;
        for language in languages {
            gathered.in_language(&body, &provenance, *language)?;
        }
        let Gathered {
            mut files,
            restricted,
        } = gathered;
        let entries = files
            .iter()
            .map(|(name, bytes)| Entry::of(name, bytes, restricted.contains(name)));
        let manifest = Manifest::of(&body, hash, signer, entries.collect());
        let written = serde_json_canonicalizer::to_vec(&manifest)?;
        files.insert(SIGNATURE.to_owned(), key.sign(&written));
        files.insert(MANIFEST.to_owned(), written);
        Ok(Self { files, manifest })
    }
}

impl Gathered {
    fn in_language(
        &mut self,
        body: &ReportBody,
        provenance: &Provenance,
        language: Language,
    ) -> Result<(), PackError> {
        let name = |name: &str| format!("{language}/{name}");
        let workbook = workbook::write(body, provenance, language)?;
        self.add(name("workbook.xlsx"), workbook, true);
        let annex = annex::write(body, provenance, language);
        self.add(name("annex.html"), annex, false);
        let sheet = paste::sheet(body, provenance, language);
        self.add(name("paste-sheet.html"), sheet, false);
        let jems = paste::jems(body, provenance, language)?;
        self.add(name("jems.json"), jems, false);
        self.tables(body, provenance, (language.tag(), Voice::In(language)))
    }

    fn tables(
        &mut self,
        body: &ReportBody,
        provenance: &Provenance,
        (folder, voice): (&str, Voice),
    ) -> Result<(), PackError> {
        let made = Made {
            body,
            provenance,
            voice,
        };
        for sheet in made.sheets() {
            for table in &sheet.tables {
                let Some(name) = table.name else {
                    continue;
                };
                let bytes = csv_file::write(table, provenance, voice)?;
                self.add(format!("{folder}/{name}.csv"), bytes, sheet.restricted);
            }
        }
        Ok(())
    }
}
