//! Interreg indicators: what a cross-border project has reached, counted as its funder counts.
//!
//! - [`IndicatorSets`]: the adapter that compiles an [`IndicatorSet`] (a file: codes, names,
//!   targets, counting rules) to a rulebook of the ledger.
//! - [`Conclusion`]: what the ledger holds: a counted key, or why something is not counted.
//! - [`Indicators`]: the use case that answers for any day and any known-at, each value with its
//!   keys, statements and register rows, and with what was left out.
//! - [`Indicators::period`]: the whole project at period ends, under disclosure control.
//! - [`export`]: the same as CSV files.
//!
//! # How joint training is counted
//!
//! The **unit** of a statement is the activity registered as a training scheme that is its object,
//! else a parent, else a grouping; two at one distance are ambiguous and not counted, but listed.
//! It counts for the projects in which its unit is registered, else those of its groupings, else
//! that of the space it was written in. The **person** is the one behind the actor's identifier on
//! the statement's local day; each member of a Group that acts is a person of their own, and an
//! identified Group without members is nobody. A scheme is **joint** from the first day on which
//! organisers from two countries are on record.
//!
//! A key (scheme, person) counts from the day on which all its conditions hold, and never when
//! that day lies behind the project's last day (and the months after it that the set allows):
//!
//! - *participation*: the first statement of a starting class, and a joint scheme;
//! - *completion*: a participation, and the first completion of the scheme itself (or a listed
//!   certificate) that is neither denied by its own result nor taken back later.
//!
//! Days are local to the project's zone. As long as no project file says otherwise, the zone is
//! that of Oslo and Stockholm and the project has no last day.

mod adapter;
mod code;
mod conclusion;
mod counting;
mod deciding;
mod example;
pub mod export;
mod fact;
mod group;
pub mod imports;
mod indicators;
mod joint;
mod periods;
mod rulebook;
mod set;
mod table;
mod unit;

pub use adapter::IndicatorSets;
pub use code::{CodeError, IndicatorCode};
pub use conclusion::{Conclusion, Reason, Standing};
pub use indicators::{IndicatorError, IndicatorQuery, Indicators};
pub use periods::{PeriodIndicator, PeriodQuery, PeriodReport, PeriodTable};
pub use set::{Baseline, Certificates, Counting, Indicator, IndicatorSet, Measure, Names};
pub use table::{
    Breakdowns, CountedKey, Exclusion, IndicatorReport, IndicatorTable, IndicatorValue, UNKNOWN,
};
