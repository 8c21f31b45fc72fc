//! The project office's files as register rows.
//!
//! A set of files is read as a whole: one fault anywhere, and no row comes of it. Files tell
//! what they are by themselves:
//!
//! - a project is a YAML or JSON file that begins with `project:`
//! - a table is CSV, or one sheet of a workbook (XLSX), whose header names its columns: people,
//!   identities, organisations, affiliations, activities, organisers; see [`FileKind`]. Sheets
//!   whose name begins with `_` are left out
//!
//! CSV is UTF-8, with or without byte order mark, else Windows-1252; it is separated by commas or
//! semicolons. Decimals have a point or a comma; dates
//! are ISO 8601 (`2026-01-31`), or cells of a workbook that are dates; organisation numbers carry a country or tell it by their
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
mod sheet;
mod sole_trader;
mod table;
#[cfg(test)]
mod tests;
mod workbook;

pub use cell::Cells;
pub use fault::{FileFault, FileFaults};
pub use identifier::read as identifier;
pub use kind::{Columns, FileKind, Private, REGISTER_TABLES};
pub use organisation_number::{OrganisationNumber, OrganisationNumberError};
pub use set::{RegisterFile, RegisterFiles, Verdict, examine, examine_tables, is_document, read};
pub use sheet::{FILE_BYTES_MAX, Sheet};
pub use sole_trader::{Organisation, SoleTrader};
pub use table::{Line, Table};
