//! What stores tell of themselves.

use std::time::Duration;

use prometheus::{Histogram, HistogramOpts, IntGauge, IntGaugeVec, Opts};
use varde_core::ports::GroupObserver;

/// The bounds of the buckets of what is written together, in rows.
const ROWS: [f64; 10] = [
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 2_000.0,
];
/// The bounds of the buckets of syncs, in seconds.
const SECONDS: [f64; 10] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5,
];

/// What is measured of a store.
#[derive(Debug, Clone)]
pub(crate) struct StoreMetrics {
    pub(super) group_rows: Histogram,
    pub(super) sync_seconds: Histogram,
    /// Bytes that can still be written to the disk of the data folder.
    pub(crate) free: IntGauge,
    /// Bytes of the data folder's files.
    pub(crate) bytes: IntGaugeVec,
    /// Connections to MongoDB.
    pub(crate) connections: IntGaugeVec,
}

impl StoreMetrics {
    pub(super) fn new() -> Result<Self, prometheus::Error> {
        Ok(Self {
            group_rows: Histogram::with_opts(
                HistogramOpts::new(
                    "varde_group_rows",
                    "Statements and changes of records that were made durable by one sync.",
                )
                .buckets(ROWS.to_vec()),
            )?,
            sync_seconds: Histogram::with_opts(
                HistogramOpts::new(
                    "varde_sync_seconds",
                    "Seconds that a sync took; on MongoDB, a commit by a majority.",
                )
                .buckets(SECONDS.to_vec()),
            )?,
            free: IntGauge::new(
                "varde_store_free_bytes",
                "Bytes that can still be written to the disk of the data folder.",
            )?,
            bytes: IntGaugeVec::new(
                Opts::new(
                    "varde_store_bytes",
                    "Bytes of the files of the data folder, to the minute.",
                ),
                &["part"],
            )?,
            connections: IntGaugeVec::new(
                Opts::new(
                    "varde_mongodb_connections",
                    "Connections of this process to MongoDB.",
                ),
                &["state"],
            )?,
        })
    }
}

impl GroupObserver for StoreMetrics {
    fn synced(&self, rows: usize, took: Duration) {
        // Far fewer rows than a float tells apart.
        #[expect(clippy::cast_precision_loss)]
        self.group_rows.observe(rows as f64);
        self.sync_seconds.observe(took.as_secs_f64());
    }
}
