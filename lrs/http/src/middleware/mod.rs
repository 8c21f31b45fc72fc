//! What holds for every request of a surface, whatever it asks for.

mod alternate;
mod around;
mod consistency;
mod cors;
mod errors;
mod hardening;
mod noting;
mod request_id;
mod version;

pub(crate) use alternate::unfold;
pub(crate) use around::{Around, AroundLayer};
pub(crate) use consistency::consistent_through;
pub(crate) use cors::cors;
pub(crate) use errors::{AsPage, AsProblem, AsXapiError};
pub(crate) use hardening::Harden;
pub(crate) use noting::{NotingLayer, Sender};
pub(crate) use request_id::{RequestId, identify};
pub(crate) use version::{NameVersion, Negotiate};
