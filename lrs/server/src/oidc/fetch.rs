//! Reading what an issuer publishes.

use std::fmt;

use async_trait::async_trait;
use http_body_util::Full;
use hyper::body::Bytes;
use oauth2::{HttpRequest, HttpResponse};

use crate::web::Web;

/// Reads documents.
#[async_trait]
pub(crate) trait Fetch: fmt::Debug + Send + Sync + 'static {
    /// Returns the body of a document, or says why there is none.
    async fn get(&self, at: &str) -> Result<Vec<u8>, String>;

    /// Sends a request and returns the answer, whatever its status, or says why there is none.
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, String>;
}

#[async_trait]
impl Fetch for Web {
    async fn get(&self, at: &str) -> Result<Vec<u8>, String> {
        self.read(at).await
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, String> {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        Ok(self.ask(request).await?.map(Into::into))
    }
}
