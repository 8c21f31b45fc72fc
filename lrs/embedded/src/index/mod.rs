//! The index: what finds statements by id and by term.
//!
//! Entries of the newest statements are kept in memory, and written behind the log in sorted
//! slices, so that neighbours share a page. What was not written is made again from the log when
//! the store opens.
//!
//! - [`newest`]: the part in memory, and the view of it that goes with one moment.
//! - [`block`]: how the positions of a term are kept on disk.
//! - [`merge`]: the way from memory to disk.
//! - [`rebuild`]: the part in memory, made from the log.

pub(crate) mod block;
pub(crate) mod merge;
pub(crate) mod newest;
pub(crate) mod rebuild;

use varde_core::ports::TermKey;
use varde_xapi::StatementId;

/// The name under which the last position is kept whose entries are all on disk.
pub(crate) const INDEXED: &str = "indexed";

/// A statement's id, and whether it is that of a test space.
pub(crate) type IdKey = (StatementId, bool);

/// Names a list of positions: those that carry a term, or those that carry it as scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ListKey {
    pub(crate) term: i64,
    pub(crate) scope: bool,
}

impl ListKey {
    /// Names the list of what a statement carries itself.
    pub(crate) fn own(term: TermKey) -> Self {
        Self {
            term: term.0.cast_signed(),
            scope: false,
        }
    }

    /// Names the list of what bounds a statement's readers.
    pub(crate) fn scope(term: TermKey) -> Self {
        Self {
            term: term.0.cast_signed(),
            scope: true,
        }
    }
}
