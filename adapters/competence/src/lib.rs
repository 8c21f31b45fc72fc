//! Competence outcomes from statements, by evidence rules.
//!
//! An evidence rule is a file that says which statements are evidence of a competence, what of
//! them is measured, and which value shows which level. [`EvidenceRule`] compiles it; each
//! statement that matches becomes a [`Finding`]: evidence of a level, or a near miss with the
//! reason. [`Outcomes`] answers from the ledger, as of any day and as known at any instant: what
//! level each person has attained, on which basis and by which statement ([`Outcomes::query`]), why
//! ([`Outcomes::explain`]), and how groups of persons did ([`Outcomes::cohorts`]). [`Catalogue`]
//! tells of frameworks, competences and rules.
//!
//! # Where to read
//!
//! `rule` reads a file; `evidence` is what it means for one statement, with `matching`, `measure`
//! and `counting`; `rulebook` and `tally` show it to the ledger; `composite` is a rule over rules;
//! `reading` brings items of the ledger to the use cases.
//!
//! # What was decided where the standard and the rule language leave room
//!
//! - A statement about an agent is evidence of that agent, any other one of its actor. A group's
//!   statement is evidence for nobody: it does not tell which member can do it.
//! - "As of a day" is the end of that day in the project's time zone; `valid_for` is added to the
//!   local date and time of the statement, and on the day on which it ends the evidence has
//!   lapsed.
//! - A failed or worse later attempt takes nothing away. Only a completion that its front end
//!   itself takes back stops being evidence, from the day on which it is taken back, and what a
//!   believed authority closes.
//! - Where a result does not say whether it was a success or completed, the verb does: several
//!   front ends send `passed` and `completed` without a result.
//! - `measure: level` believes a level that is asserted outright, and therefore only of
//!   authorities that the rule names.
//! - `measure: count` counts each distinct unit once and `measure: duration` adds up the longest
//!   statement of each, inside the window that ends at the statement taken last. With any other
//!   measure `count` asks that so many distinct units reach the level, this statement's among them.
//!   The statement with which a level is reached decides.
//! - A statement leaves the window when the window, added to its local date and time, has passed,
//!   and not before those that happened before it.
//! - Values are compared as exact decimals; one with too many digits to be compared exactly, and a
//!   duration in years or months, is a near miss that says so.

mod adapter;
mod catalogue;
mod closing;
mod cohorts;
mod composite;
mod condition;
mod counting;
mod decimal;
mod evidence;
mod example;
mod explain;
mod fact;
mod faults;
mod finding;
mod fits;
mod framework;
mod gain;
mod group;
mod item;
mod levels;
mod matching;
mod measure;
mod outcomes;
mod period;
mod reading;
mod rule;
mod rulebook;
mod sentence;
pub mod sheet;
mod table;
mod tally;
mod time;
mod validity;

pub use adapter::{EvidenceRule, Frameworks};
pub use catalogue::{
    Catalogue, CatalogueCompetence, CatalogueQuery, FrameworkSummary, RuleSummary,
};
pub use closing::Closing;
pub use cohorts::{
    Change, Cohort, CohortQuery, CohortTable, Difference, Dimension, DimensionError,
    DisclosedChange, DisclosedCohorts, DropOut, ShownCohorts,
};
pub use explain::{ExplainQuery, Explanation, ExplanationTable, Piece, Sentences};
pub use fact::DERIVED;
pub use finding::{
    Basis, BasisError, Closed, Comparison, Component, Finding, Missing, Phase, Verdict,
};
pub use framework::{Alignment, Competence, Framework, FrameworkLevel};
pub use gain::{Gain, Point, Post, PostError};
pub use outcomes::{OutcomeError, OutcomeQuery, Outcomes};
pub use sentence::{Language, LanguageError};
pub use table::{Cursor, CursorError, Outcome, OutcomeTable, Status, StatusError};
