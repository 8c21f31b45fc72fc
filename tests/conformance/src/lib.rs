//! What the standard requires of a record store, each requirement with the tests that hold it.
//!
//! The requirements are data: a file per chapter in `requirements/`. `docs/conformance.md` is
//! written from them by `cargo run -p varde-conformance`, and the tests of this crate fail where
//! the page is not up to date, a requirement names no test, or a test that is named is not there.
//!
//! - [`requirements`]: the files and their form.
//! - [`sources`]: the names of the tests, read from the sources.
//! - [`page`]: the page.

pub mod page;
pub mod requirements;
pub mod sources;

use std::path::PathBuf;

/// The page, from the root of the repository.
pub const PAGE: &str = "docs/conformance.md";

/// Returns the root of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}
