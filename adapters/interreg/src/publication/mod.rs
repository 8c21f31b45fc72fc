//! Publication: tables of a report that everybody may read.
//!
//! - [`Publication`]: the use case. A [`Release`] is made of a report that was submitted, suppressed
//!   once and stored; it never changes. Everybody else, the funder among them, reads releases only.
//! - [`Finding`]: what a release would reveal beside those before it, and so is not made.
//!
//! How tables are suppressed stands in `control.rs` and in `varde_core::disclosure`.

mod checking;
mod control;
mod page;
mod release;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use varde_core::audit::{Audit, Told};
use varde_core::disclosure::Threshold;
use varde_core::ports::{
    CHANGE_BYTES_MAX, Change, Changes, Collection, CommitError, Expected, Records, StoreError,
};
use varde_core::{Caller, Clock, Forbidden, Need, ProjectCode};

pub use self::checking::{NumberChange, ReleaseCheck};
pub use self::control::Finding;
pub use self::page::{STYLE, page};
pub use self::release::{Choice, Dimension, Number, Release, ReleasedIndicator};
pub use self::table::table;

use self::control::Control;
use crate::reports::{Happening, ReportBody, ReportError, ReportHash, ReportQuery, Reports};
use crate::set::Measure;

/// project → [`Releases`].
const RELEASES: Collection = Collection("report-release");
/// The most bytes of a project's releases.
const BYTES_MAX: usize = CHANGE_BYTES_MAX - 64 * 1024;

/// Why nothing was published or shown.
#[derive(Debug, Error)]
pub enum PublicationError {
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The report is not there, or not for this caller.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The tables would reveal something.
    #[error("nothing is published:\n  {}", sentences(.0))]
    Reveals(Vec<Finding>),
    /// Somebody else published meanwhile.
    #[error("somebody else published meanwhile: look at the releases again")]
    Changed,
    /// The releases of a project are more than one record holds.
    #[error("the releases of a project have {found} bytes; at most {max} are kept")]
    TooLarge {
        /// How many they have.
        found: usize,
        /// How many are kept.
        max: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn sentences(findings: &[Finding]) -> String {
    let sentences: Vec<_> = findings.iter().map(ToString::to_string).collect();
    sentences.join("\n  ")
}

/// All releases of a project, in their order. Whoever adds one has seen the others.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Releases {
    releases: Vec<Release>,
}

/// Publishes tables of reports, and shows what was published.
#[derive(Debug, Clone)]
pub struct Publication {
    reports: Reports,
    records: Arc<dyn Records>,
    audit: Audit,
    clock: Arc<dyn Clock>,
}

/// What is to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRelease {
    /// The report.
    pub report: ReportQuery,
    /// The tables; every one that may be published where there are none.
    pub tables: BTreeSet<Choice>,
}

impl Publication {
    /// Works on the reports of a store.
    pub fn new(reports: Reports, records: Arc<dyn Records>, clock: Arc<dyn Clock>) -> Self {
        Self {
            reports,
            audit: Audit::new(Arc::clone(&records)),
            records,
            clock,
        }
    }

    /// Returns what a release would show, or says what it would reveal. Nothing is published.
    pub async fn preview(
        &self,
        caller: &Caller,
        new: &NewRelease,
    ) -> Result<Release, PublicationError> {
        caller.may(Need::ManageReports)?;
        let (_, releases) = self.kept(&new.report.project).await?;
        self.made(caller, new, &releases).await
    }

    /// Publishes tables of a report that was submitted. They are suppressed once, and never change.
    pub async fn publish(
        &self,
        caller: &Caller,
        new: &NewRelease,
    ) -> Result<Release, PublicationError> {
        caller.may(Need::ManageReports)?;
        let project = &new.report.project;
        let (expected, mut releases) = self.kept(project).await?;
        let release = self.made(caller, new, &releases).await?;
        releases.push(release.clone());
        let value = serde_json::to_vec(&Releases { releases }).map_err(StoreError::failed)?;
        if value.len() > BYTES_MAX {
            let (found, max) = (value.len(), BYTES_MAX);
            return Err(PublicationError::TooLarge { found, max });
        }
        let told = Told {
            query: format!("report publish({project} {})", release.period),
            ..Told::new("report publish", &[], 0)
        };
        self.audit.add(self.clock.now(), caller, &told).await?;
        let change = Change {
            collection: RELEASES,
            key: project.as_str().as_bytes().to_vec(),
            value: Some(value),
            expected,
        };
        let changes = Changes {
            changes: vec![change],
            ..Changes::default()
        };
        match self.records.commit(changes).await {
            Ok(_) => Ok(release),
            Err(CommitError::Conflict { .. }) => Err(PublicationError::Changed),
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(error) => Err(StoreError::failed(error).into()),
        }
    }

    /// Returns the releases of a project that the caller reads, in their order.
    pub async fn releases(
        &self,
        caller: &Caller,
        project: &ProjectCode,
    ) -> Result<Vec<Release>, PublicationError> {
        caller.may(Need::ReadReleases)?;
        if !caller.projects.contains(project) {
            return Err(ReportError::Absent("project").into());
        }
        let (_, mut releases) = self.kept(project).await?;
        if caller.may(Need::ReadReports).is_err() {
            hide_names(&mut releases);
        }
        Ok(releases)
    }

    /// Returns what everybody may read of a project: its releases, in their order.
    pub async fn public(&self, project: &ProjectCode) -> Result<Vec<Release>, StoreError> {
        let (_, mut releases) = self.kept(project).await?;
        hide_names(&mut releases);
        Ok(releases)
    }

    /// Returns what was published of a project, with the version of the record that tells of it;
    /// `None` where it is the one that was seen, or there is none.
    pub(crate) async fn published(
        &self,
        project: &ProjectCode,
        seen: Option<u64>,
    ) -> Result<Option<(u64, Vec<Happening>)>, StoreError> {
        let key = project.as_str().as_bytes();
        let record = self.records.get(RELEASES, key).await?;
        let Some(record) = record.filter(|record| seen != Some(record.version)) else {
            return Ok(None);
        };
        let kept: Releases = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
        let each = kept.releases.into_iter();
        let each = each.map(|one| (one.period, one.number, one.snapshot, one.published));
        Ok(Some((record.version, each.collect())))
    }

    pub(super) async fn kept(
        &self,
        project: &ProjectCode,
    ) -> Result<(Expected, Vec<Release>), StoreError> {
        let record = self
            .records
            .get(RELEASES, project.as_str().as_bytes())
            .await?;
        let Some(record) = record else {
            return Ok((Expected::Absent, Vec::new()));
        };
        let kept: Releases = serde_json::from_slice(&record.value).map_err(StoreError::failed)?;
        Ok((Expected::Version(record.version), kept.releases))
    }

    async fn made(
        &self,
        caller: &Caller,
        new: &NewRelease,
        earlier: &[Release],
    ) -> Result<Release, PublicationError> {
        let (bytes, hash) = self.reports.file(caller, &new.report).await?;
        let body: ReportBody = serde_json::from_slice(&bytes).map_err(StoreError::failed)?;
        let indicators = released(&body, earlier, &new.tables);
        let indicators = indicators.map_err(PublicationError::Reveals)?;
        Ok(self.release(caller, (body, hash), earlier, indicators))
    }

    fn release(
        &self,
        caller: &Caller,
        (body, snapshot): (ReportBody, ReportHash),
        earlier: &[Release],
        indicators: Vec<ReleasedIndicator>,
    ) -> Release {
        let last = earlier.last().map_or(0, |last| last.number);
        Release {
            project: body.project,
            title: body.title,
            number: last.saturating_add(1),
            published: self.clock.now(),
            by: Some(caller.key),
            period: body.period.end,
            zone: body.zone,
            snapshot,
            known_at: body.known_at,
            rule_set: body.definition,
            rule_set_hash: body.definition_hash,
            threshold: Threshold::PUBLIC.get(),
            indicators,
        }
    }
}

/// Suppresses tables of a report beside what was published before, or says what they would reveal:
/// every table that may be published where none is chosen.
pub fn released(
    body: &ReportBody,
    earlier: &[Release],
    tables: &BTreeSet<Choice>,
) -> Result<Vec<ReleasedIndicator>, Vec<Finding>> {
    let control = Control { body, earlier };
    if tables.is_empty() {
        control.release(&every_table(body))
    } else {
        control.release(tables)
    }
}

/// Returns every table of a report that may ever be published.
pub fn every_table(body: &ReportBody) -> BTreeSet<Choice> {
    let counts = body.indicators.iter();
    let counts = counts.filter(|one| one.measure == Measure::Count);
    let each = counts.flat_map(|one| {
        let has = |dimension: &Dimension| {
            let breakdowns = one.standing.get("breakdowns");
            breakdowns.is_some_and(|all| all.get(dimension.name()).is_some())
        };
        let dimensions = Dimension::EACH.into_iter().filter(has);
        dimensions.map(|dimension| Choice {
            code: one.code.clone(),
            dimension,
        })
    });
    each.collect()
}

fn hide_names(releases: &mut [Release]) {
    for release in releases {
        release.by = None;
    }
}
