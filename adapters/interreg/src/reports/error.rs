//! Why nothing was done to a report.

use jiff::civil::Date;
use thiserror::Error;
use varde_core::{Forbidden, StoreError};

use super::book::State;
use crate::IndicatorError;

/// Why a report was not read or changed. Nothing changed.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// What was named is not there, or not for this caller.
    #[error("there is no such {0}")]
    Absent(&'static str),
    /// The day is no end of a period.
    #[error("no period of the project ends on this day; those that do: {}", days(.ends))]
    NoPeriod {
        /// The last days of the periods.
        ends: Vec<Date>,
    },
    /// The project reports by no current indicator set, or by several.
    #[error(
        "found {found} current indicator sets of the project; expected one, made current by \
         `varde rules activate`"
    )]
    Sets {
        /// How many.
        found: usize,
    },
    /// A value is not as it must be.
    #[error("{field}: expected {expected}, found {found}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What it must be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// There is a report of the period.
    #[error("there is a report of the period to {period} already: it is {}", .found.name())]
    Open {
        /// The last day of the period.
        period: Date,
        /// Where it stands.
        found: State,
    },
    /// A later report was accepted.
    #[error(
        "the report of the period to {accepted} was accepted already, so none of the period to \
         {period} can be made any more: what it lacks comes as a correction of the next"
    )]
    Later {
        /// The last day of the period.
        period: Date,
        /// That of the accepted one.
        accepted: Date,
    },
    /// The report is in another state.
    #[error(
        "the report of the period to {period} is {}; expected one that is {}", .found.name(), .needed.name()
    )]
    State {
        /// The last day of its period.
        period: Date,
        /// Where it stands.
        found: State,
        /// Where it would have to stand.
        needed: State,
    },
    /// An earlier report comes first.
    #[error(
        "the report of the period to {earlier} is {}, and comes before that of the period to {period}",
        .found.name()
    )]
    Earlier {
        /// The last day of the period.
        period: Date,
        /// That of the earlier one.
        earlier: Date,
        /// Where the earlier one stands.
        found: State,
    },
    /// The period is not over, or not everything of it is carried into the ledger yet.
    #[error(
        "the period to {period} is not over for the ledger, which is complete through {complete}; \
         submit when its last day has passed"
    )]
    NotOver {
        /// Its last day.
        period: Date,
        /// Through when the ledger is complete.
        complete: varde_xapi::Stored,
    },
    /// Reports that stand were made from the opening balance.
    #[error(
        "the report of the period to {period} was made from the opening balances and is {}: they \
         stay as they are; write a manual line instead",
        .found.name()
    )]
    OpeningUsed {
        /// The last day of the period.
        period: Date,
        /// Where it stands.
        found: State,
    },
    /// The author cannot approve an own line.
    #[error("a manual line is approved by somebody else than its author")]
    OwnLine,
    /// The line was approved already.
    #[error("the manual line {0} is approved already")]
    Approved(u32),
    /// Somebody else changed it meanwhile.
    #[error("somebody else changed this meanwhile: look at it again")]
    Changed,
    /// It is larger than it may be.
    #[error("{what} has {found} bytes; at most {max} are taken")]
    TooLarge {
        /// What.
        what: &'static str,
        /// How many bytes it has.
        found: usize,
        /// How many it may have.
        max: usize,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<IndicatorError> for ReportError {
    fn from(error: IndicatorError) -> Self {
        match error {
            IndicatorError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            IndicatorError::NoPeriod { ends } => Self::NoPeriod { ends },
            IndicatorError::Store(error) => Self::Store(error),
        }
    }
}

fn days(days: &[Date]) -> String {
    let days: Vec<_> = days.iter().map(ToString::to_string).collect();
    if days.is_empty() {
        "none".to_owned()
    } else {
        days.join(", ")
    }
}
