//! Varde over HTTP: the xAPI resources and `/api/v1`.
//!
//! - [`router()`]: the way in; [`Services`] are the use cases it serves, [`Limits`] its bounds.
//! - [`ApiError`]: the one table from what went wrong to a status code.
//! - `extract`: what a handler is given: caller, version, parameters, bodies.
//! - `middleware`: what holds for every request of a surface: ids, cross-origin requests,
//!   versions, Consistent-Through, the form of errors.
//! - `public`: the page of what projects published, for everybody.
//! - [`pages`]: what the pages of `varde-dashboard` stand on.
//! - [`endpoints()`]: what each request needs, as a table.
//! - `xapi`, `api`: a file per endpoint: extract, call one use case, shape the answer.
//!
//! Nothing here decides a rule of the domain.

mod access;
mod api;
mod error;
mod extract;
mod finding;
mod limits;
mod middleware;
pub mod pages;
mod person_record;
mod public;
mod router;
mod rule;
mod state;
mod system;
mod xapi;

pub use access::{Endpoint, endpoints};
pub use error::{ApiError, Refused};
pub use extract::{Known, LANGUAGE_COOKIE, PageLanguage, Parameters, cookie_named, identifier};
pub use finding::{Finding, Findings};
pub use limits::Limits;
pub use person_record::{
    CompetenceName, CountedIn, MergePreview, PersonEvent, PersonHistory, PersonRecordError,
    PersonRecords, SharedKey, Side, What, WholeRecord,
};
pub use router::router;
pub use rule::ProtocolRule;
pub use state::{App, Services};
pub use system::{Deployment, System, SystemStatus};
