use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt as _;
use serde_json::Value;

/// What the server answered, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
}

impl Answer {
    pub(crate) async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .expect("a body from memory arrives")
            .to_bytes();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Returns a header's text, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("headers are ASCII"))
    }

    /// Returns the body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// Returns the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{} {:?} is no JSON", self.status, self.body))
    }

    /// Checks the status, and shows the body where it is another.
    #[must_use]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{:?}", self.body);
        self
    }

    /// Returns the code of each fault told, in order.
    pub fn rules(&self) -> Vec<String> {
        let body = self.json();
        let faults = body["faults"].as_array().cloned().unwrap_or_default();
        faults
            .iter()
            .map(|fault| fault["rule"].as_str().unwrap_or_default().to_owned())
            .collect()
    }

    /// Returns the ids of the statements in a result, in order.
    pub fn statement_ids(&self) -> Vec<String> {
        let body = self.json();
        let statements = body["statements"]
            .as_array()
            .cloned()
            .expect("a StatementResult");
        statements
            .iter()
            .map(|one| one["id"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
