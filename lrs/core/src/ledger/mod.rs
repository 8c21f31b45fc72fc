//! The ledger: what adapters conclude from statements and registers, and since when it is known.
//!
//! An [`Adapter`] compiles a definition to a [`Rulebook`]: pure functions from one statement to
//! facts, from a fact to the groups it belongs to, and from everything known of a group to its
//! entries. The [`Runner`] takes log events in order, settles the groups they touch and writes
//! the difference, so every row says from when to when it was what the store knew. Live running,
//! catching up, back-fill and replay are the same code.

mod carrying;
mod check;
mod entry;
mod erased;
mod erasing;
mod explain;
mod generations;
mod kept;
mod keys;
mod memory;
mod naming;
mod preview;
mod progress;
mod reader;
mod reading;
mod remembered;
mod rulebook;
mod runner;
mod settling;
mod shadow;
mod workspace;

pub use check::{Compared, Difference, LedgerCheck, Wrong};
pub use entry::{Entry, LedgerRow};
pub use erased::ErasedFacts;
pub use erasing::UntoldFacts;
pub use explain::{Explainer, Explanation};
pub use preview::{Preview, PreviewError};
pub use progress::Progress;
pub use reader::{Ledger, Snapshot, Stretch};
pub use remembered::{Grounds, Remembered};
pub use rulebook::{Adapter, Fact, Group, KnownFact, Rulebook, Tally, Witness};
pub use runner::{Lag, Runner, RunnerError, Step, Stopped, compile};

pub(crate) use keys::LedgerId;
