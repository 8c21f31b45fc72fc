//! A front end's side of HTTP.

use std::net::SocketAddr;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as Http;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::exit::{Exit, Failure, chain};

/// Tells through which instant everything stored is visible (xAPI 1.0.3 Communication 2.1.4).
const CONSISTENT_THROUGH: &str = "x-experience-api-consistent-through";

/// Sends requests to the demonstration's server with its key.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: Http<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
    authorization: String,
}

/// A good answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The body; null where there is none.
    pub(crate) body: Value,
    /// What the answer's Consistent-Through says.
    pub(crate) consistent_through: Option<String>,
}

impl Client {
    /// Makes a client of one server.
    pub(crate) fn new(address: SocketAddr, name: &str, secret: &str) -> Self {
        let authorization = format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")));
        let http = Http::builder(TokioExecutor::new()).build_http();
        Self {
            http,
            address,
            authorization,
        }
    }

    /// Reads a resource.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// Sends a JSON body.
    pub(crate) async fn send_json(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<Answer, Failure> {
        self.send(method, path, body.to_string().into()).await
    }

    async fn send(&self, method: Method, path: &str, body: Bytes) -> Result<Answer, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header(header::AUTHORIZATION, &self.authorization)
            .header("x-experience-api-version", "1.0.3")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Full::new(body))
            .map_err(|error| Failure::software(&error))?;
        let response = self
            .http
            .request(request)
            .await
            .map_err(|error| no_answer(&error))?;
        let (head, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| Failure::software(&error))?
            .to_bytes();
        answer(path, head.status, &head.headers, &body)
    }
}

fn no_answer(error: &hyper_util::client::legacy::Error) -> Failure {
    Failure::new(
        Exit::Unavailable,
        format!("the server does not answer: {}", chain(error)),
    )
}

fn answer(
    path: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Answer, Failure> {
    if !status.is_success() {
        let said = String::from_utf8_lossy(body);
        return Err(Failure::new(
            Exit::Software,
            format!("{path} answered {status}: {said}"),
        ));
    }
    let through = headers
        .get(CONSISTENT_THROUGH)
        .and_then(|value| value.to_str().ok());
    Ok(Answer {
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
        consistent_through: through.map(str::to_owned),
    })
}
