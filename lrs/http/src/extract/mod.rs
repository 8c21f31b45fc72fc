//! What handlers are given: the caller, the family of the standard, parameters and bodies.
//!
//! Each extractor checks one part of a request, in the order in which a handler lists them.

mod body;
mod caller;
mod conditions;
mod identifier;
mod json;
mod languages;
mod multipart;
mod parameters;
mod rate;
mod signed_in;
mod statements;
mod version;

pub(crate) use body::{DocumentBody, check_coding, content_type, incomplete, read_whole};
pub(crate) use caller::{Authenticated, Gate};
pub(crate) use conditions::Conditions;
pub use identifier::identifier;
pub(crate) use json::{JsonBody, shape};
pub use languages::{LANGUAGE_COOKIE, PageLanguage};
pub(crate) use languages::{Languages, page_language};
pub(crate) use multipart::Multipart;
pub(crate) use parameters::{FormParameters, decode_form};
pub use parameters::{Known, Parameters};
pub use signed_in::cookie_named;
pub(crate) use signed_in::{TakesCookies, cookie, is_own_page};
pub(crate) use statements::StatementsBody;
pub(crate) use version::{VERSION_HEADER, Version};
