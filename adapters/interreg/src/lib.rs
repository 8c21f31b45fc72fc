//! Interreg indicators: what a cross-border project has reached, counted as its funder counts.
//!
//! - [`IndicatorSets`]: the adapter that compiles an [`IndicatorSet`] (a file: codes, names,
//!   targets, counting rules) to a rulebook of the ledger.
//! - [`Conclusion`]: what the ledger holds: a counted key, or why something is not counted.
//! - [`Indicators`]: the use case that answers for any day and any known-at, each value with its
//!   keys, statements and register rows, and with what was left out.
//! - [`Indicators::of_persons`]: what of it counts some persons.
//! - [`Indicators::period`]: the whole project at period ends, under disclosure control.
//! - [`export`]: the same as CSV files.
//! - [`Indicators::lineage`]: an indicator down to what the register rows say that it rests on.
//! - [`Directory`]: what the registers say of a project's activities, organisations and persons.
//! - [`reports`]: what a project hands in for each period: figures, corrections, lineage.
//! - [`pack`]: the files that are handed in: workbook, annex, CSV, all hashed and signed.
//! - [`packs`]: those of a store's reports, and the keys that sign them.
//! - [`handover`]: brings packs and releases to whom the operator names.
//! - [`publication`]: tables of reports for everybody, under disclosure control.
//!
//! # How is counted
//!
//! Each indicator of a set names one of the built-in counting rules (`counting_rule.rs`). A rule's keys
//! are persons in training schemes or joint actions, persons, enterprises, objects that were developed,
//! organisations or events; each key counts once, from the day on which all its conditions hold, and never
//! when that day lies behind the project's last day and the months after it that the rule allows.
//!
//! - `persons.rs`: the **unit** of a statement is the activity registered as a training scheme (or joint
//!   action) that is its object, else a parent, else a grouping; two at one distance are ambiguous and
//!   not counted, but listed. The **person** is the one behind the actor's identifier on the statement's
//!   local day; each member of a Group that acts is a person of their own, and an identified Group without
//!   members is nobody.
//! - `enterprises.rs`, `objects.rs`, `partners.rs`: what organisations say or the project office imports,
//!   by the `interreg` profile.
//! - `joint.rs`: since when an activity is **joint**: the first day on which organisers from two countries
//!   are on record, in the register or by their own word.
//!
//! A statement counts for the projects in which its unit is registered, else those of its groupings, else
//! that of the space it was written in. Days are local to the project's zone. As long as no project file
//! says otherwise, the zone is that of Oslo and Stockholm and the project has no last day.

mod adapter;
pub mod amount;
mod breakdowns;
mod code;
mod conclusion;
mod counting_rule;
mod deciding;
mod deed;
mod directory;
mod enterprises;
mod example;
pub mod export;
mod fact;
mod gains;
mod group;
mod growth;
pub mod handover;
pub mod imports;
mod indicators;
mod invariants;
mod joint;
mod layout;
mod lineage;
mod objects;
mod of_persons;
pub mod pack;
pub mod packs;
mod partners;
mod periods;
mod persons;
mod placing;
pub mod publication;
pub mod reports;
mod resting;
mod rulebook;
mod set;
mod table;
mod vocabulary;

pub use adapter::IndicatorSets;
pub use amount::Amount;
pub use breakdowns::UNKNOWN;
pub use code::{CodeError, IndicatorCode};
pub use conclusion::{Conclusion, Course, Exact, Reason, Standing, State};
pub use directory::{Directory, DirectoryError, DirectoryQuery, Reading, Readings};
pub use gains::{Gain, Gains};
pub use indicators::{IndicatorError, IndicatorQuery, Indicators};
pub use lineage::Lineage;
pub use periods::{PeriodIndicator, PeriodQuery, PeriodReport, PeriodTable};
pub use set::{Baseline, Certificates, Counting, Indicator, IndicatorSet, Measure, Names};
pub use table::{
    Breach, Candidate, CountedKey, Exclusion, IndicatorReport, IndicatorTable, IndicatorValue,
    SeriesPoint,
};
