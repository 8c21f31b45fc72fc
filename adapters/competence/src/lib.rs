//! Competence outcomes from statements, by evidence rules.
//!
//! An evidence rule is a file that says which statements are evidence of a competence, what of
//! them is measured, and which value shows which level. [`EvidenceRule`] compiles it; each
//! statement that matches becomes a [`Finding`]: evidence of a level, or a near miss with the
//! reason. [`Outcomes`] answers from the ledger, as of any day and as known at any instant, what
//! level each person has attained, on which basis and by which statement.
//!
//! What was decided where the standard and the rule language leave room:
//! - A group's statement is evidence for nobody: it does not tell which member can do it.
//! - "As of a day" is the end of that day in the project's time zone; `valid_for` is added to the
//!   local date and time of the statement, and on the day on which it ends the evidence has
//!   lapsed.
//! - A failed or worse later attempt takes nothing away. Only a completion that its front end
//!   itself takes back stops being evidence, from the day on which it is taken back.
//! - Where a result does not say whether it was a success or completed, the verb does: several
//!   front ends send `passed` and `completed` without a result.
//! - `measure: level` believes a level that is asserted outright, and therefore only of
//!   authorities that the rule names.
//! - `measure: count` counts each distinct unit once, inside the window that ends at the statement
//!   counted last; a statement leaves the window when the window, added to its local date and time,
//!   has passed. The statement with which a level's number is reached decides.
//! - Values are compared as exact decimals; a score with too many digits to be compared exactly
//!   is a near miss that says so.

mod adapter;
mod condition;
mod counting;
mod decimal;
mod finding;
mod matching;
mod measure;
mod outcomes;
mod period;
mod rule;
mod rulebook;
mod table;
mod tally;

pub use adapter::EvidenceRule;
pub use finding::{Basis, Comparison, Finding, Phase, Verdict};
pub use outcomes::{OutcomeError, OutcomeQuery, Outcomes};
pub use rulebook::DERIVED;
pub use table::{Outcome, OutcomeTable, Status};
