//! The periods of projects, and what is to be done about each.

use jiff::civil::Date;
use serde::Serialize;
use varde_core::registers::RegisterView;
use varde_core::{Caller, Need, ProjectCode};
use varde_xapi::Stored;

use super::Reports;
use super::book::Book;
use super::error::ReportError;
use super::reading::Listed;

/// A period of a project, and where its report stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatedPeriod {
    /// The project.
    pub project: ProjectCode,
    /// Which of the project's periods it is, from 1.
    pub number: u32,
    /// The last day before the period; `None` for the project's first.
    pub after: Option<Date>,
    /// The last day of the period.
    pub period: Date,
    /// Whether its last day has passed in the project's zone.
    pub is_over: bool,
    /// The first day on which its report could be handed in, where it is over and no report of it
    /// stands: none was submitted, or the one that was came back.
    pub due_since: Option<Date>,
    /// Whether a report of it may be opened: there is none, and no later one was accepted.
    pub may_be_opened: bool,
    /// The last revision of its report.
    pub report: Option<Listed>,
}

impl Reports {
    /// Returns every period of the projects that the caller reads, in the order of projects and
    /// periods.
    pub async fn calendar(&self, caller: &Caller) -> Result<Vec<DatedPeriod>, ReportError> {
        caller.may(Need::ReadReports)?;
        let registers = self.indicators.registers.refresh().await?;
        let view = RegisterView::new(&registers, Stored(i64::MAX));
        let now = self.clock.now();
        let mut all = Vec::new();
        for project in &caller.projects {
            let book = self.book(project).await?.book;
            let ends = book.ends(view.period_ends(project.as_str()));
            let mut after = None;
            for (number, period) in (1..).zip(ends) {
                let end = view.end_of_day(project.as_str(), period);
                let is_over = end.is_some_and(|end| end < now);
                all.push(book.dated((project, number, after, period), is_over));
                after = Some(period);
            }
        }
        Ok(all)
    }
}

impl Book {
    fn dated(
        &self,
        (project, number, after, period): (&ProjectCode, u32, Option<Date>, Date),
        is_over: bool,
    ) -> DatedPeriod {
        let report = self.report(period).ok();
        let last = report.and_then(|report| Some((report, report.last()?)));
        let is_due = is_over && self.is_open(period);
        DatedPeriod {
            project: project.clone(),
            number,
            after,
            period,
            is_over,
            due_since: period.tomorrow().ok().filter(|_| is_due),
            may_be_opened: report.is_none() && self.accepted_behind(period).is_none(),
            report: last.map(|(report, last)| Listed::of(project, report, last)),
        }
    }
}
