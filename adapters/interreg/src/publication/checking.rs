//! Checking a release: that it is what was published, and follows from the report that it names.

use serde::Serialize;
use varde_core::{Caller, ProjectCode, StoreError};

use super::release::{Choice, Dimension, Release, ReleasedIndicator};
use super::{Publication, PublicationError, released};
use crate::IndicatorCode;
use crate::reports::{ReportError, ReportHash};

/// How a number of a release differs from that of the release before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NumberChange {
    /// The indicator.
    pub code: IndicatorCode,
    /// The table; `None` for the indicator's total.
    pub dimension: Option<Dimension>,
    /// The value in the table.
    pub cell: Option<String>,
    /// What the release before has; `None` where it has nothing of it, or held it back.
    pub before: Option<u64>,
    /// What this one has; `None` where it is held back.
    pub now: Option<u64>,
    /// By how much it is more, or less where negative, where both have a number.
    pub difference: Option<i64>,
}

/// What a check of a release found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseCheck {
    /// Which of the project's releases it is.
    pub number: u32,
    /// SHA-256 of the release as canonical JSON (RFC 8785), without who published it, as 64 hex digits.
    pub hash: ReportHash,
    /// The hash of the report that it is of.
    pub snapshot: ReportHash,
    /// Whether the report is kept with the bytes of its hash.
    pub report_is_intact: bool,
    /// Whether the same tables come out when they are made of the report again.
    pub follows_from_report: bool,
    /// What is another number than in the release before, totals first.
    pub changes: Vec<NumberChange>,
}

impl Publication {
    /// Checks a release of a project that the caller reads.
    pub async fn check(
        &self,
        caller: &Caller,
        project: &ProjectCode,
        number: u32,
    ) -> Result<ReleaseCheck, PublicationError> {
        let releases = self.releases(caller, project).await?;
        let at = releases.iter().position(|one| one.number == number);
        let at = at.ok_or(ReportError::Absent("release"))?;
        let (earlier, rest) = releases.split_at(at);
        let release = rest.first().ok_or(ReportError::Absent("release"))?;
        let report = self.reports.intact(project, &release.snapshot).await?;
        let follows_from_report = report.as_ref().is_some_and(|body| {
            let again = released(body, earlier, &release.choices());
            again.is_ok_and(|indicators| indicators == release.indicators)
        });
        let (_, hash) = release.canonical()?;
        Ok(ReleaseCheck {
            number,
            hash,
            snapshot: release.snapshot.clone(),
            report_is_intact: report.is_some(),
            follows_from_report,
            changes: earlier.last().map_or_else(Vec::new, |before| {
                release
                    .indicators
                    .iter()
                    .flat_map(|one| changes(one, before))
                    .collect()
            }),
        })
    }
}

impl Release {
    /// Returns the tables that it was made with.
    fn choices(&self) -> std::collections::BTreeSet<Choice> {
        let each = self.indicators.iter().flat_map(|one| {
            one.tables.keys().map(|dimension| Choice {
                code: one.code.clone(),
                dimension: *dimension,
            })
        });
        each.collect()
    }

    /// Returns it as canonical JSON (RFC 8785) without who published it, and the hash of that.
    pub fn canonical(&self) -> Result<(Vec<u8>, ReportHash), StoreError> {
        let shown = Self {
            by: None,
            ..self.clone()
        };
        let bytes = serde_json_canonicalizer::to_vec(&shown).map_err(StoreError::failed)?;
        let hash = ReportHash(crate::reports::sha256(&bytes));
        Ok((bytes, hash))
    }
}

/// Returns what of an indicator is another number than in an earlier release.
fn changes(one: &ReleasedIndicator, before: &Release) -> Vec<NumberChange> {
    let then = before.indicator(&one.code);
    let change = |place: Option<(Dimension, &String)>, before: Option<u64>, now: Option<u64>| {
        let signed = |number: u64| i64::try_from(number).ok();
        let both = before.and_then(signed).zip(now.and_then(signed));
        NumberChange {
            code: one.code.clone(),
            dimension: place.map(|(dimension, _)| dimension),
            cell: place.map(|(_, cell)| cell.clone()),
            before,
            now,
            difference: both.map(|(before, now)| now.saturating_sub(before)),
        }
    };
    let total = then.map(|then| then.total.value);
    let mut all = vec![change(None, total, Some(one.total.value))];
    for (dimension, cells) in &one.tables {
        let then = then.and_then(|then| then.tables.get(dimension));
        for (cell, number) in cells {
            let then = then.and_then(|then| then.get(cell)).copied().flatten();
            let (then, now) = (then.map(|one| one.value), number.map(|one| one.value));
            all.push(change(Some((*dimension, cell)), then, now));
        }
    }
    all.retain(|change| change.before != change.now);
    all
}
