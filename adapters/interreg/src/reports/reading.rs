//! Looking at reports.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Serialize;
use varde_core::audit::Told;
use varde_core::registers::{PersonId, RegisterView};
use varde_core::{Caller, Need, ProjectCode};
use varde_xapi::Stored;

use super::Reports;
use super::body::{ReportBody, ReportHash};
use super::book::{Deed, Report, Revision, State};
use super::error::ReportError;
use super::keeping::check_project;

/// Which report is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportQuery {
    /// The project.
    pub project: ProjectCode,
    /// The last day of the period.
    pub period: Date,
    /// The revision; the last where absent.
    pub revision: Option<u32>,
    /// A draft as known at this instant; the latest where absent. A frozen report is as it is.
    pub known_at: Option<Stored>,
}

/// One revision of a report in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The project.
    pub project: ProjectCode,
    /// Which of the project's periods it is of, from 1.
    pub number: u32,
    /// The last day before the period; `None` for the project's first.
    pub after: Option<Date>,
    /// The last day of the period.
    pub period: Date,
    /// The revision, from 1.
    pub revision: u32,
    /// Where it stands.
    pub state: State,
    /// The report's hash, once it was submitted.
    pub hash: Option<ReportHash>,
    /// As known when it was submitted.
    pub known_at: Option<Stored>,
    /// How often it was changed.
    pub edit: u32,
    /// What was done to it.
    pub deeds: Vec<Deed>,
}

/// A report with where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportView {
    /// What a list tells of it.
    #[serde(flatten)]
    pub listed: Listed,
    /// Everything stored up to this instant is in it.
    pub complete_through: Stored,
    /// By the id of each person in a key, how the person is shown now.
    pub persons: BTreeMap<String, String>,
    /// What it says.
    pub report: ReportBody,
}

impl Listed {
    pub(super) fn of(
        project: &ProjectCode,
        report: &Report,
        (number, revision): (u32, &Revision),
    ) -> Self {
        let frozen = revision.frozen.as_ref();
        Self {
            project: project.clone(),
            number: report.number,
            after: report.after,
            period: report.period,
            revision: number,
            state: revision.state,
            hash: frozen.map(|frozen| frozen.hash.clone()),
            known_at: frozen.map(|frozen| frozen.known_at),
            edit: revision.edit,
            deeds: revision.deeds.clone(),
        }
    }
}

impl Reports {
    /// Returns every revision of every report of the projects that the caller reads, or of one, in
    /// the order of projects, periods and revisions.
    pub async fn list(
        &self,
        caller: &Caller,
        project: Option<&ProjectCode>,
    ) -> Result<Vec<Listed>, ReportError> {
        caller.may(Need::ReadResults)?;
        let mut all = Vec::new();
        let wanted = |code: &&ProjectCode| project.is_none_or(|project| *project == **code);
        for code in caller.projects.iter().filter(wanted) {
            for report in &self.book(code).await?.book.reports {
                let revisions = (1..).zip(&report.revisions);
                all.extend(revisions.map(|revision| Listed::of(code, report, revision)));
            }
        }
        Ok(all)
    }

    /// Returns a report: a draft worked out now, or one as it was frozen.
    pub async fn show(
        &self,
        caller: &Caller,
        query: &ReportQuery,
    ) -> Result<ReportView, ReportError> {
        caller.may(Need::ReadReports)?;
        check_project(caller, &query.project)?;
        let book = self.book(&query.project).await?.book;
        let report = book.report(query.period)?;
        let (number, revision) = report.revision(query.revision)?;
        let (body, complete_through) = if let Some(frozen) = &revision.frozen {
            let body = self.frozen(&query.project, &frozen.hash).await?;
            (body, frozen.known_at)
        } else {
            let ground = self.ground(&query.project, query.known_at).await?;
            let part = (report, number, revision);
            let body = self.compute(caller, &ground, &book, part).await?;
            (body, ground.snapshot.complete_through)
        };
        let persons = self.persons(&body).await?;
        self.note(caller, &shown(query, &body)).await?;
        Ok(ReportView {
            listed: Listed::of(&query.project, report, (number, revision)),
            complete_through,
            persons,
            report: body,
        })
    }

    /// Returns `report.json` of a report that was submitted, byte for byte, and its hash.
    pub async fn file(
        &self,
        caller: &Caller,
        query: &ReportQuery,
    ) -> Result<(Vec<u8>, ReportHash), ReportError> {
        caller.may(Need::ReadReports)?;
        check_project(caller, &query.project)?;
        let book = self.book(&query.project).await?.book;
        let (_, revision) = book.report(query.period)?.revision(query.revision)?;
        let frozen = revision.frozen.as_ref();
        let frozen = frozen.ok_or(ReportError::Absent("submitted report"))?;
        let bytes = self.frozen_bytes(&query.project, &frozen.hash).await?;
        let body = serde_json::from_slice(&bytes).map_err(varde_core::StoreError::failed)?;
        self.note(caller, &shown(query, &body)).await?;
        Ok((bytes, frozen.hash.clone()))
    }

    async fn persons(&self, body: &ReportBody) -> Result<BTreeMap<String, String>, ReportError> {
        let registers = self.indicators.registers.refresh().await?;
        let view = RegisterView::new(&registers, Stored(i64::MAX));
        let keys = body.indicators.iter().flat_map(|one| {
            let corrected = one.corrections.iter().map(|correction| &correction.key);
            one.keys.iter().map(|key| &key.key).chain(corrected)
        });
        let persons: BTreeSet<&String> = keys.filter_map(|key| key.person.as_ref()).collect();
        let shown = persons.into_iter().filter_map(|id| {
            let person = PersonId::parse(id)?;
            Some((id.clone(), view.shown(&person)))
        });
        Ok(shown.collect())
    }
}

/// Describes a report that is shown to the audit log.
fn shown(query: &ReportQuery, body: &ReportBody) -> Told {
    let indicators = body.indicators.iter();
    let rows = indicators.map(|one| one.keys.len() + one.corrections.len() + one.left_out.len());
    let given = [
        ("project", true),
        ("period", true),
        ("revision", query.revision.is_some()),
        ("known_at", query.known_at.is_some()),
    ];
    Told {
        known_at: Some(body.known_at),
        ..Told::new("report", &given, rows.sum())
    }
}
