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

/// EntreComp, the European entrepreneurship competence framework, as a CASE package: its areas,
/// competences and the names of its levels.
pub const ENTRECOMP: &str = include_str!("../definitions/entrecomp.json");

/// The table of verb classes, as JSON text.
pub const VERB_CLASSES: &str = include_str!("../definitions/verb-classes.json");
