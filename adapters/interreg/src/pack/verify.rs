//! Checking a pack: every byte of every file, and who signed.

use std::collections::BTreeMap;

use thiserror::Error;

use super::manifest::{FORMAT, Manifest};
use super::signature::{Fingerprint, PublicKey};
use super::{MANIFEST, REPORT, SIGNATURE, SIGNER};
use crate::reports::{ReportBody, sha256};

/// The signer that somebody expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trusted {
    /// Of this public key.
    Key(PublicKey),
    /// Of the public key with this fingerprint.
    Fingerprint(Fingerprint),
}

/// What is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// A file is not there.
    #[error("{0}: the file is missing")]
    Missing(String),
    /// A file has other bytes.
    #[error("{name}: the file was changed: found SHA-256 {found}, expected {expected}")]
    Changed {
        /// Which.
        name: String,
        /// The hash of its bytes.
        found: String,
        /// The hash that the manifest names.
        expected: String,
    },
    /// A file that the manifest does not name.
    #[error("{0}: the file is not of the pack")]
    Foreign(String),
    /// A file cannot be read as what it must be.
    #[error("{name}: expected {expected}")]
    Unreadable {
        /// Which.
        name: String,
        /// What it must be.
        expected: &'static str,
    },
    /// The manifest is not what was signed, or the signature is not the one made of it.
    #[error(
        "manifest.json or manifest.json.sig: the signature is not the signer's of this manifest"
    )]
    Signature,
    /// Somebody else signed.
    #[error("manifest.json.sig: signed by {found}, expected {expected}")]
    OtherSigner {
        /// Who did.
        found: Fingerprint,
        /// Who should have.
        expected: Fingerprint,
    },
    /// The manifest speaks of another report than the one beside it.
    #[error("manifest.json: {0} is not that of report.json")]
    OtherReport(&'static str),
}

/// A pack that is intact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What the manifest says.
    pub manifest: Manifest,
    /// Whether the signer is the one who was expected; without anybody expected, who signed is
    /// unproven.
    pub signer_is_proven: bool,
}

impl Fault {
    /// Returns the name of the file that it is about.
    pub fn file(&self) -> &str {
        match self {
            Self::Missing(name)
            | Self::Foreign(name)
            | Self::Changed { name, .. }
            | Self::Unreadable { name, .. } => name,
            Self::Signature | Self::OtherSigner { .. } => SIGNATURE,
            Self::OtherReport(_) => MANIFEST,
        }
    }
}

impl Trusted {
    fn fingerprint(&self) -> Fingerprint {
        match self {
            Self::Key(key) => key.fingerprint(),
            Self::Fingerprint(fingerprint) => fingerprint.clone(),
        }
    }
}

/// Checks the files of a pack, by their names. Whatever is wrong is named.
pub fn verify(
    files: &BTreeMap<String, Vec<u8>>,
    trusted: Option<&Trusted>,
) -> Result<Verified, Vec<Fault>> {
    let manifest = read_manifest(files).map_err(|fault| vec![fault])?;
    let mut faults = of_files(&manifest, files);
    faults.extend(of_signature(&manifest, files, trusted));
    faults.extend(of_report(&manifest, files));
    if faults.is_empty() {
        let signer_is_proven = trusted.is_some();
        Ok(Verified {
            manifest,
            signer_is_proven,
        })
    } else {
        Err(faults)
    }
}

fn file<'f>(files: &'f BTreeMap<String, Vec<u8>>, name: &str) -> Result<&'f [u8], Fault> {
    let found = files.get(name).map(Vec::as_slice);
    found.ok_or_else(|| Fault::Missing(name.to_owned()))
}

fn unreadable(name: &str, expected: &'static str) -> Fault {
    Fault::Unreadable {
        name: name.to_owned(),
        expected,
    }
}

pub(super) fn read_manifest(files: &BTreeMap<String, Vec<u8>>) -> Result<Manifest, Fault> {
    let bytes = file(files, MANIFEST)?;
    let manifest = serde_json::from_slice(bytes).ok();
    let manifest = manifest.filter(|manifest: &Manifest| manifest.format == FORMAT);
    manifest.ok_or_else(|| unreadable(MANIFEST, "a manifest of the form varde-pack/1"))
}

/// Compares the files that are there with those that the manifest names.
fn of_files(manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut rest: BTreeMap<&str, &Vec<u8>> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes))
        .collect();
    rest.remove(MANIFEST);
    rest.remove(SIGNATURE);
    for entry in &manifest.files {
        let Some(bytes) = rest.remove(entry.name.as_str()) else {
            faults.push(Fault::Missing(entry.name.clone()));
            continue;
        };
        let found = sha256(bytes);
        if found != entry.sha256 || bytes.len() != entry.bytes {
            faults.push(Fault::Changed {
                name: entry.name.clone(),
                found,
                expected: entry.sha256.clone(),
            });
        }
    }
    faults.extend(rest.into_keys().map(|name| Fault::Foreign(name.to_owned())));
    faults
}

fn of_signature(
    manifest: &Manifest,
    files: &BTreeMap<String, Vec<u8>>,
    trusted: Option<&Trusted>,
) -> Option<Fault> {
    let checked = || {
        let signature = file(files, SIGNATURE)?;
        let beside = str::from_utf8(file(files, SIGNER)?).ok();
        let beside = beside.and_then(|text| text.parse().ok());
        let key = match (trusted, beside) {
            (Some(Trusted::Key(key)), _) => *key,
            (_, Some(key)) => key,
            (_, None) => return Err(unreadable(SIGNER, "an Ed25519 public key as PEM")),
        };
        let expected = trusted.map_or_else(|| manifest.signer.clone(), Trusted::fingerprint);
        let found = beside.map_or_else(
            || manifest.signer.clone(),
            |key: PublicKey| key.fingerprint(),
        );
        if found != expected {
            return Err(Fault::OtherSigner { found, expected });
        }
        if key.has_signed(file(files, MANIFEST)?, signature) {
            Ok(())
        } else {
            Err(Fault::Signature)
        }
    };
    checked().err()
}

/// Compares what the manifest says of the report with the report.
fn of_report(manifest: &Manifest, files: &BTreeMap<String, Vec<u8>>) -> Option<Fault> {
    let bytes = files.get(REPORT)?;
    let Ok(body) = serde_json::from_slice::<ReportBody>(bytes) else {
        return Some(unreadable(REPORT, "a report of the form varde-report/1"));
    };
    let said = [
        ("snapshot", manifest.snapshot.0 == sha256(bytes)),
        ("project", manifest.project == body.project),
        ("period", manifest.period == body.period),
        ("revision", manifest.revision == body.revision),
        ("known_at", manifest.known_at == body.known_at),
        (
            "rule_set_hash",
            manifest.rule_set_hash == body.definition_hash,
        ),
    ];
    let mut wrong = said.into_iter().filter(|(_, is_right)| !is_right);
    wrong.next().map(|(name, _)| Fault::OtherReport(name))
}
