//! What the server is asked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// The key of every server here.
pub(crate) const KEY: &str = "faults:a-secret-of-the-tests";

/// How many learners there are, and courses.
pub(crate) const LEARNERS: u64 = 20;
pub(crate) const COURSES: u64 = 50;
/// The bytes of the attachment of [`attaching`], and their SHA-256.
const ATTACHED: &str = "what an attachment says";
const ATTACHED_SHA2: &str = "cfe2c8b9a7f671551ecf8045bdd06cca3a5b94550a52faa113d67409d7b75764";

/// A client with the key.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    base: String,
}

/// An answer: the status, the body, and the Consistent-Through header.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The body; null when it is no JSON.
    pub(crate) body: Value,
    /// What is said to be complete.
    pub(crate) through: Option<String>,
}

/// Returns the header that carries the key.
pub(crate) fn authorization() -> String {
    format!("Basic {}", STANDARD.encode(KEY))
}

/// Returns the id of a statement.
pub(crate) fn id(number: u64) -> String {
    format!("6690e6c9-3ef0-4ed3-8b37-{number:012x}")
}

/// Returns a statement, which may refer to another.
pub(crate) fn statement(number: u64, refers_to: Option<u64>) -> Value {
    let object = match refers_to {
        Some(target) => json!({ "objectType": "StatementRef", "id": id(target) }),
        None => json!({ "id": format!("https://course.example.org/{}", number % COURSES) }),
    };
    json!({
        "id": id(number),
        "actor": { "mbox": format!("mailto:learner-{}@example.org", number % LEARNERS) },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/completed" },
        "object": object,
        "timestamp": "2026-01-31T12:00:00Z",
    })
}

/// Returns a statement that voids another.
pub(crate) fn voiding(number: u64, target: u64) -> Value {
    let mut voiding = statement(number, Some(target));
    voiding["verb"]["id"] = json!("http://adlnet.gov/expapi/verbs/voided");
    voiding
}

/// Returns the body of a request that brings a statement with the data of an attachment, and its
/// content type.
pub(crate) fn attaching(number: u64) -> (String, &'static str) {
    let mut attaching = statement(number, None);
    attaching["attachments"] = json!([{
        "usageType": "https://course.example.org/usage/report",
        "display": { "en": "A report" },
        "contentType": "text/plain",
        "length": ATTACHED.len(),
        "sha2": ATTACHED_SHA2,
    }]);
    let body = format!(
        "--part\r\nContent-Type: application/json\r\n\r\n{attaching}\r\n--part\r\n\
         Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\
         X-Experience-API-Hash: {ATTACHED_SHA2}\r\n\r\n{ATTACHED}\r\n--part--\r\n"
    );
    (body, "multipart/mixed; boundary=part")
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            http: Http::builder(TokioExecutor::new()).build_http(),
            base: format!("http://{address}"),
        }
    }

    /// Sends a request; `None` when no answer came.
    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Option<Answer> {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send_text(method, path, (text, "application/json"))
            .await
    }

    /// Sends a request with a body of some content type; `None` when no answer came.
    pub(crate) async fn send_text(
        &self,
        method: Method,
        path: &str,
        (text, content_type): (String, &str),
    ) -> Option<Answer> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, authorization())
            .header("x-experience-api-version", "1.0.3")
            .header(header::CONTENT_TYPE, content_type)
            .body(Full::new(Bytes::from(text)))
            .ok()?;
        let answer = self.http.request(request).await.ok()?;
        let (head, body) = answer.into_parts();
        let through = head.headers.get("x-experience-api-consistent-through");
        let through = through.and_then(|value| value.to_str().ok());
        let through = through.map(str::to_owned);
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer {
            status: head.status,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
            through,
        })
    }

    /// Sends statements; `None` when no answer came.
    pub(crate) async fn post(&self, statements: &[Value]) -> Option<StatusCode> {
        let body = Value::Array(statements.to_vec());
        let answer = self.send(Method::POST, "/xapi/statements", &body).await?;
        Some(answer.status)
    }

    /// Reads a page of text.
    pub(crate) async fn text(&self, path: &str) -> Option<(StatusCode, String)> {
        let uri = format!("{}{path}", self.base).parse().ok()?;
        let answer = self.http.get(uri).await.ok()?;
        let status = answer.status();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, String::from_utf8_lossy(&body).into_owned()))
    }

    /// Reads a statement that another voids.
    pub(crate) async fn get_voided(&self, number: u64) -> Option<Answer> {
        let path = format!("/xapi/statements?voidedStatementId={}", id(number));
        self.send(Method::GET, &path, &Value::Null).await
    }

    /// Reads a statement.
    pub(crate) async fn get(&self, number: u64) -> Option<Answer> {
        let path = format!("/xapi/statements?statementId={}", id(number));
        self.send(Method::GET, &path, &Value::Null).await
    }
}
