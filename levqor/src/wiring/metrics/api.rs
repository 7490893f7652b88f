//! Figures of an API process.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use levqor_api::{Observer, Served};
use levqor_telemetry::Metrics;
use opentelemetry::{KeyValue, metrics::Histogram};

/// Told by the API.
pub(crate) struct ApiFigures {
    requests: Histogram<f64>,
    hints_dropped: Arc<AtomicU64>,
}

impl ApiFigures {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let requests = metrics.histogram(
            "levqor_http_request_duration_seconds",
            "Time to answer, by operation and status.",
        );
        let hints_dropped = Arc::new(AtomicU64::new(0));
        let total = hints_dropped.clone();
        let help = "Hints left to the scheduler: the queue had a backlog or did not answer.";
        metrics.counter("levqor_hints_dropped_total", help, move || {
            total.load(Ordering::Relaxed)
        });
        Self {
            requests,
            hints_dropped,
        }
    }
}

impl Observer for ApiFigures {
    fn served(&self, served: &Served) {
        let labels = [
            KeyValue::new("operation", served.operation),
            KeyValue::new("status", i64::from(served.status)),
        ];
        self.requests.record(served.took.as_secs_f64(), &labels);
    }

    fn hints_dropped(&self, count: usize) {
        self.hints_dropped.fetch_add(count as u64, Ordering::Relaxed);
    }
}
