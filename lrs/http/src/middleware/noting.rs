//! Notes of refused requests: who sent one, and what was wrong with it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::extract::{FromRef as _, Request};
use axum::http::header::{AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};
use varde_core::KeyId;

use crate::error::ApiError;
use crate::extract::Gate;
use crate::state::App;

/// The key that a request was let in by, once that is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sender(Arc<OnceLock<KeyId>>);

impl Sender {
    /// Says which key it is.
    pub(crate) fn is(&self, key: KeyId) {
        // Whoever says it again says the same.
        let _ = self.0.set(key);
    }
}

/// Has refused requests of a surface be noted.
#[derive(Debug, Clone)]
pub(crate) struct NotingLayer {
    /// Where the notes go.
    pub(crate) app: App,
    /// Where the surface stands.
    pub(crate) base: &'static str,
    /// Returns its path below that which a path is of, with `{…}` for what a client chooses.
    pub(crate) route: fn(&str) -> Option<&'static str>,
}

/// A service whose refusals are noted.
#[derive(Debug, Clone)]
pub(crate) struct Noting<S> {
    noting: NotingLayer,
    inner: S,
}

impl<S> Layer<S> for NotingLayer {
    type Service = Noting<S>;

    fn layer(&self, inner: S) -> Self::Service {
        let noting = self.clone();
        Noting { noting, inner }
    }
}

impl<S> Service<Request> for Noting<S>
where
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
        let sent = Sent::of(&mut request);
        let (noting, answer) = (self.noting.clone(), self.inner.call(request));
        Box::pin(async move {
            let Ok(response) = answer.await;
            let response = response.into_response();
            if let Some(error) = response.extensions().get::<Arc<ApiError>>()
                && error.is_noted()
            {
                sent.note(&noting, error).await;
            }
            Ok(response)
        })
    }
}

/// What a note needs to know of a request.
struct Sent {
    sender: Sender,
    method: Method,
    /// The path below the surface.
    uri: Uri,
    /// The headers that say who sent it.
    headers: HeaderMap,
}

impl Sent {
    fn of(request: &mut Request) -> Self {
        let sender = Sender::default();
        let headers = request.headers();
        let kept = [AUTHORIZATION, ORIGIN].into_iter();
        let kept = kept.filter_map(|name| Some((name.clone(), headers.get(name)?.clone())));
        let sent = Self {
            sender: sender.clone(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: kept.collect(),
        };
        request.extensions_mut().insert(sender);
        sent
    }

    /// Notes the refusal where a key stands behind it. What is wrong with a request that is refused before
    /// anybody asks who sent it is noted for whoever it is.
    async fn note(self, noting: &NotingLayer, error: &ApiError) {
        let NotingLayer { app, base, route } = noting;
        let Some(route) = route(self.uri.path()) else {
            return;
        };
        if self.sender.0.get().is_none() {
            let gate = Gate::from_ref(app);
            gate.identify(&self.headers, &self.sender).await;
        }
        if let Some(key) = self.sender.0.get() {
            let refusal = error.refusal(&self.method, format!("{base}{route}"));
            app.services().refusals.note(*key, refusal);
        }
    }
}
