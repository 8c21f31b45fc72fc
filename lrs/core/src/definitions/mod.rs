//! Definitions: the files that say what counts. Data, hashed and versioned, never code.

mod body;
mod book;
mod definition;
mod shelf;

pub use body::Body;
pub use book::{
    DefinitionBook, DefinitionRecord, InstallError, Installed, RefusedDefinition, State,
};
pub use definition::{Definition, DefinitionFault, DefinitionFaults, DefinitionHash, Lineage};
