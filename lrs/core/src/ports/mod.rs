//! What the core asks of a store: three object-safe ports, each method one whole atomic act.
//!
//! Every promise written here is a test in `tests/store-suite`, run over every store.

mod attachments;
mod erasure;
mod error;
mod groups;
mod log;
mod moving;
mod records;
mod term;

pub use attachments::{AttachmentName, AttachmentReader, AttachmentWriter, Attachments, KeepError};
pub(crate) use erasure::row_bytes;
pub use erasure::{ChangedStatement, EraseError, Erasure, RestoredStatement, Rewrite, Tombstone};
pub use error::StoreError;
pub use groups::GroupObserver;
pub use log::{
    AppendError, Appended, EventKind, Happened, LogEvent, NewStatement, Page, PageQuery, Position,
    Standing, StatementLog, StoredStatement,
};
pub use moving::{Marks, MovedRow};
pub use records::{
    CHANGE_BYTES_MAX, CHANGES_MAX, Change, Changes, Collection, CommitError, Committed, Expected,
    KEY_BYTES_MAX, KeyRange, NewEvent, Record, Records, was_done,
};
pub(crate) use term::TermHasher;
pub use term::TermKey;
