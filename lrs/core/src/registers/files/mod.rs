//! The project office's files as register rows.
//!
//! A set of files is read as a whole: one fault anywhere, and no row comes of it. Files tell
//! what they are by themselves:
//!
//! - a project is a YAML or JSON file that begins with `project:`
//! - a table is CSV whose header names its columns: people, identities, organisations,
//!   affiliations, activities, organisers; see [`FileKind`]
//!
//! Tables are UTF-8, with or without byte order mark, separated by commas or semicolons; dates
//! are ISO 8601 (`2026-01-31`); organisation numbers carry a country or tell it by their
//! length; how an agent's identifier is written stands in `identifier.rs`. An empty cell takes
//! back what an earlier import said of it. Lines that belong together have the same natural
//! key: two that give one field other values on the same days are a fault.
//!
//! The organisation number of a Swedish sole trader is the owner's personal identity number; it is
//! kept as a keyed hash only, and nothing prints it.
//!
//! Things that are many become fields with a suffix, valued `yes` or, of a partner, its role:
//! `organiser:NO-123456785` and `project:sing` of an activity, `organisation:NO-123456785` of a
//! person, `partner:NO-123456785` of a project. A title is `title` of an activity, and
//! `title:nb`, `title:sv`, `title:en` of a project.

mod cell;
mod fault;
mod identifier;
mod kind;
mod line;
mod organisation_number;
mod project;
mod set;
mod sole_trader;
mod table;
#[cfg(test)]
mod tests;

pub use fault::{FileFault, FileFaults};
pub use identifier::read as identifier;
pub use kind::FileKind;
pub use organisation_number::{OrganisationNumber, OrganisationNumberError};
pub use set::{RegisterFile, RegisterFiles, Verdict, examine, read};
pub use sole_trader::{Organisation, SoleTrader};
