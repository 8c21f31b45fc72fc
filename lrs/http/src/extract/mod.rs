//! What handlers are given: the caller, the family of the standard, parameters and bodies.
//!
//! Each extractor checks one part of a request, in the order in which a handler lists them.

mod body;
mod caller;
mod parameters;
mod version;

pub(crate) use body::{StatementText, media_type};
pub(crate) use caller::{Authenticated, Gate};
pub(crate) use parameters::{Known, Parameters};
pub(crate) use version::{VERSION_HEADER, Version};
