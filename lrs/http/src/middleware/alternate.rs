//! The alternate request syntax of 1.0.x (xAPI 1.0.3 Communication 1.3): a POST with a form that
//! stands for another request, for browsers that could send no other.

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use varde_xapi::Family;

use crate::error::ApiError;
use crate::extract::{FormParameters, VERSION_HEADER, decode_form, read_whole};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::ProtocolRule;

/// Fields of the form that stand for headers.
const HEADERS: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    HeaderName::from_static(VERSION_HEADER),
];

/// Turns a request in the alternate syntax into the one it stands for.
///
/// It is known by its `method` parameter, not by its content type, which senders get wrong; and
/// only where it speaks 1.0.x, since 2.0 knows no such parameter.
pub(crate) async fn unfold(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let folded = request.method() == Method::POST
        && decode_form(query).is_ok_and(|given| given.iter().any(|(name, _)| name == "method"));
    if !folded {
        return next.run(request).await;
    }
    match unfolded(request, &limits).await {
        Ok(request) if *request.method() == Method::HEAD => {
            let mut response = next.run(request).await;
            // The request on the wire was a POST, whose answer has the length it says.
            response.headers_mut().remove(header::CONTENT_LENGTH);
            response
        }
        Ok(request) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

async fn unfolded(request: Request, limits: &Limits) -> Result<Request, ApiError> {
    let (parts, body) = request.into_parts();
    let whole = Request::from_parts(parts.clone(), body);
    let bytes = read_whole(whole, limits).await?;
    let form = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| decode_form(text).ok());
    let form = Form::of(form.unwrap_or_default())?;
    if form.family(&parts) == Some(Family::V1) {
        form.into_request(parts)
    } else {
        Ok(Request::from_parts(parts, Body::from(bytes)))
    }
}

/// The fields of the form by what they stand for.
#[derive(Debug, Default)]
struct Form {
    headers: Vec<(HeaderName, HeaderValue)>,
    parameters: Vec<(String, String)>,
    content: Option<String>,
}

impl Form {
    fn of(fields: Vec<(String, String)>) -> Result<Self, ApiError> {
        let mut form = Self::default();
        for (name, value) in fields {
            form.add(name, value)?;
        }
        Ok(form)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), ApiError> {
        if name == "content" {
            if self.content.replace(value).is_some() {
                return Err(fault("content", "it again", "the field once"));
            }
        } else if name.eq_ignore_ascii_case("Content-Length") {
            // The content is as long as it is.
        } else if let Some(header) = HEADERS
            .iter()
            .find(|header| name.eq_ignore_ascii_case(header.as_str()))
        {
            if self.headers.iter().any(|(known, _)| known == header) {
                return Err(fault(&name, "it again", "the field once"));
            }
            let value = HeaderValue::from_bytes(value.as_bytes())
                .map_err(|_| fault(&name, "control characters", "a header's value"))?;
            self.headers.push((header.clone(), value));
        } else {
            self.parameters.push((name, value));
        }
        Ok(())
    }

    /// Returns the family that the request speaks: what the form says goes before the header.
    fn family(&self, parts: &Parts) -> Option<Family> {
        let in_form = self.headers.iter().find(|(name, _)| name == VERSION_HEADER);
        let value = in_form
            .map(|(_, value)| value)
            .or_else(|| parts.headers.get(VERSION_HEADER));
        match value
            .and_then(|value| value.to_str().ok())
            .map(Family::from_header)
        {
            Some(Ok(family)) => Some(family),
            // What the form says is judged by the negotiation, whatever the header says.
            Some(Err(_)) if in_form.is_some() => Some(Family::V1),
            Some(Err(_)) | None => None,
        }
    }

    fn into_request(self, mut parts: Parts) -> Result<Request, ApiError> {
        parts.method = method(&parts)?;
        let content = self.content.map(Bytes::from);
        let content = match parts.method {
            Method::PUT | Method::POST => content.ok_or_else(|| {
                fault(
                    "content",
                    "nothing",
                    "a field that holds the body, as PUT and POST have one",
                )
            })?,
            _ => Bytes::new(),
        };
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        for (name, value) in self.headers {
            parts.headers.insert(name, value);
        }
        parts.extensions.insert(FormParameters(self.parameters));
        Ok(Request::from_parts(parts, Body::from(content)))
    }
}

/// Reads the method, which must be the query's only parameter.
fn method(parts: &Parts) -> Result<Method, ApiError> {
    let query = decode_form(parts.uri.query().unwrap_or_default())?;
    let [(_, value)] = query.as_slice() else {
        return Err(fault(
            "method",
            "other parameters beside it",
            "method alone in the query",
        ));
    };
    let known = [
        Method::GET,
        Method::HEAD,
        Method::PUT,
        Method::POST,
        Method::DELETE,
    ];
    known
        .into_iter()
        .find(|method| method.as_str() == value)
        .ok_or_else(|| fault("method", value, "GET, HEAD, PUT, POST or DELETE"))
}

fn fault(path: &str, found: &str, expected: &str) -> ApiError {
    Finding::new(path, ProtocolRule::AlternateSyntax, found, expected).into()
}
