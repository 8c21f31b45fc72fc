//! What an import does with each line.

use std::collections::BTreeMap;

use serde::Serialize;
use varde_core::registers::LineNews;
use varde_core::registers::files::FileFaults;
use varde_xapi::StatementId;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowVerdict {
    /// It was not known, or had been removed.
    New,
    /// It takes the place of what was known.
    Changed,
    /// It says what is known.
    Unchanged,
    /// It is in the store and not in the files any more.
    Removed,
    /// It is not stored again: it was voided by hand, or erased.
    Withheld,
    /// Something is wrong with it.
    Refused,
}

impl RowVerdict {
    /// Returns the verdict's name, as reports print it.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::Removed => "removed",
            Self::Withheld => "withheld",
            Self::Refused => "refused",
        }
    }
}

impl From<LineNews> for RowVerdict {
    fn from(news: LineNews) -> Self {
        match news {
            LineNews::New => Self::New,
            LineNews::Changed => Self::Changed,
            LineNews::Unchanged => Self::Unchanged,
        }
    }
}

/// The verdict on one line. It holds nothing that names a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JudgedRow {
    /// The file; none for what is in no file any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The line in the file or sheet, from 1.
    pub line: Option<u64>,
    /// The table; none where that could not be told.
    pub table: Option<&'static str>,
    /// What becomes of it.
    pub verdict: RowVerdict,
    /// The fields of a register that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Why it is refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
    /// What may be amiss.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The statement of the fact, or the one that is voided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
}

impl JudgedRow {
    /// Begins a verdict that no line stands behind.
    pub(super) fn removed(table: &'static str, statement: StatementId) -> Self {
        Self {
            file: None,
            sheet: None,
            line: None,
            table: Some(table),
            verdict: RowVerdict::Removed,
            fields: Vec::new(),
            why: Vec::new(),
            warnings: Vec::new(),
            statement: Some(statement.to_string()),
        }
    }

    /// Tells whether there is something to say of it.
    pub fn tells(&self) -> bool {
        self.verdict != RowVerdict::Unchanged || !self.warnings.is_empty()
    }
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// How many lines have each verdict.
    pub counts: BTreeMap<&'static str, usize>,
    /// The verdicts, in the order of files and lines; what is in no file comes last.
    pub rows: Vec<JudgedRow>,
    /// Everything that is wrong with the files. With one fault nothing is imported.
    pub faults: FileFaults,
}

impl ImportReport {
    pub(super) fn of(dry_run: bool, rows: Vec<JudgedRow>, faults: FileFaults) -> Self {
        let mut counts = BTreeMap::new();
        for row in &rows {
            *counts.entry(row.verdict.name()).or_default() += 1;
        }
        Self {
            dry_run,
            counts,
            rows,
            faults,
        }
    }
}
