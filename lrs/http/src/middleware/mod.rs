//! What holds for every request of a surface, whatever it asks for.

mod alternate;
mod consistency;
mod cors;
mod errors;
mod request_id;
mod version;

pub(crate) use alternate::unfold;
pub(crate) use consistency::consistent_through;
pub(crate) use cors::cors;
pub(crate) use errors::{as_problem, as_xapi_error};
pub(crate) use request_id::{RequestId, identify};
pub(crate) use version::{name_version, negotiate};
