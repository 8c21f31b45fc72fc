//! Definitions: the files that say what counts. Data, hashed and versioned, never code.

mod body;
mod book;
mod definition;
mod install;
mod listing;
mod record;
mod shelf;

pub use body::Body;
pub use book::DefinitionBook;
pub use definition::{Definition, DefinitionFault, DefinitionFaults, DefinitionHash, Lineage};
pub use install::{InstallError, Installed, RefusedDefinition};
pub use listing::{ListedDefinition, UnlistedDefinitions};
pub use record::{DefinitionRecord, State};
