//! Requests, by what they were for and what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts};
use varde_http::{Refused, endpoints};

use super::Metrics;

/// The bounds of the histogram's buckets, in seconds.
const SECONDS: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0,
];
/// What stands for the paths of no endpoint, which clients make up.
const OTHER: &str = "other";

/// What is measured of requests.
#[derive(Debug, Clone)]
pub(super) struct Requests {
    pub(super) answered: IntCounterVec,
    pub(super) seconds: HistogramVec,
    pub(super) refused: IntCounterVec,
}

impl Requests {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        Ok(Self {
            answered: IntCounterVec::new(
                Opts::new(
                    "varde_http_requests_total",
                    "Requests answered, by the path of the endpoint and the first digit of the status.",
                ),
                &["route", "status"],
            )?,
            seconds: HistogramVec::new(
                HistogramOpts::new(
                    "varde_http_request_seconds",
                    "Seconds from a request's head to its answer's head.",
                )
                .buckets(SECONDS.to_vec()),
                &["route"],
            )?,
            refused: IntCounterVec::new(
                Opts::new(
                    "varde_http_refused_total",
                    "Requests refused, by the code of the error, or the first rule that was broken.",
                ),
                &["route", "reason"],
            )?,
        })
    }

    pub(super) fn observe(&self, path: &str, response: &Response, seconds: f64) {
        let route = route(path);
        let class = class(response.status());
        self.answered.with_label_values(&[route, class]).inc();
        self.seconds.with_label_values(&[route]).observe(seconds);
        if let Some(Refused(reason)) = response.extensions().get() {
            self.refused.with_label_values(&[route, reason]).inc();
        }
    }
}

/// Counts and times a request.
pub(crate) async fn measure(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let began = Instant::now();
    let response = next.run(request).await;
    let seconds = began.elapsed().as_secs_f64();
    metrics.requests.observe(&path, &response, seconds);
    response
}

/// The paths of the endpoints.
struct Routes {
    plain: BTreeSet<String>,
    /// Those with `{…}` for some segments, by how many segments they have.
    patterns: BTreeMap<usize, Vec<String>>,
}

static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
    let paths = endpoints().into_iter();
    let paths = paths.map(|endpoint| format!("{}{}", endpoint.base, endpoint.path));
    let (patterns, plain): (BTreeSet<_>, BTreeSet<_>) = paths.partition(|path| path.contains('{'));
    let mut by_length = BTreeMap::<usize, Vec<String>>::new();
    for pattern in patterns {
        let length = pattern.split('/').count();
        by_length.entry(length).or_default().push(pattern);
    }
    Routes {
        plain,
        patterns: by_length,
    }
});

/// Returns the endpoint's path that a path is of, so that labels are bounded and hold no id.
pub(crate) fn route(path: &str) -> &'static str {
    let path = path.trim_end_matches('/');
    if let Some(plain) = ROUTES.plain.get(path) {
        return plain;
    }
    let segments: Vec<&str> = path.split('/').collect();
    let patterns = ROUTES.patterns.get(&segments.len()).into_iter().flatten();
    let fits = |pattern: &&String| {
        let mut pairs = pattern.split('/').zip(&segments);
        pairs.all(|(known, given)| known.starts_with('{') || known == *given)
    };
    patterns
        .into_iter()
        .find(fits)
        .map_or(OTHER, String::as_str)
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_counted_under_its_endpoint_and_what_clients_make_up_under_one_name() {
        assert_eq!(route("/xapi/statements"), "/xapi/statements");
        assert_eq!(route("/xapi/statements/"), "/xapi/statements");
        assert_eq!(route("/xapi/made-up"), "other");
        let with_id = ROUTES
            .patterns
            .values()
            .flatten()
            .next()
            .expect("a pattern");
        let path: Vec<&str> = (with_id.split('/'))
            .map(|segment| {
                if segment.starts_with('{') {
                    "5a4d"
                } else {
                    segment
                }
            })
            .collect();
        assert_eq!(route(&path.join("/")), with_id);
    }
}
