//! Middleware that looks at a request and then at its answer, and waits for nothing itself.
//!
//! The service within is called where it stands. `axum::middleware::from_fn` would clone it for each
//! request, and put the clone into a box.

use std::convert::Infallible;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};

use crate::error::ApiError;

/// What is done before a request goes on, and with its answer.
pub(crate) trait Around: Clone + Send + 'static {
    /// What the answer's part needs to know of the request.
    type Kept: Send + 'static;

    /// Looks at a request, or answers it with an error.
    fn before(&self, request: &mut Request) -> Result<Self::Kept, ApiError>;

    /// Finishes the answer of a request that went on.
    fn after(&self, kept: Self::Kept, response: Response) -> Response;
}

/// Puts an [`Around`] around services.
#[derive(Debug, Clone)]
pub(crate) struct AroundLayer<A>(pub(crate) A);

/// A service with something around it.
#[derive(Debug, Clone)]
pub(crate) struct Surrounded<A, S> {
    around: A,
    inner: S,
}

impl<A: Clone, S> Layer<S> for AroundLayer<A> {
    type Service = Surrounded<A, S>;

    fn layer(&self, inner: S) -> Self::Service {
        let around = self.0.clone();
        Surrounded { around, inner }
    }
}

impl<A, S> Service<Request> for Surrounded<A, S>
where
    A: Around,
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let kept = match self.around.before(&mut request) {
            Ok(kept) => kept,
            Err(error) => return Box::pin(ready(Ok(error.into_response()))),
        };
        let (around, answer) = (self.around.clone(), self.inner.call(request));
        Box::pin(async move {
            let Ok(response) = answer.await;
            Ok(around.after(kept, response.into_response()))
        })
    }
}
