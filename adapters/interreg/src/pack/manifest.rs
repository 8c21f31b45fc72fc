//! The manifest: the names and hashes of all files of a pack. It is what is signed.

use serde::{Deserialize, Serialize};
use varde_core::ProjectCode;
use varde_xapi::Stored;

use super::signature::Fingerprint;
use crate::reports::{Period, ReportBody, ReportHash, sha256};

/// The form of a manifest.
pub(super) const FORMAT: &str = "varde-pack/1";

/// The content of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of this document.
    pub format: String,
    /// The project.
    pub project: ProjectCode,
    /// Which of the project's periods the report is of, from 1.
    pub number: u32,
    /// The period.
    pub period: Period,
    /// The revision of the report.
    pub revision: u32,
    /// The snapshot that the figures are from: the hash of `report.json`.
    pub snapshot: ReportHash,
    /// Everything that was known at this instant is in it, and nothing later.
    pub known_at: Stored,
    /// The indicator set, as `id@version`.
    pub rule_set: String,
    /// The indicator set's identity.
    pub rule_set_hash: String,
    /// The time zone in which days begin and end.
    pub zone: String,
    /// The key that signs it.
    pub signer: Fingerprint,
    /// Every file but this one and its signature, in the order of their names.
    pub files: Vec<Entry>,
}

/// One file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name, with its folder.
    pub name: String,
    /// How many bytes it has.
    pub bytes: usize,
    /// SHA-256 of its bytes, as 64 hex digits.
    pub sha256: String,
    /// Whether it names organisations or keys, and is for the project office and the authorities
    /// only.
    pub restricted: bool,
}

impl Manifest {
    pub(super) fn of(
        body: &ReportBody,
        snapshot: ReportHash,
        signer: Fingerprint,
        files: Vec<Entry>,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            project: body.project.clone(),
            number: body.number,
            period: body.period,
            revision: body.revision,
            snapshot,
            known_at: body.known_at,
            rule_set: body.definition.clone(),
            rule_set_hash: body.definition_hash.clone(),
            zone: body.zone.clone(),
            signer,
            files,
        }
    }
}

impl Entry {
    pub(super) fn of(name: &str, bytes: &[u8], restricted: bool) -> Self {
        Self {
            name: name.to_owned(),
            bytes: bytes.len(),
            sha256: sha256(bytes),
            restricted,
        }
    }
}
