//! Asking others over HTTPS. Only addresses that the configuration or a command of the operator names, and
//! those that an issuer of tokens names in its discovery document, are ever asked; none that a token, a
//! statement or a request names. Redirects are not followed.

use std::fmt;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};

use crate::exit::chain;

/// The most bytes of a document.
const BYTES_MAX: usize = 256 * 1024;
/// How long an answer may take.
const TAKES_MAX: Duration = Duration::from_secs(10);

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

/// Asks over HTTPS, by the root certificates of Mozilla and those of the system (ADR 96).
pub(crate) struct Web {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    takes_max: Duration,
}

impl Web {
    /// Makes a client.
    pub(crate) fn new() -> Self {
        Self::within(TAKES_MAX)
    }

    /// Makes one that waits so long for an answer.
    pub(crate) fn within(takes_max: Duration) -> Self {
        let tls = ClientConfig::builder().with_root_certificates(roots());
        let https = HttpsConnectorBuilder::new().with_tls_config(tls.with_no_client_auth());
        let connector = https.https_or_http().enable_http1().build();
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            takes_max,
        }
    }

    /// Reads a document.
    pub(crate) async fn read(&self, at: &str) -> Result<Vec<u8>, String> {
        let request = Request::get(address(at)?).body(Full::default());
        let request = request.map_err(|error| error.to_string())?;
        let answer = self.ask(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(format!("the answer is {}", answer.status()));
        }
        Ok(answer.into_body().into())
    }

    /// Sends a request and returns the answer, whatever its status.
    pub(crate) async fn ask(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, String> {
        address(&request.uri().to_string())?;
        self.ask_anywhere(request).await
    }

    /// Sends a request wherever it leads, also in the clear, and returns the answer.
    pub(crate) async fn ask_anywhere(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, String> {
        self.in_time(async {
            let answer = self.client.request(request).await;
            let (head, body) = answer.map_err(|error| chain(&error))?.into_parts();
            let body = Limited::new(body, BYTES_MAX).collect().await;
            let body = body.map_err(|error| error.to_string())?;
            Ok(Response::from_parts(head, body.to_bytes()))
        })
        .await
    }

    /// Sends a request and returns the status of the answer. Nothing else of it is read.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<StatusCode, String> {
        address(&request.uri().to_string())?;
        self.in_time(async {
            let answer = self.client.request(request).await;
            Ok(answer.map_err(|error| chain(&error))?.status())
        })
        .await
    }

    /// Sends a request and returns the answer, whatever its status, with its body still to be read.
    pub(crate) async fn open(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, String> {
        address(&request.uri().to_string())?;
        self.in_time(async {
            let answer = self.client.request(request).await;
            answer.map_err(|error| chain(&error))
        })
        .await
    }

    async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, String>>,
    ) -> Result<T, String> {
        match tokio::time::timeout(self.takes_max, asked).await {
            Ok(answered) => answered,
            Err(_) => Err(format!("it took over {} s", self.takes_max.as_secs_f32())),
        }
    }
}

/// Returns who is trusted to say who somebody is: the roots that come with the binary, and what the
/// system trusts beside them, which a bare machine need not have.
fn roots() -> RootCertStore {
    let built_in = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
    let mut roots: RootCertStore = built_in.collect();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::debug!(%error, "root certificates of the system cannot be read");
    }
    roots.add_parsable_certificates(system.certs);
    roots
}

fn address(at: &str) -> Result<Uri, String> {
    if !is_safe(at) {
        return Err("expected an address of https".to_owned());
    }
    at.parse().map_err(|_| "it is no address".to_owned())
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Web")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_https_and_of_this_machine_are_asked() {
        for safe in [
            "https://login.example.org/north",
            "http://127.0.0.1:4000",
            "http://localhost/x",
            "http://[::1]:1",
        ] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_one in [
            "http://login.example.org",
            "ftp://localhost",
            "",
            "login",
            "file:///etc/x",
        ] {
            assert!(!is_safe(unsafe_one), "{unsafe_one}");
        }
    }
}
