//! A world for tests of the HTTP surface: the real router over the memory store.
//!
//! Each test makes its own [`World`], asks by [`Call`]s and looks at [`Answer`]s.

#![expect(clippy::missing_panics_doc, reason = "a test's helper fails the test")]

mod answer;
mod call;
mod faulty;
mod parts;
mod world;

pub use answer::Answer;
pub use call::Call;
pub use faulty::FaultyLog;
pub use parts::{Parts, attachment, sha2, with_attachments};
pub use world::{SECRET, World, basic, statement};
