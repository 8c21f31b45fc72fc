//! The reports of a project: which there are, and where each stands.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use varde_core::KeyId;
use varde_xapi::Stored;

use super::amount::sum;
use super::body::{ManualLine, Reference, ReportHash};
use super::error::ReportError;
use super::opening::OpeningBalance;
use crate::IndicatorCode;

/// Where a revision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is worked at; its figures are those of the present.
    Draft,
    /// It was handed in, and is frozen.
    Submitted,
    /// It was handed in and came back; another revision follows it.
    Returned,
    /// Who pays has accepted it.
    Accepted,
}

impl State {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
        }
    }
}

/// Everything of a project's reports that may change, in one record: whoever changes a part of it
/// has seen all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Book {
    /// By indicator, what was reported before the first report here.
    #[serde(default)]
    pub(super) opening: BTreeMap<IndicatorCode, OpeningBalance>,
    /// In the order of their periods.
    #[serde(default)]
    pub(super) reports: Vec<Report>,
    /// Frozen bodies that a submit began to write and did not finish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unfinished: Vec<ReportHash>,
}

/// The report of one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) number: u32,
    /// The last day of its period.
    pub(super) period: Date,
    /// The last day before its period.
    pub(super) after: Option<Date>,
    /// The revisions; all but the last were returned.
    pub(super) revisions: Vec<Revision>,
}

/// One revision of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Revision {
    pub(super) state: State,
    /// How often it was changed: who changes it may say what they saw.
    pub(super) edit: u32,
    #[serde(default)]
    pub(super) comments: BTreeMap<IndicatorCode, String>,
    #[serde(default)]
    pub(super) lines: Vec<ManualLine>,
    /// Since it was submitted.
    #[serde(default)]
    pub(super) frozen: Option<Frozen>,
    pub(super) deeds: Vec<Deed>,
}

/// A frozen body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Frozen {
    pub(super) hash: ReportHash,
    pub(super) bytes: usize,
    pub(super) known_at: Stored,
}

/// What somebody did to a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// What.
    pub what: Act,
    /// When.
    pub at: Stored,
    /// Who: the key. The operator at the data folder has the nil id.
    pub by: KeyId,
    /// Why, where somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What can be done to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// It was opened.
    Opened,
    /// It was submitted.
    Submitted,
    /// It was returned.
    Returned,
    /// It was accepted.
    Accepted,
}

impl Revision {
    fn new(deed: Deed) -> Self {
        Self {
            state: State::Draft,
            edit: 0,
            comments: BTreeMap::new(),
            lines: Vec::new(),
            frozen: None,
            deeds: vec![deed],
        }
    }

    /// Returns what the approved lines of an indicator add.
    pub(super) fn approved(&self, code: &IndicatorCode) -> Decimal {
        let lines = self.lines.iter();
        let approved = lines.filter(|line| line.code == *code && line.approver.is_some());
        sum(approved.map(|line| line.amount))
    }

    /// Returns a line that may still be changed.
    pub(super) fn line(&mut self, number: u32) -> Result<&mut ManualLine, ReportError> {
        let line = self.lines.iter_mut().find(|line| line.number == number);
        line.ok_or(ReportError::Absent("manual line"))
    }
}

impl Report {
    /// Returns the number and the content of the last revision.
    pub(super) fn last(&self) -> Option<(u32, &Revision)> {
        (1..).zip(&self.revisions).last()
    }

    /// Returns the state of the last revision.
    pub(super) fn state(&self) -> State {
        self.revisions
            .last()
            .map_or(State::Draft, |last| last.state)
    }

    /// Returns the revision of a number, the last where none is named.
    pub(super) fn revision(&self, number: Option<u32>) -> Result<(u32, &Revision), ReportError> {
        let mut all = (1..).zip(&self.revisions);
        let found = match number {
            Some(number) => all.find(|(n, _)| *n == number),
            None => all.last(),
        };
        found.ok_or(ReportError::Absent("revision of the report"))
    }

    /// Returns the last revision where it is in a state; says which state it is in otherwise.
    pub(super) fn in_state(&mut self, needed: State) -> Result<&mut Revision, ReportError> {
        let (period, found) = (self.period, self.state());
        let last = self.revisions.last_mut();
        last.filter(|last| last.state == needed)
            .ok_or(ReportError::State {
                period,
                found,
                needed,
            })
    }

    /// Notes that the submitted revision was accepted.
    pub(super) fn accept(&mut self, deed: Deed) -> Result<(), ReportError> {
        let revision = self.in_state(State::Submitted)?;
        revision.state = State::Accepted;
        revision.deeds.push(deed);
        Ok(())
    }

    /// Notes that the submitted revision came back, and begins the next with its comments and lines.
    pub(super) fn give_back(&mut self, deed: Deed) -> Result<(), ReportError> {
        let opened = Deed {
            what: Act::Opened,
            ..deed.clone()
        };
        let revision = self.in_state(State::Submitted)?;
        revision.state = State::Returned;
        revision.deeds.push(deed);
        let next = Revision {
            comments: revision.comments.clone(),
            lines: revision.lines.clone(),
            ..Revision::new(opened)
        };
        self.revisions.push(next);
        Ok(())
    }
}

impl Book {
    /// Returns the report of a period.
    pub(super) fn report(&self, period: Date) -> Result<&Report, ReportError> {
        let report = self.reports.iter().find(|report| report.period == period);
        report.ok_or(ReportError::Absent("report"))
    }

    /// Returns the report of a period, to be changed.
    pub(super) fn report_mut(&mut self, period: Date) -> Result<&mut Report, ReportError> {
        let mut reports = self.reports.iter_mut();
        let report = reports.find(|report| report.period == period);
        report.ok_or(ReportError::Absent("report"))
    }

    /// Opens the report of a period, one of the project's in their order.
    pub(super) fn open(
        &mut self,
        ends: &[Date],
        period: Date,
        deed: Deed,
    ) -> Result<(), ReportError> {
        let place = ends.iter().position(|end| *end == period);
        let place = place.ok_or_else(|| ReportError::NoPeriod {
            ends: ends.to_vec(),
        })?;
        if let Ok(report) = self.report(period) {
            let found = report.state();
            return Err(ReportError::Open { period, found });
        }
        if let Some(accepted) = self.accepted_behind(period) {
            return Err(ReportError::Later { period, accepted });
        }
        let after = place.checked_sub(1).and_then(|before| ends.get(before));
        self.reports.push(Report {
            number: u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1),
            period,
            after: after.copied(),
            revisions: vec![Revision::new(deed)],
        });
        self.reports.sort_by_key(|report| report.period);
        Ok(())
    }

    pub(super) fn accepted_behind(&self, period: Date) -> Option<Date> {
        let later = self.reports.iter().filter(|report| report.period > period);
        let mut accepted = later.filter(|report| report.state() == State::Accepted);
        accepted.next().map(|report| report.period)
    }

    /// Checks that no report of an earlier period is in one of the states.
    pub(super) fn none_before(&self, period: Date, states: &[State]) -> Result<(), ReportError> {
        let earlier = self.reports.iter().filter(|report| report.period < period);
        let mut waiting = earlier.filter(|report| states.contains(&report.state()));
        match waiting.next() {
            None => Ok(()),
            Some(report) => Err(ReportError::Earlier {
                period,
                earlier: report.period,
                found: report.state(),
            }),
        }
    }

    /// Returns the last accepted report of the periods before one.
    pub(super) fn accepted_before(&self, period: Date) -> Option<Reference> {
        let earlier = self.reports.iter().filter(|report| report.period < period);
        let accepted = earlier.filter(|report| report.state() == State::Accepted);
        let (report, (revision, last)) = accepted
            .filter_map(|report| Some((report, report.last()?)))
            .next_back()?;
        Some(Reference {
            period: report.period,
            revision,
            hash: last.frozen.as_ref()?.hash.clone(),
        })
    }

    /// Checks that an opening balance may still be changed: no report that stands was made from it.
    pub(super) fn opening_is_open(&self) -> Result<(), ReportError> {
        let stands = |report: &&Report| report.state() != State::Draft;
        match self.reports.iter().find(stands) {
            None => Ok(()),
            Some(report) => Err(ReportError::OpeningUsed {
                period: report.period,
                found: report.state(),
            }),
        }
    }
}
