//! Spans of requests for an OpenTelemetry collector, where the operator names one.
//!
//! A span says of a request its id, the path of its endpoint, its method and its status, each of a closed
//! set or made here; nothing that a client wrote is in it but the ids of the trace that it is part of.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::Full;
use hyper::body::Bytes;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{
    Span as _, SpanId, SpanKind, Status, TraceId, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{IdGenerator, SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;
use varde_core::Entropy;

use crate::exit::{Exit, Failure};
use crate::metrics::route;
use crate::web::Web;

/// Where collectors take spans, below their address.
const PATH: &str = "/v1/traces";
/// The header of the answer that has the id of the request.
const REQUEST_ID: &str = "x-request-id";
/// How often it is logged at most that a collector does not answer.
const LOGGED_EVERY: Duration = Duration::from_mins(10);

/// Makes spans and has them exported, off the way of requests.
#[derive(Debug)]
pub(crate) struct Traces {
    tracer: SdkTracer,
    provider: SdkTracerProvider,
    propagator: TraceContextPropagator,
}

impl Traces {
    /// Exports to the collector at an address, from within a runtime.
    pub(crate) fn new(endpoint: &str, entropy: Arc<dyn Entropy>) -> Result<Self, Failure> {
        let collector = Collector {
            web: Arc::new(Web::new()),
            runtime: Handle::current(),
            logged: Mutex::default(),
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}{PATH}", endpoint.trim_end_matches('/')))
            .with_http_client(collector)
            .build();
        let exporter = exporter.map_err(|error| {
            let sentence = format!("telemetry.otlp_endpoint cannot be used: {error}");
            Failure::new(Exit::Config, sentence)
        })?;
        // Without what the environment says of this process: each attribute is named here.
        let about = Resource::builder_empty()
            .with_service_name("varde")
            .with_attributes([KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))]);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_id_generator(Ids(entropy))
            .with_resource(about.build())
            .build();
        Ok(Self {
            tracer: provider.tracer("varde"),
            provider,
            propagator: TraceContextPropagator::new(),
        })
    }

    /// Exports what waits, for so long at most, and ends.
    pub(crate) async fn shut_down(&self, takes_max: Duration) {
        let provider = self.provider.clone();
        let ended =
            tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(takes_max)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last spans of requests were not exported");
        }
    }
}

/// Has a request be a span.
pub(crate) async fn trace(
    State(traces): State<Arc<Traces>>,
    request: Request,
    next: Next,
) -> Response {
    let (route, method) = (route(request.uri().path()), method(request.method()));
    let parent = ParentOnly(request.headers());
    let parent = traces
        .propagator
        .extract_with_context(&Context::new(), &parent);
    let mut span = traces
        .tracer
        .span_builder(format!("{method} {route}"))
        .with_kind(SpanKind::Server)
        .with_attributes([
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.route", route),
        ])
        .start_with_context(&traces.tracer, &parent);
    let response = next.run(request).await;
    let status = response.status();
    span.set_attribute(KeyValue::new(
        "http.response.status_code",
        i64::from(status.as_u16()),
    ));
    let id = response.headers().get(REQUEST_ID);
    if let Some(id) = id.and_then(|id| id.to_str().ok()) {
        span.set_attribute(KeyValue::new("varde.request.id", id.to_owned()));
    }
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    // A request whose client goes away ends its span as it is dropped.
    span.end();
    response
}

/// Returns a method that is known; clients may make up others.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "_OTHER",
    }
}

/// The ids of the trace that a request is part of, and not the free text that may come beside them.
struct ParentOnly<'h>(&'h HeaderMap);

impl Extractor for ParentOnly<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let header = self.0.get("traceparent").filter(|_| key == "traceparent")?;
        header.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// Makes the ids of traces and spans.
#[derive(Debug)]
struct Ids(Arc<dyn Entropy>);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        let mut bytes = [0; 16];
        self.0.fill(&mut bytes);
        TraceId::from_bytes(bytes)
    }

    fn new_span_id(&self) -> SpanId {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        SpanId::from_bytes(bytes)
    }
}

/// Calls a collector. The exporter has a thread of its own, outside the runtime.
#[derive(Debug)]
struct Collector {
    web: Arc<Web>,
    runtime: Handle,
    /// When it was logged last that it does not answer.
    logged: Mutex<Option<Instant>>,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(
        &self,
        request: hyper::Request<Bytes>,
    ) -> Result<hyper::Response<Bytes>, HttpError> {
        let web = Arc::clone(&self.web);
        let request = request.map(Full::new);
        let asked = self.runtime.spawn(async move { web.ask(request).await });
        let answered = asked.await?;
        match &answered {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => self.say(&format!("the answer is {}", answer.status())),
            Err(error) => self.say(error),
        }
        Ok(answered?)
    }
}

impl Collector {
    /// Logs that it does not take spans, once in a while.
    fn say(&self, error: &str) {
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.is_none_or(|last| last.elapsed() >= LOGGED_EVERY) {
            *logged = Some(Instant::now());
            tracing::warn!(
                error,
                "the collector does not take spans of requests; some are lost"
            );
        }
    }
}
