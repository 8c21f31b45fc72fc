//! Negotiating the version of the standard (xAPI 1.0.3 Communication 3.3, IEEE 9274.1.1 4.1).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use varde_xapi::Family;

use crate::error::ApiError;
use crate::extract::{VERSION_HEADER, Version};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::ProtocolRule;

/// Refuses a request that names no supported version; lets the others through with their family.
pub(crate) async fn negotiate(mut request: Request, next: Next) -> Response {
    match family(request.headers()) {
        Ok(family) => {
            request.extensions_mut().insert(Version(family));
            named(next.run(request).await, family)
        }
        Err(error) => error.into_response(),
    }
}

/// Names the latest version of the request's family in the answer, whatever the answer is.
pub(crate) async fn name_version(
    State(limits): State<Limits>,
    request: Request,
    next: Next,
) -> Response {
    let family = family(request.headers()).unwrap_or(limits.unversioned);
    named(next.run(request).await, family)
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

fn missing(found: &str, rule: ProtocolRule) -> ApiError {
    let expected = "the header, naming 1.0, 1.0.x, 2.0 or 2.0.x";
    Finding::new("X-Experience-API-Version", rule, found, expected).into()
}
