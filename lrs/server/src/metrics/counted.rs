//! Metrics that are read from where the core counts.

use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto::MetricFamily;
use prometheus::{IntCounterVec, Opts};
use varde_core::keys::Keys;
use varde_core::{IngestCounts, NationalIdPolicy, Tolerance};

/// `varde_tolerance_uses_total{tolerance}`: requests that a key's tolerance let off since the
/// server started, read from where the keys count them.
pub(super) struct ToleranceMetric {
    keys: Arc<Keys>,
    /// Describes the metric; stays at zero.
    described: IntCounterVec,
}

impl ToleranceMetric {
    pub(super) fn new(keys: Arc<Keys>) -> Result<Self, prometheus::Error> {
        let described = Self::counter()?;
        Ok(Self { keys, described })
    }

    pub(super) fn counter() -> Result<IntCounterVec, prometheus::Error> {
        let opts = Opts::new(
            "varde_tolerance_uses_total",
            "Requests that a tolerance of a key let off since the server started.",
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
pub(super) struct NationalIdMetric {
    counts: Arc<IngestCounts>,
    /// Describes the metric; stays at zero.
    described: IntCounterVec,
}

impl NationalIdMetric {
    pub(super) fn new(counts: Arc<IngestCounts>) -> Result<Self, prometheus::Error> {
        let described = Self::counter()?;
        Ok(Self { counts, described })
    }

    pub(super) fn counter() -> Result<IntCounterVec, prometheus::Error> {
        let opts = Opts::new(
            "varde_national_ids_total",
            "Statements that came with national identity numbers, by what became of them, since the server started.",
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
