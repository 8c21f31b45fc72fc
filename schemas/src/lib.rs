//! Definitions as files: JSON Schemas, compiled once, and the reader that checks a file by them.
//!
//! [`read`] takes the text of a file, YAML or JSON alike, and gives a [`Document`] or every
//! [`Fault`] with its line and column. The schemas are in `schemas/`, ready-made definitions in
//! `definitions/` and `examples/`.

mod check;
mod document;
mod fault;
mod kind;
mod nearest;
mod tree;

pub use document::{Document, read};
pub use fault::{Fault, Place};
pub use kind::Kind;
pub use nearest::nearest;

/// The table of verb classes, as JSON text.
pub const VERB_CLASSES: &str = include_str!("../definitions/verb-classes.json");
