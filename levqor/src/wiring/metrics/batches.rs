//! Figures of the batchers, which API and worker have.

use std::{sync::Arc, time::Duration};

use levqor_store::{StoreError, batch::Observer};
use levqor_telemetry::Metrics;
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram},
};

/// Told by every batcher of the process.
pub(crate) struct BatchFigures {
    rows: Histogram<f64>,
    seconds: Histogram<f64>,
    failed: Counter<u64>,
}

impl BatchFigures {
    /// Once a process: the instruments are shared.
    pub(crate) fn new(metrics: &Metrics) -> Arc<Self> {
        Arc::new(Self {
            rows: metrics.rows("levqor_batch_rows", "Rows in a commit, by batcher."),
            seconds: metrics.histogram(
                "levqor_commit_duration_seconds",
                "Time of a commit that succeeded, by batcher.",
            ),
            failed: metrics.counters(
                "levqor_commits_failed_total",
                "Tries of commits that failed, by batcher: each was repeated, split or given up.",
            ),
        })
    }
}

impl Observer for BatchFigures {
    fn committed(&self, batcher: &'static str, rows: usize, took: Duration) {
        let labels = [KeyValue::new("batcher", batcher)];
        self.rows.record(super::gauge(rows), &labels);
        self.seconds.record(took.as_secs_f64(), &labels);
    }

    fn failed(&self, batcher: &'static str, _: usize, _: &StoreError) {
        self.failed.add(1, &[KeyValue::new("batcher", batcher)]);
    }
}
