//! Negotiating the version of the standard (xAPI 1.0.3 Communication 3.3, IEEE 9274.1.1 4.1).

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use varde_xapi::Family;

use super::Around;
use crate::error::ApiError;
use crate::extract::{VERSION_HEADER, Version};
use crate::finding::Finding;
use crate::rule::ProtocolRule;

/// Refuses a request that names no supported version; lets the others through with their family.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Negotiate;

impl Around for Negotiate {
    type Kept = Family;

    fn before(&self, request: &mut Request) -> Result<Family, ApiError> {
        let family = family(request.headers())?;
        request.extensions_mut().insert(Version(family));
        Ok(family)
    }

    fn after(&self, family: Family, response: Response) -> Response {
        named(response, family)
    }
}

/// Names the latest version of the request's family in the answer, whatever the answer is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameVersion {
    /// The family of a request that names none.
    pub(crate) unversioned: Family,
}

impl Around for NameVersion {
    type Kept = Family;

    fn before(&self, request: &mut Request) -> Result<Family, ApiError> {
        Ok(family(request.headers()).unwrap_or(self.unversioned))
    }

    fn after(&self, family: Family, response: Response) -> Response {
        named(response, family)
    }
}

/// Names the family where the answer names none yet: a form may have named another than the
/// headers of the request that brought it.
fn named(mut response: Response, family: Family) -> Response {
    let version = HeaderValue::from_static(family.latest());
    response
        .headers_mut()
        .entry(VERSION_HEADER)
        .or_insert(version);
    response
}

fn family(headers: &HeaderMap) -> Result<Family, ApiError> {
    let mut values = headers.get_all(VERSION_HEADER).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(Family::from_header(&String::from_utf8_lossy(
            value.as_bytes(),
        ))?),
        (None, _) => Err(missing("nothing", ProtocolRule::HeaderMissing)),
        (Some(_), Some(_)) => Err(missing("the header twice", ProtocolRule::ParameterRepeated)),
    }
}

fn missing(found: &'static str, rule: ProtocolRule) -> ApiError {
    let expected = "the header, naming 1.0, 1.0.x, 2.0 or 2.0.x";
    Finding::told("X-Experience-API-Version", rule, found, expected).into()
}
