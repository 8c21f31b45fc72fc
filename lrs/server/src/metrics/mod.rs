//! What the operator measures, at `/metrics`. Labels come from closed sets, or are names that the
//! operator chose, so their number is bounded; none holds a learner's name.
//!
//! - `requests`: by endpoint, and why some were refused; `store`: what a store tells of itself;
//!   `counted`: what the core counts; `sampled`: what is looked up now and then; `page`: the page of all of them.

mod counted;
mod page;
mod requests;
mod sampled;
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use prometheus::core::Collector;
use prometheus::{
    Encoder as _, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};
use varde_core::StoreError;
use varde_core::keys::Keys;
use varde_core::ledger::{Lag, Stopped};
use varde_xapi::Stored;

use self::counted::{NationalIdMetric, ToleranceMetric};
pub(crate) use self::page::page;
use self::requests::Requests;
pub(crate) use self::requests::{measure, route};
pub(crate) use self::sampled::Sampled;
pub(crate) use self::store::StoreMetrics;
use crate::exit::Failure;
use crate::store::Store;

/// The metrics of one server.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Requests,
    /// What the store tells of itself.
    pub(crate) store: Arc<StoreMetrics>,
    /// Statements stored since the server started.
    pub(crate) statements_stored: IntCounter,
    /// Bytes of attachments that came since the server started.
    pub(crate) attachment_bytes: IntCounter,
    /// Log events that the ledger furthest behind has yet to take.
    ledger_lag: IntGauge,
    /// How long the oldest of those events has been in the log.
    ledger_lag_seconds: IntGauge,
    /// How far what readers are told to be complete is behind, in seconds.
    consistent_lag_seconds: IntGauge,
    /// Definitions that no longer compile, each 1.
    definitions_stopped: IntGaugeVec,
    /// How long each key has not been used.
    sources_silent: IntGaugeVec,
    /// Messages of alarms, by the target and what became of them.
    pub(crate) alarm_messages: IntCounterVec,
    /// How often the index was found to lack something, and made anew.
    pub(crate) index_rebuilds: IntCounter,
    /// How often the background check has gone through the whole store.
    pub(crate) store_checks: IntCounter,
    /// Findings of the background check's last walk that no index mends.
    pub(crate) store_damaged: IntGauge,
}

/// The kind of a metric, its labels, and what it counts.
type Described = (&'static str, Vec<String>, String);

impl Metrics {
    /// Makes the metrics with a registry of their own; the keys count the uses of tolerances, and the
    /// store tells of its syncs.
    pub(crate) fn new(keys: &Arc<Keys>, store: &Store) -> Result<Self, Failure> {
        let registered = Self::registered().and_then(|metrics| {
            let uses = ToleranceMetric::new(Arc::clone(keys))?;
            metrics.registry.register(Box::new(uses))?;
            let counts = NationalIdMetric::new(Arc::clone(keys.ingest_counts()))?;
            metrics.registry.register(Box::new(counts))?;
            store.observe(Arc::clone(&metrics.store) as _);
            Ok(metrics)
        });
        registered.map_err(|error| Failure::software(&error))
    }

    fn registered() -> Result<Self, prometheus::Error> {
        let metrics = Self {
            registry: Registry::new(),
            requests: Requests::new()?,
            store: Arc::new(StoreMetrics::new()?),
            statements_stored: IntCounter::new(
                "varde_statements_stored_total",
                "Statements stored since the server started.",
            )?,
            attachment_bytes: IntCounter::new(
                "varde_attachment_bytes_total",
                "Bytes of attachments that came since the server started.",
            )?,
            ledger_lag: IntGauge::new(
                "varde_ledger_lag_events",
                "Log events that the ledger furthest behind has yet to take.",
            )?,
            ledger_lag_seconds: IntGauge::new(
                "varde_ledger_lag_seconds",
                "Seconds that the oldest of those events has been in the log.",
            )?,
            consistent_lag_seconds: IntGauge::new(
                "varde_consistent_lag_seconds",
                "Seconds by which Consistent-Through is behind the clock.",
            )?,
            definitions_stopped: IntGaugeVec::new(
                Opts::new(
                    "varde_definitions_stopped",
                    "1 for each definition that no longer compiles; its ledger stands still.",
                ),
                &["definition"],
            )?,
            sources_silent: IntGaugeVec::new(
                Opts::new(
                    "varde_source_silent_seconds",
                    "Seconds since a key that is in force was let in last, to the minute.",
                ),
                &["key"],
            )?,
            alarm_messages: IntCounterVec::new(
                Opts::new(
                    "varde_alarm_messages_total",
                    "Attempts to tell a target of an alarm, by whether it was told, since the server started.",
                ),
                &["target", "outcome"],
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
        };
        for (_, collector) in metrics.collectors() {
            metrics.registry.register(collector)?;
        }
        Ok(metrics)
    }

    /// Returns everything that is not counted elsewhere, with its kind.
    fn collectors(&self) -> Vec<(&'static str, Box<dyn Collector>)> {
        let Requests {
            answered,
            seconds,
            refused,
        } = self.requests.clone();
        let store = StoreMetrics::clone(&self.store);
        vec![
            ("counter", Box::new(answered)),
            ("histogram", Box::new(seconds)),
            ("counter", Box::new(refused)),
            ("histogram", Box::new(store.group_rows)),
            ("histogram", Box::new(store.sync_seconds)),
            ("gauge", Box::new(store.free)),
            ("gauge", Box::new(store.bytes)),
            ("gauge", Box::new(store.connections)),
            ("counter", Box::new(self.statements_stored.clone())),
            ("counter", Box::new(self.attachment_bytes.clone())),
            ("gauge", Box::new(self.ledger_lag.clone())),
            ("gauge", Box::new(self.ledger_lag_seconds.clone())),
            ("gauge", Box::new(self.consistent_lag_seconds.clone())),
            ("gauge", Box::new(self.definitions_stopped.clone())),
            ("gauge", Box::new(self.sources_silent.clone())),
            ("counter", Box::new(self.alarm_messages.clone())),
            ("counter", Box::new(self.index_rebuilds.clone())),
            ("counter", Box::new(self.store_checks.clone())),
            ("gauge", Box::new(self.store_damaged.clone())),
        ]
    }

    /// Returns every metric by its name.
    fn described(&self) -> Result<BTreeMap<String, Described>, prometheus::Error> {
        let mut counted: Vec<(&'static str, Box<dyn Collector>)> = self.collectors();
        counted.push(("counter", Box::new(ToleranceMetric::counter()?)));
        counted.push(("counter", Box::new(NationalIdMetric::counter()?)));
        let mut described = BTreeMap::new();
        for (kind, collector) in counted {
            for desc in collector.desc() {
                let said = (kind, desc.variable_labels.clone(), desc.help.clone());
                described.insert(desc.fq_name.clone(), said);
            }
        }
        Ok(described)
    }

    /// Takes in how far the ledgers are behind, and which follow no more. The labels are the names
    /// of installed definitions, which the operator chooses.
    pub(crate) fn observe_ledgers(&self, lag: Lag, stopped: &[Stopped], now: Stored) {
        let waiting = lag.since.map_or(0, |since| seconds_between(since, now));
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

    /// Takes in through which instant readers are told that everything is complete.
    pub(crate) fn observe_consistent(&self, through: Stored, now: Stored) {
        self.consistent_lag_seconds
            .set(seconds_between(through, now));
    }

    /// Takes in when keys were let in last. One that never was is not silent yet.
    pub(crate) async fn observe_sources(&self, keys: &Keys, now: Stored) -> Result<(), StoreError> {
        let mut silent = Vec::new();
        for key in keys.all().await?.into_iter().filter(|key| key.stands(now)) {
            if let Some(last) = keys.last_use(key.id).await? {
                silent.push((key.name, seconds_between(last, now)));
            }
        }
        self.sources_silent.reset();
        for (key, seconds) in silent {
            self.sources_silent
                .with_label_values(&[key.as_str()])
                .set(seconds);
        }
        Ok(())
    }

    /// Returns all metrics in the Prometheus text format.
    pub(crate) fn text(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

/// Returns how many whole seconds lie between two instants, 0 where the second is not later.
fn seconds_between(from: Stored, to: Stored) -> i64 {
    (to.0 - from.0).max(0) / 1_000_000
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Response, StatusCode};
    use varde_core::definitions::{DefinitionFaults, DefinitionHash};
    use varde_core::ports::GroupObserver as _;
    use varde_http::Refused;

    use super::*;

    fn answer(status: StatusCode) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        response
    }

    #[test]
    fn what_is_observed_is_told() {
        let metrics = Metrics::registered().expect("metrics");
        let requests = &metrics.requests;
        requests.observe("/xapi/statements", &answer(StatusCode::OK), 0.002);
        requests.observe("/xapi/statements", &answer(StatusCode::NO_CONTENT), 0.002);
        let mut refused = answer(StatusCode::BAD_REQUEST);
        refused.extensions_mut().insert(Refused("verb-id"));
        requests.observe("/xapi/statements", &refused, 0.002);
        requests.observe("/xapi/made-up", &answer(StatusCode::NOT_FOUND), 0.002);
        metrics.statements_stored.inc_by(3);
        metrics.store.synced(7, std::time::Duration::from_millis(4));
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
            "varde_http_requests_total{route=\"/xapi/statements\",status=\"2xx\"} 2",
            "varde_http_requests_total{route=\"other\",status=\"4xx\"} 1",
            "varde_http_request_seconds_bucket{route=\"/xapi/statements\",le=\"0.0025\"} 3",
            "varde_http_refused_total{reason=\"verb-id\",route=\"/xapi/statements\"} 1",
            "varde_group_rows_bucket{le=\"10\"} 1",
            "varde_sync_seconds_bucket{le=\"0.0025\"} 0",
            "varde_sync_seconds_bucket{le=\"0.005\"} 1",
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

    #[test]
    fn the_page_of_metrics_is_as_the_code_has_it() {
        const PAGE: &str = "docs/metrics.md";
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let written = std::fs::read_to_string(root.join(PAGE)).expect(PAGE);
        assert_eq!(
            written,
            page().expect("a page"),
            "{PAGE} is out of date; write it anew: cargo run -- config metrics > {PAGE}"
        );
    }
}
