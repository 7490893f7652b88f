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
    over_budget: Arc<AtomicU64>,
}

impl ApiFigures {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let requests = metrics.histogram(
            "levqor_http_request_duration_seconds",
            "Time to answer, by operation and status.",
        );
        Self {
            requests,
            hints_dropped: counted(
                metrics,
                "levqor_hints_dropped_total",
                "Hints left to the scheduler: the queue had a backlog or did not answer.",
            ),
            over_budget: counted(
                metrics,
                "levqor_budget_refusals_total",
                "Runs refused at intake because a budget is used up, items of batches each.",
            ),
        }
    }
}

/// A total that is there from the beginning, as 0.
fn counted(metrics: &Metrics, name: &str, help: &str) -> Arc<AtomicU64> {
    let total = Arc::new(AtomicU64::new(0));
    let read = total.clone();
    metrics.counter(name, help, move || read.load(Ordering::Relaxed));
    total
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

    fn over_budget(&self) {
        self.over_budget.fetch_add(1, Ordering::Relaxed);
    }
}
