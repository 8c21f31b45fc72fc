//! The bodies of errors, in the form that a surface's clients read.

use std::error::Error;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::Response;
use serde_json::{Value, json};
use varde_interreg::pack::Language;
use varde_xapi::media_type::essence;

use super::{Around, RequestId};
use crate::error::{ApiError, Refused};
use crate::extract::page_language;
use crate::pages::ErrorPage;

/// Writes errors of the xAPI resources: JSON, or text where the client prefers that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AsXapiError;

impl Around for AsXapiError {
    type Kept = (Asked, bool);

    fn before(&self, request: &mut Request) -> Result<Self::Kept, ApiError> {
        Ok((Asked::of(request), prefers_text(request.headers())))
    }

    fn after(&self, (asked, as_text): Self::Kept, response: Response) -> Response {
        asked.rewrite(response, |error, id| {
            if as_text {
                ("text/plain; charset=utf-8", text(error, id))
            } else {
                ("application/json", xapi_body(error, id).to_string())
            }
        })
    }
}

/// Writes errors of everything else as problem details (RFC 9457).
#[derive(Debug, Clone, Copy)]
pub(crate) struct AsProblem;

impl Around for AsProblem {
    type Kept = Asked;

    fn before(&self, request: &mut Request) -> Result<Asked, ApiError> {
        Ok(Asked::of(request))
    }

    fn after(&self, asked: Asked, response: Response) -> Response {
        asked.rewrite(response, |error, id| {
            ("application/problem+json", problem(error, id).to_string())
        })
    }
}

/// Writes errors of pages, as pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AsPage {
    pub(crate) write: ErrorPage,
    /// What the page may load, as every page of ours says (`Content-Security-Policy`).
    pub(crate) policy: &'static str,
}

impl Around for AsPage {
    type Kept = (Asked, Language);

    fn before(&self, request: &mut Request) -> Result<Self::Kept, ApiError> {
        Ok((Asked::of(request), page_language(request.headers())))
    }

    fn after(&self, (asked, language): Self::Kept, response: Response) -> Response {
        let content_type = "text/html; charset=utf-8";
        let is_error = response.extensions().get::<Arc<ApiError>>().is_some();
        let write = self.write;
        let mut response = asked.rewrite(response, |error, id| {
            (content_type, write(error, id, language))
        });
        if is_error {
            let policy = HeaderValue::from_static(self.policy);
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// What the form of an error depends on, kept while the request is worked on.
pub(crate) struct Asked {
    id: String,
    head: bool,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let id = request.extensions().get::<RequestId>();
        let id = id.map(|id| id.0.clone()).unwrap_or_default();
        Self {
            id,
            head: request.method() == Method::HEAD,
        }
    }

    fn rewrite(
        &self,
        response: Response,
        write: impl FnOnce(&ApiError, &str) -> (&'static str, String),
    ) -> Response {
        let (mut parts, body) = response.into_parts();
        let Some(error) = parts.extensions.remove::<Arc<ApiError>>() else {
            return Response::from_parts(parts, body);
        };
        if error.status().0.is_server_error() {
            log(&error, &self.id);
        }
        let (content_type, body) = write(&error, &self.id);
        parts.extensions.insert(Refused::of(&error));
        parts
            .headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        parts
            .headers
            .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        let body = if self.head {
            Body::empty()
        } else {
            Body::from(body)
        };
        Response::from_parts(parts, body)
    }
}

/// Tells the person who runs the server what the sender is not told.
fn log(error: &ApiError, id: &str) {
    let mut causes = Vec::new();
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    tracing::error!(
        request.id = id,
        error.code = error.status().1,
        "{}",
        causes.join(": ")
    );
}

fn xapi_body(error: &ApiError, id: &str) -> Value {
    let mut body = json!({ "error": error.sentence(), "code": error.status().1 });
    add_details(&mut body, error, id);
    body
}

fn problem(error: &ApiError, id: &str) -> Value {
    let (status, code) = error.status();
    let mut body = json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        "code": code,
        "detail": error.sentence(),
    });
    add_details(&mut body, error, id);
    body
}

fn add_details(body: &mut Value, error: &ApiError, id: &str) {
    let Some(body) = body.as_object_mut() else {
        return;
    };
    if let Some(findings) = error.findings() {
        body.insert("faults".to_owned(), json!(findings.told));
        body.insert("total".to_owned(), json!(findings.total));
    }
    if let Some(faults) = error.file_faults() {
        body.insert("faults".to_owned(), json!(faults));
        body.insert("total".to_owned(), json!(faults.0.len()));
    }
    if error.status().0.is_server_error() {
        body.insert("request".to_owned(), json!(id));
    }
}

fn text(error: &ApiError, id: &str) -> String {
    let mut lines = vec![error.sentence()];
    if let Some(findings) = error.findings() {
        lines.extend(
            findings
                .told
                .iter()
                .map(|fault| format!("{fault} [{}, {}]", fault.rule, fault.section)),
        );
    }
    if error.status().0.is_server_error() {
        lines.push(format!("request {id}"));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Tells whether the first acceptable form that we have is text. JSON when nothing is said.
fn prefers_text(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept
        .unwrap_or_default()
        .split(',')
        .map(essence)
        .find_map(|kind| match kind.as_str() {
            "application/json" | "application/*" | "*/*" => Some(false),
            "text/plain" | "text/html" | "text/*" => Some(true),
            _ => None,
        })
        .unwrap_or(false)
}
