//! What stands in the way of submitting a draft, and what its readers will ask about.

use jiff::civil::Date;
use serde::Serialize;
use varde_core::disclosure::Rows;
use varde_core::registers::RegisterView;
use varde_core::{Caller, Need};
use varde_xapi::Stored;

use super::Reports;
use super::body::{ReportBody, ReportedIndicator};
use super::book::{Book, State};
use super::changing::Place;
use super::compute::Ground;
use super::error::ReportError;
use super::keeping::check_project;
use super::reading::{ReportQuery, ReportView};
use crate::IndicatorCode;
use crate::invariants::breaches;

/// Why a report cannot be submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Obstacle {
    /// It is no draft.
    State {
        /// Where it stands.
        found: State,
    },
    /// A draft of an earlier period comes first.
    Earlier {
        /// The last day of the earlier period.
        earlier: Date,
        /// Where its report stands.
        found: State,
    },
    /// The period is not over, or not everything of it is carried into the ledger yet.
    NotOver {
        /// Through when the ledger is complete.
        complete: Stored,
    },
}

/// Something of a report that its readers will ask about. It stands in nobody's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Warning {
    /// Keys of persons whom the registers do not know.
    Unresolved {
        /// The indicator.
        code: IndicatorCode,
        /// How many.
        count: u64,
    },
    /// Keys that may still change by the calendar alone.
    Provisional {
        /// The indicator.
        code: IndicatorCode,
        /// How many.
        count: u64,
    },
    /// Keys that count otherwise than was reported before.
    Corrected {
        /// The indicator.
        code: IndicatorCode,
        /// How many.
        count: usize,
    },
    /// What was considered and not counted.
    LeftOut {
        /// The indicator.
        code: IndicatorCode,
        /// How many.
        count: u64,
    },
    /// A manual line that nobody has approved; it adds nothing.
    Unapproved {
        /// The indicator.
        code: IndicatorCode,
        /// The line's number.
        line: u32,
    },
    /// Something that should hold between indicators, or within one, and does not.
    Breach {
        /// The indicator.
        code: IndicatorCode,
        /// What should hold, and what was found.
        sentence: String,
    },
}

/// A draft as it would be submitted now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// How often the draft was changed: who submits it says what they saw.
    pub edit: u32,
    /// What stands in the way; nothing where it can be submitted.
    pub obstacles: Vec<Obstacle>,
    /// What readers will ask about.
    pub warnings: Vec<Warning>,
    /// The report itself.
    #[serde(skip)]
    pub view: ReportView,
}

impl Obstacle {
    /// Returns why the report of a period is not submitted.
    pub(super) fn error(self, period: Date) -> ReportError {
        match self {
            Self::State { found } => ReportError::State {
                period,
                found,
                needed: State::Draft,
            },
            Self::Earlier { earlier, found } => ReportError::Earlier {
                period,
                earlier,
                found,
            },
            Self::NotOver { complete } => ReportError::NotOver { period, complete },
        }
    }
}

/// Returns what stands in the way of submitting the report of a period.
pub(super) fn obstacles(
    book: &Book,
    ground: &Ground,
    place: &Place,
) -> Result<Vec<Obstacle>, ReportError> {
    let found = book.report(place.period)?.state();
    let mut obstacles = Vec::new();
    if found != State::Draft {
        obstacles.push(Obstacle::State { found });
    }
    if let Err(ReportError::Earlier { earlier, found, .. }) =
        book.none_before(place.period, &[State::Draft])
    {
        obstacles.push(Obstacle::Earlier { earlier, found });
    }
    let complete = ground.snapshot.complete_through;
    let view = RegisterView::new(&ground.registers, complete);
    let end = view.end_of_day(place.project.as_str(), place.period);
    if end.is_none_or(|end| end > complete) {
        obstacles.push(Obstacle::NotOver { complete });
    }
    Ok(obstacles)
}

impl Reports {
    /// Tells what stands in the way of submitting a report, and what its readers will ask about.
    pub async fn check(&self, caller: &Caller, place: &Place) -> Result<Check, ReportError> {
        caller.may(Need::ReadReports)?;
        check_project(caller, &place.project)?;
        let book = self.book(&place.project).await?.book;
        book.report(place.period)?;
        let ground = self.ground(&place.project, None).await?;
        let query = ReportQuery {
            project: place.project.clone(),
            period: place.period,
            revision: None,
            known_at: None,
        };
        let view = self.show(caller, &query).await?;
        let mut warnings = warnings(&view.report);
        let (snapshot, set) = (&ground.snapshot, &ground.set);
        let (seen, asked) = ((caller, Rows::All), ([place.period], None));
        let values = self
            .indicators
            .values(seen, (snapshot, set), &ground.registers, asked);
        let [values] = values.await?;
        let broken = breaches(&values).into_iter();
        warnings.extend(broken.map(|breach| Warning::Breach {
            code: breach.code,
            sentence: breach.sentence,
        }));
        Ok(Check {
            edit: view.listed.edit,
            obstacles: obstacles(&book, &ground, place)?,
            warnings,
            view,
        })
    }
}

/// Returns what a report itself warns of, in the order of its indicators.
fn warnings(body: &ReportBody) -> Vec<Warning> {
    let mut warnings: Vec<_> = body.indicators.iter().flat_map(of_indicator).collect();
    let waiting = body.lines.iter().filter(|line| line.approver.is_none());
    warnings.extend(waiting.map(|line| Warning::Unapproved {
        code: line.code.clone(),
        line: line.number,
    }));
    warnings
}

fn of_indicator(one: &ReportedIndicator) -> Vec<Warning> {
    let code = || one.code.clone();
    let standing = |name: &str| one.standing.get(name).and_then(serde_json::Value::as_u64);
    let mut warnings = Vec::new();
    if let Some(count) = standing("unresolved").filter(|count| *count > 0) {
        warnings.push(Warning::Unresolved {
            code: code(),
            count,
        });
    }
    if let Some(count) = standing("provisional").filter(|count| *count > 0) {
        warnings.push(Warning::Provisional {
            code: code(),
            count,
        });
    }
    let count = one.corrections.len();
    if count > 0 {
        warnings.push(Warning::Corrected {
            code: code(),
            count,
        });
    }
    let count = one.excluded.values().sum();
    if count > 0 {
        warnings.push(Warning::LeftOut {
            code: code(),
            count,
        });
    }
    warnings
}
