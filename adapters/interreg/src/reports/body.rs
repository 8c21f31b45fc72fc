//! A report as it is handed in: everything that its figures rest on.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use varde_core::ports::StoreError;
use varde_core::registers::RowId;
use varde_core::{KeyId, ProjectCode};
use varde_xapi::{StatementId, Stored};

use super::correction::Correction;
use super::evidence::Exhibit;
use super::figures::{Figures, Manual, Reported};
use super::key::ReportKey;
use super::reached::{KeyStand, Keys, LeftOut};
use crate::IndicatorCode;
use crate::set::{Measure, Names};

/// The form of `report.json`.
pub(super) const FORMAT: &str = "varde-report/1";

/// A report, draft or frozen: the content of `report.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportBody {
    /// The form of this document.
    pub format: String,
    /// The project.
    pub project: ProjectCode,
    /// The project's title, where the registers have it in all languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Names>,
    /// Which of the project's periods it is of, from 1.
    pub number: u32,
    /// The period.
    pub period: Period,
    /// The time zone in which days begin and end.
    #[serde(default = "usual_zone")]
    pub zone: String,
    /// Which revision of the report this is, from 1.
    pub revision: u32,
    /// The indicator set, as `id@version`.
    pub definition: String,
    /// The indicator set's identity.
    pub definition_hash: String,
    /// Everything that was known at this instant is in it, and nothing later.
    pub known_at: Stored,
    /// The accepted report that `previous` is from.
    pub previous: Option<Reference>,
    /// The indicators, in the order of the set.
    pub indicators: Vec<ReportedIndicator>,
    /// What people decided beside what is counted.
    pub lines: Vec<ManualLine>,
    /// The evidence files of the report, by their hashes.
    pub evidence: Vec<Exhibit>,
}

/// The zone of reports that were frozen before they named it.
fn usual_zone() -> String {
    "Europe/Oslo".to_owned()
}

/// The days that a report is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The last day before it; `None` for the project's first.
    pub after: Option<Date>,
    /// Its last day.
    pub end: Date,
}

/// Names a report that was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The last day of its period.
    pub period: Date,
    /// Its revision.
    pub revision: u32,
    /// Its hash.
    pub hash: ReportHash,
}

/// One indicator in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedIndicator {
    /// Its code.
    pub code: IndicatorCode,
    /// Its name.
    pub name: Names,
    /// What it counts.
    pub unit: Names,
    /// How keys become the value.
    pub measure: Measure,
    /// Baseline, milestone, target and their source, and the value and the breakdowns as they stand at
    /// the period's end, without the opening balance.
    #[serde(flatten)]
    pub standing: BTreeMap<String, Value>,
    /// What was reached in the period; `None` for a share or a distribution, which stands as of the
    /// period's end.
    pub figures: Option<Figures>,
    /// The opening balance that the figures begin from.
    pub opening: Option<OpeningUsed>,
    /// Approved manual lines, which stand apart from what is counted.
    pub manual: Option<Manual>,
    /// Both together: what is handed in.
    pub reported: Option<Reported>,
    /// The keys that count to the period's end.
    pub keys: Vec<ReportedKey>,
    /// The keys that count otherwise than was reported before; together they are the correction.
    pub corrections: Vec<Correction>,
    /// How many things were left out, by reason.
    pub excluded: BTreeMap<String, u64>,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
    /// What the project office says of it.
    pub comment: Option<String>,
}

/// An opening balance as a report used it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningUsed {
    /// The value.
    pub value: Decimal,
    /// The last day that it stands for.
    pub as_of: Date,
    /// Where it is from.
    pub source: String,
    /// The document, by hash.
    pub document: Option<String>,
    /// How many keys of the ledger it stands for, which do not count again.
    pub covered: u64,
}

/// A counted key of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedKey {
    /// What it is known by.
    #[serde(flatten)]
    pub key: ReportKey,
    /// Since when it counts, how much, and what it rests on.
    #[serde(flatten)]
    pub stand: KeyStand,
    /// What of its amount is new in the period.
    pub new: Decimal,
}

/// A value that people decided beside what is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualLine {
    /// Its number in the report, from 1.
    pub number: u32,
    /// The indicator.
    pub code: IndicatorCode,
    /// How much it adds, or takes away where negative.
    pub amount: Decimal,
    /// Why.
    pub reason: String,
    /// The document that proves it, by the SHA-256 of an evidence file.
    pub document: String,
    /// Who wrote it.
    pub author: KeyId,
    /// When.
    pub written: Stored,
    /// Who else approved it; it adds nothing before.
    pub approver: Option<KeyId>,
    /// When.
    pub approved: Option<Stored>,
}

/// SHA-256 of a report's canonical JSON (RFC 8785), as 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReportHash(pub String);

impl fmt::Display for ReportHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the SHA-256 of bytes as 64 hex digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl ReportBody {
    /// Returns `report.json`: canonical JSON (RFC 8785), and its hash.
    pub fn canonical(&self) -> Result<(Vec<u8>, ReportHash), StoreError> {
        let value = serde_json::to_value(self).map_err(StoreError::failed)?;
        let bytes = serde_json_canonicalizer::to_vec(&value).map_err(StoreError::failed)?;
        let hash = ReportHash(sha256(&bytes));
        Ok((bytes, hash))
    }

    /// Returns an indicator.
    pub fn indicator(&self, code: &IndicatorCode) -> Option<&ReportedIndicator> {
        self.indicators.iter().find(|one| one.code == *code)
    }
}

impl ReportedIndicator {
    /// Returns the keys as the next report compares them.
    pub(super) fn compared(&self) -> Keys {
        let keys = self.keys.iter();
        keys.map(|one| (one.key.clone(), one.stand.clone()))
            .collect()
    }

    /// Returns every statement and register row that its keys, corrections and what it left out
    /// name.
    pub fn rows(&self) -> impl Iterator<Item = RowId> {
        let keys = self.keys.iter().flat_map(|key| &key.stand.rows);
        let corrections = self.corrections.iter().flat_map(|one| &one.rows);
        let left_out = self.left_out.iter().flat_map(|one| &one.rows);
        keys.chain(corrections).chain(left_out).copied()
    }

    /// Tells whether one of its keys or corrections rests on a statement.
    pub fn rests_on(&self, statement: StatementId) -> bool {
        let keys = self.keys.iter().map(|key| &key.stand.statements);
        let corrections = self.corrections.iter().map(|one| &one.statements);
        let mut all = keys.chain(corrections);
        all.any(|statements| statements.contains(&statement))
    }
}
