//! Spans of requests reach a collector, and say nothing of learners.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::body::Bytes;
use axum::http::{Request, StatusCode, header};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::binary::{KEY, Server, client};

const LEARNER: &str = "learner-1%40example.org";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Starts a collector, and returns its address and what it is sent.
async fn collector() -> (String, UnboundedReceiver<Bytes>) {
    let (sender, sent) = unbounded_channel();
    let take = async move |body: Bytes| {
        sender.send(body).expect("somebody waits");
        StatusCode::OK
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let address = listener.local_addr().expect("an address");
    let routes = Router::new().route("/v1/traces", post(take));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (format!("http://{address}"), sent)
}

fn configured(below: &Path, endpoint: &str) -> PathBuf {
    let file = below.join("varde.toml");
    let text = format!("[telemetry]\notlp_endpoint = \"{endpoint}\"\n");
    std::fs::write(&file, text).expect("written");
    file
}

/// Asks for statements of a learner, and returns the status and the id of the request.
async fn ask(server: &Server, path: &str) -> (StatusCode, String) {
    let request = Request::get(format!("http://{}{path}", server.http))
        .header(
            header::AUTHORIZATION,
            format!("Basic {}", STANDARD.encode(KEY)),
        )
        .header("x-experience-api-version", "1.0.3")
        .header("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))
        .header("tracestate", format!("course={LEARNER}"))
        .body(Full::default())
        .expect("a request");
    let answer = client().request(request).await.expect("an answer");
    let id = answer.headers()["x-request-id"].to_str().expect("a text");
    (answer.status(), id.to_owned())
}

fn attribute(span: &Span, key: &str) -> Option<Value> {
    let mut attributes = span.attributes.iter();
    let found = attributes.find(|attribute| attribute.key == key)?;
    found.value.clone()?.value
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_the_span_of_each_request_and_nothing_of_a_learner() {
    let below = tempfile::tempdir().expect("a folder");
    let (endpoint, mut sent) = collector().await;
    let config = configured(below.path(), &endpoint);
    let data = below.path().join("store");
    let server = Server::start_with(&data, &["--config", config.to_str().expect("a path")]);
    let agent = format!("%7B%22mbox%22%3A%22mailto%3A{LEARNER}%22%7D");
    let query = format!("/xapi/statements?agent={agent}");
    let (status, found) = ask(&server, &query).await;
    assert_eq!(status, StatusCode::OK);
    let (status, unknown) = ask(&server, &format!("/xapi/{LEARNER}")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    // What waits is exported at the end.
    let (status, _) = server.terminate();
    assert!(status.success());
    let mut spans = Vec::new();
    while let Ok(body) = sent.try_recv() {
        for secret in ["learner-1", "mailto", "a-secret-of-the-tests"] {
            let found = body
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} was exported");
        }
        let request = ExportTraceServiceRequest::decode(body).expect("OTLP");
        let resources = request.resource_spans.into_iter();
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        spans.extend(scopes.flat_map(|scope| scope.spans));
    }
    let expected = [
        (found, "GET /xapi/statements", "/xapi/statements", 200),
        (unknown, "GET other", "other", 404),
    ];
    assert_eq!(spans.len(), expected.len(), "{spans:?}");
    for (id, name, route, status) in expected {
        let of = |span: &&Span| {
            attribute(span, "varde.request.id") == Some(Value::StringValue(id.clone()))
        };
        let span = spans
            .iter()
            .find(of)
            .expect("the id of the answer's header");
        assert_eq!(span.name, name);
        let text = |text: &str| Some(Value::StringValue(text.to_owned()));
        assert_eq!(attribute(span, "http.route"), text(route));
        assert_eq!(attribute(span, "http.request.method"), text("GET"));
        let code = attribute(span, "http.response.status_code");
        assert_eq!(code, Some(Value::IntValue(status)));
        let trace: [u8; 16] = span.trace_id.as_slice().try_into().expect("128 bits");
        let trace = format!("{:032x}", u128::from_be_bytes(trace));
        assert_eq!(trace, TRACE, "it is part of the caller's trace");
        assert_eq!(span.attributes.len(), 4, "{span:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_not_there_does_no_harm() {
    let below = tempfile::tempdir().expect("a folder");
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let endpoint = format!("http://{}", gone.local_addr().expect("an address"));
    drop(gone);
    let config = configured(below.path(), &endpoint);
    let data = below.path().join("store");
    let server = Server::start_with(&data, &["--config", config.to_str().expect("a path")]);
    for _ in 0..3 {
        let (status, _) = ask(&server, "/xapi/statements").await;
        assert_eq!(status, StatusCode::OK);
    }
    let (status, log) = server.terminate();
    assert!(status.success(), "{log:?}");
    let said = log
        .iter()
        .filter(|line| line.contains("does not take spans"));
    assert_eq!(said.count(), 1, "{log:?}");
}
