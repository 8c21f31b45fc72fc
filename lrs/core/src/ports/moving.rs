//! What a store consists of, for moving it into another: everything at its place.

use varde_xapi::Stored;

use super::{LogEvent, TermKey};

/// A row of the log with what it is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedRow {
    /// The event, at its place.
    pub event: LogEvent,
    /// The terms that a statement carries itself; those that it inherits follow from them.
    pub terms: Vec<TermKey>,
    /// The terms that bound its readers.
    pub scope: Vec<TermKey>,
}

/// How far a store has come, beside its rows and records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// The latest instant that was given to an event or may have been shown to a reader.
    pub given: Stored,
    /// The number of the last commit.
    pub commits: u64,
}
