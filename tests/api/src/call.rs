use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use futures_util::{StreamExt as _, stream};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::Answer;

/// A request to be sent; a method chain changes what a plain one would be.
#[derive(Debug, Clone)]
pub struct Call {
    router: Router,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
    /// Into how many bytes each the body is cut on its way.
    chunk_bytes: usize,
    is_unfinished: bool,
}

impl Call {
    pub(crate) fn new(router: Router, method: Method, target: &str) -> Self {
        Self {
            router,
            method,
            target: target.to_owned(),
            headers: HeaderMap::new(),
            body: vec![],
            chunk_bytes: usize::MAX,
            is_unfinished: false,
        }
    }

    /// Sets a header, in place of one of that name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header's name");
        self.headers.insert(
            name,
            HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
        );
        self
    }

    /// Leaves a header out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// Speaks another version of the standard.
    #[must_use]
    pub fn version(self, version: &str) -> Self {
        self.header("x-experience-api-version", version)
    }

    /// Calls with another key.
    #[must_use]
    pub fn by(self, name: &str, secret: &str) -> Self {
        self.header("authorization", &crate::basic(name, secret))
    }

    /// Calls with a bearer token.
    #[must_use]
    pub fn bearing(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a query parameter, percent-encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let separator = if self.target.contains('?') { '&' } else { '?' };
        let value =
            percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
        self.target = format!("{}{separator}{name}={value}", self.target);
        self
    }

    /// Sends a body of a content type.
    #[must_use]
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut call = self.header("content-type", content_type);
        call.body = body.into();
        call
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Lets the body arrive in chunks of so many bytes, 1 or more.
    #[must_use]
    pub fn chunks(mut self, bytes: usize) -> Self {
        self.chunk_bytes = bytes;
        self
    }

    /// Lets the second half of the body never come.
    #[must_use]
    pub fn unfinished(mut self) -> Self {
        self.is_unfinished = true;
        self
    }

    /// Sends the request and returns the answer.
    pub async fn send(self) -> Answer {
        let chunks: Vec<_> = self
            .body
            .chunks(self.chunk_bytes)
            .map(<[u8]>::to_vec)
            .collect();
        let chunks = chunks.into_iter().map(Ok::<_, Infallible>);
        let body = match self.chunk_bytes {
            _ if self.is_unfinished => {
                let half = self.body.len() / 2;
                let half = self.body.get(..half).unwrap_or_default().to_vec();
                let half = stream::iter([Ok::<_, Infallible>(half)]);
                Body::from_stream(half.chain(stream::pending()))
            }
            usize::MAX => Body::from(self.body),
            _ => Body::from_stream(stream::iter(chunks)),
        };
        let mut request = Request::new(body);
        *request.method_mut() = self.method;
        *request.uri_mut() = self.target.parse().expect("the test names a target");
        *request.headers_mut() = self.headers;
        let response = self
            .router
            .oneshot(request)
            .await
            .expect("the router answers");
        Answer::of(response).await
    }
}
