//! Reading what an issuer publishes. Only addresses that the configuration names, and those that these
//! name in their discovery documents, are ever asked; none that a token or a statement names.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::{StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::exit::chain;

/// The most bytes of a document.
const BYTES_MAX: usize = 256 * 1024;
/// How long an issuer may take for one document.
const SECONDS_MAX: Duration = Duration::from_secs(10);

/// Reads documents.
#[async_trait]
pub(crate) trait Fetch: fmt::Debug + Send + Sync + 'static {
    /// Returns the body of a document, or says why there is none.
    async fn get(&self, at: &str) -> Result<Vec<u8>, String>;
}

/// Tells whether an address is one of https, or of this machine.
pub(crate) fn is_safe(at: &str) -> bool {
    let Ok(uri) = at.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => ["localhost", "127.0.0.1", "[::1]"].contains(&host),
        _ => false,
    }
}

/// Reads over HTTPS, by the root certificates of Mozilla; redirects are not followed.
pub(crate) struct Web(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>);

impl Web {
    pub(crate) fn new() -> Self {
        let https = HttpsConnectorBuilder::new().with_webpki_roots();
        let connector = https.https_or_http().enable_http1().build();
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    async fn read(&self, uri: Uri) -> Result<Vec<u8>, String> {
        let answer = self.0.get(uri).await.map_err(|error| chain(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(format!("the answer is {}", answer.status()));
        }
        let body = Limited::new(answer.into_body(), BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?;
        Ok(body.to_bytes().into())
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Web")
    }
}

#[async_trait]
impl Fetch for Web {
    async fn get(&self, at: &str) -> Result<Vec<u8>, String> {
        if !is_safe(at) {
            return Err("expected an address of https".to_owned());
        }
        let uri = at.parse().map_err(|_| "it is no address".to_owned())?;
        match tokio::time::timeout(SECONDS_MAX, self.read(uri)).await {
            Ok(read) => read,
            Err(_) => Err(format!("it took over {} s", SECONDS_MAX.as_secs())),
        }
    }
}
