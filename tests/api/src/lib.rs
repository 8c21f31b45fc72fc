//! A world for tests of the HTTP surface: the real router over the memory store.
//!
//! Each test makes its own [`World`], asks by [`Call`]s and looks at [`Answer`]s. [`access`] is the page of
//! who may do what.

#![expect(clippy::missing_panics_doc, reason = "a test's helper fails the test")]

pub mod access;
mod answer;
mod call;
mod faulty;
mod parts;
mod tokens;
mod world;

pub use answer::Answer;
pub use call::Call;
pub use faulty::FaultyLog;
pub use parts::{Parts, attachment, sha2, with_attachments};
pub use tokens::KnownTokens;
pub use world::{SECRET, World, basic, statement};
