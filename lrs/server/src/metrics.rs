//! What the operator measures, at `/metrics`. Labels come from closed enums, so their number is
//! bounded.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{
    Encoder as _, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Opts, Registry, TextEncoder,
};
use varde_core::keys::Keys;
use varde_core::ledger::{Lag, Stopped};
use varde_core::{IngestCounts, NationalIdPolicy, Tolerance};
use varde_xapi::Stored;

use crate::exit::Failure;

/// The bounds of the request histogram's buckets, in seconds.
const SECONDS: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0,
];

/// The metrics of one server.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    registry: Registry,
    /// `varde_http_requests_total{route, status}`: requests answered.
    requests: IntCounterVec,
    /// `varde_http_request_seconds{route}`: from the request's head to the answer's, in seconds.
    request_seconds: HistogramVec,
    /// `varde_statements_stored_total`: statements stored since the server started.
    pub(crate) statements_stored: IntCounter,
    /// `varde_ledger_lag_events`: log events that the ledger furthest behind has yet to take.
    ledger_lag: IntGauge,
    /// `varde_ledger_lag_seconds`: how long the oldest of those events has been in the log.
    ledger_lag_seconds: IntGauge,
    /// `varde_definitions_stopped{definition}`: definitions that no longer compile, each 1.
    definitions_stopped: IntGaugeVec,
    /// `varde_index_rebuilds_total`: how often the index was found to lack something, and made anew.
    pub(crate) index_rebuilds: IntCounter,
    /// `varde_store_checks_total`: how often the background check has gone through the whole store.
    pub(crate) store_checks: IntCounter,
    /// `varde_store_damaged`: findings of the background check's last walk that no index mends.
    pub(crate) store_damaged: IntGauge,
    /// `varde_store_free_bytes`: bytes that can still be written to the disk of the data folder.
    pub(crate) store_free: IntGauge,
}

impl Metrics {
    /// Makes the metrics with a registry of their own; the keys count the uses of tolerances.
    pub(crate) fn new(keys: &Arc<Keys>) -> Result<Self, Failure> {
        let registered = Self::registered().and_then(|metrics| {
            let uses = ToleranceMetric::new(Arc::clone(keys))?;
            metrics.registry.register(Box::new(uses))?;
            let counts = NationalIdMetric::new(Arc::clone(keys.ingest_counts()))?;
            metrics.registry.register(Box::new(counts))?;
            Ok(metrics)
        });
        registered.map_err(|error| Failure::software(&error))
    }

    fn registered() -> Result<Self, prometheus::Error> {
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(
                Opts::new("varde_http_requests_total", "Requests answered."),
                &["route", "status"],
            )?,
            request_seconds: HistogramVec::new(
                HistogramOpts::new(
                    "varde_http_request_seconds",
                    "Seconds from a request's head to its answer's head.",
                )
                .buckets(SECONDS.to_vec()),
                &["route"],
            )?,
            statements_stored: IntCounter::new(
                "varde_statements_stored_total",
                "Statements stored since the server started.",
            )?,
            ledger_lag: IntGauge::new(
                "varde_ledger_lag_events",
                "Log events that the ledger furthest behind has yet to take.",
            )?,
            ledger_lag_seconds: IntGauge::new(
                "varde_ledger_lag_seconds",
                "Seconds that the oldest of those events has been in the log.",
            )?,
            definitions_stopped: IntGaugeVec::new(
                Opts::new(
                    "varde_definitions_stopped",
                    "Definitions that no longer compile; their ledgers stand still.",
                ),
                &["definition"],
            )?,
            index_rebuilds: IntCounter::new(
                "varde_index_rebuilds_total",
                "How often the index was found to lack something, and made anew.",
            )?,
            store_checks: IntCounter::new(
                "varde_store_checks_total",
                "How often the background check has gone through the whole store.",
            )?,
            store_damaged: IntGauge::new(
                "varde_store_damaged",
                "Findings of the background check's last walk that no index mends.",
            )?,
            store_free: IntGauge::new(
                "varde_store_free_bytes",
                "Bytes that can still be written to the disk of the data folder.",
            )?,
        };
        let collectors: [Box<dyn Collector>; 10] = [
            Box::new(metrics.requests.clone()),
            Box::new(metrics.request_seconds.clone()),
            Box::new(metrics.statements_stored.clone()),
            Box::new(metrics.ledger_lag.clone()),
            Box::new(metrics.ledger_lag_seconds.clone()),
            Box::new(metrics.definitions_stopped.clone()),
            Box::new(metrics.index_rebuilds.clone()),
            Box::new(metrics.store_checks.clone()),
            Box::new(metrics.store_damaged.clone()),
            Box::new(metrics.store_free.clone()),
        ];
        for collector in collectors {
            metrics.registry.register(collector)?;
        }
        Ok(metrics)
    }

    /// Takes in how far the ledgers are behind, and which follow no more. The labels are the names
    /// of installed definitions, which the operator chooses.
    pub(crate) fn observe_ledgers(&self, lag: Lag, stopped: &[Stopped], now: Stored) {
        let waiting = lag
            .since
            .map_or(0, |since| (now.0 - since.0).max(0) / 1_000_000);
        self.ledger_lag
            .set(i64::try_from(lag.events).unwrap_or(i64::MAX));
        self.ledger_lag_seconds.set(waiting);
        self.definitions_stopped.reset();
        for one in stopped {
            self.definitions_stopped
                .with_label_values(&[one.name.as_str()])
                .set(1);
        }
    }

    /// Returns all metrics in the Prometheus text format.
    pub(crate) fn text(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }

    fn observe(&self, route: Route, status: StatusCode, seconds: f64) {
        let class = StatusClass::of(status).name();
        self.requests
            .with_label_values(&[route.name(), class])
            .inc();
        self.request_seconds
            .with_label_values(&[route.name()])
            .observe(seconds);
    }
}

/// `varde_tolerance_uses_total{tolerance}`: requests that a key's tolerance let off since the
/// server started, read from where the keys count them.
struct ToleranceMetric {
    keys: Arc<Keys>,
    /// Describes the metric; stays at zero.
    described: IntCounterVec,
}

impl ToleranceMetric {
    fn new(keys: Arc<Keys>) -> Result<Self, prometheus::Error> {
        let described = Self::counter()?;
        Ok(Self { keys, described })
    }

    fn counter() -> Result<IntCounterVec, prometheus::Error> {
        let opts = Opts::new(
            "varde_tolerance_uses_total",
            "Requests that a tolerance let off.",
        );
        IntCounterVec::new(opts, &["tolerance"])
    }
}

impl Collector for ToleranceMetric {
    fn desc(&self) -> Vec<&Desc> {
        self.described.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let Ok(counter) = Self::counter() else {
            return Vec::new();
        };
        for tolerance in Tolerance::EACH {
            let uses = self.keys.uses_since_start(tolerance);
            counter.with_label_values(&[tolerance.name()]).inc_by(uses);
        }
        counter.collect()
    }
}

/// `varde_national_ids_total{policy}`: statements that came with national identity numbers since the
/// server started, by what became of them, read from where they are counted.
struct NationalIdMetric {
    counts: Arc<IngestCounts>,
    /// Describes the metric; stays at zero.
    described: IntCounterVec,
}

impl NationalIdMetric {
    fn new(counts: Arc<IngestCounts>) -> Result<Self, prometheus::Error> {
        let described = Self::counter()?;
        Ok(Self { counts, described })
    }

    fn counter() -> Result<IntCounterVec, prometheus::Error> {
        let opts = Opts::new(
            "varde_national_ids_total",
            "Statements that came with national identity numbers.",
        );
        IntCounterVec::new(opts, &["policy"])
    }
}

impl Collector for NationalIdMetric {
    fn desc(&self) -> Vec<&Desc> {
        self.described.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let Ok(counter) = Self::counter() else {
            return Vec::new();
        };
        for policy in NationalIdPolicy::EACH {
            let statements = self.counts.of(policy);
            counter
                .with_label_values(&[policy.name()])
                .inc_by(statements);
        }
        counter.collect()
    }
}

/// Counts and times a request.
pub(crate) async fn measure(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let route = Route::of(request.uri().path());
    let began = Instant::now();
    let response = next.run(request).await;
    metrics.observe(route, response.status(), began.elapsed().as_secs_f64());
    response
}

/// What a request was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Statements,
    About,
    Documents,
    Agents,
    Activities,
    Cohorts,
    Outcomes,
    Indicators,
    Repeats,
    Other,
}

impl Route {
    fn of(path: &str) -> Self {
        match path.trim_end_matches('/') {
            "/xapi/statements" => Self::Statements,
            "/xapi/about" => Self::About,
            "/xapi/activities/state" | "/xapi/activities/profile" | "/xapi/agents/profile" => {
                Self::Documents
            }
            "/xapi/agents" => Self::Agents,
            "/xapi/activities" => Self::Activities,
            "/api/v1/cohorts" => Self::Cohorts,
            "/api/v1/outcomes" | "/api/v1/outcomes/explanation" => Self::Outcomes,
            "/api/v1/indicators" => Self::Indicators,
            "/api/v1/repeats" => Self::Repeats,
            _ => Self::Other,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Statements => "statements",
            Self::About => "about",
            Self::Documents => "documents",
            Self::Agents => "agents",
            Self::Activities => "activities",
            Self::Cohorts => "cohorts",
            Self::Outcomes => "outcomes",
            Self::Indicators => "indicators",
            Self::Repeats => "repeats",
            Self::Other => "other",
        }
    }
}

/// The first digit of a status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatusClass {
    Informational,
    Success,
    Redirection,
    ClientError,
    ServerError,
}

impl StatusClass {
    fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            ..200 => Self::Informational,
            200..300 => Self::Success,
            300..400 => Self::Redirection,
            400..500 => Self::ClientError,
            500.. => Self::ServerError,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Informational => "1xx",
            Self::Success => "2xx",
            Self::Redirection => "3xx",
            Self::ClientError => "4xx",
            Self::ServerError => "5xx",
        }
    }
}

#[cfg(test)]
mod tests {
    use varde_core::definitions::{DefinitionFaults, DefinitionHash};

    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_status_class() {
        let metrics = Metrics::registered().expect("metrics");
        metrics.observe(Route::of("/xapi/statements"), StatusCode::OK, 0.002);
        metrics.observe(Route::of("/xapi/statements"), StatusCode::NO_CONTENT, 0.002);
        metrics.observe(Route::of("/xapi/made-up"), StatusCode::NOT_FOUND, 0.002);
        metrics.statements_stored.inc_by(3);
        let lag = Lag {
            events: 7,
            since: Some(Stored(1_000_000)),
        };
        let stopped = Stopped {
            name: "sing@1".to_owned(),
            hash: DefinitionHash([0; 32]),
            faults: DefinitionFaults(Vec::new()),
        };
        metrics.observe_ledgers(lag, &[stopped], Stored(3_500_000));
        let text = String::from_utf8(metrics.text().expect("text")).expect("utf-8");
        for line in [
            "varde_http_requests_total{route=\"statements\",status=\"2xx\"} 2",
            "varde_http_requests_total{route=\"other\",status=\"4xx\"} 1",
            "varde_http_request_seconds_bucket{route=\"statements\",le=\"0.0025\"} 2",
            "varde_statements_stored_total 3",
            "varde_ledger_lag_events 7",
            "varde_ledger_lag_seconds 2",
            "varde_definitions_stopped{definition=\"sing@1\"} 1",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is missing in\n{text}"
            );
        }
    }
}
