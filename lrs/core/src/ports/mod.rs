//! What the core asks of a store: two object-safe ports, each method one whole atomic act.
//!
//! Every promise written here is a test in `tests/store-suite`, run over every store.

mod error;
mod log;
mod records;
mod term;

pub use error::StoreError;
pub use log::{
    AppendError, Appended, EventKind, Happened, LogEvent, NewStatement, Page, PageQuery, Position,
    Standing, StatementLog, StoredStatement,
};
pub use records::{
    CHANGES_MAX, CHANGE_BYTES_MAX, Change, Changes, Collection, CommitError, Committed, Expected,
    KEY_BYTES_MAX, KeyRange, NewEvent, Record, Records,
};
pub use term::TermKey;
