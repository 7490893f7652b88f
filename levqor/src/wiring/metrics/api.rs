//! Figures of an API process.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use levqor_api::{Observer, Served};
use levqor_telemetry::Metrics;
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram},
};

use super::number;

/// Told by the API.
pub(crate) struct ApiFigures {
    requests: Histogram<f64>,
    hints_dropped: Arc<AtomicU64>,
    over_budget: Arc<AtomicU64>,
    shed: Counter<u64>,
    backlog: Backlog,
}

/// Runs of each of [`PRIORITIES`]; [`UNSEEN`] before somebody has looked.
type Backlog = Arc<[AtomicU64; 3]>;

const PRIORITIES: [&str; 3] = ["high", "normal", "low"];
const UNSEEN: u64 = u64::MAX;

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
            shed: shed(metrics),
            backlog: backlog(metrics),
        }
    }
}

/// Each priority is there from the beginning, as 0.
fn shed(metrics: &Metrics) -> Counter<u64> {
    let shed = metrics.counters(
        "levqor_intake_shed_runs_total",
        "Runs refused at intake because the backlog of their priority is full, items of batches each, by priority.",
    );
    for priority in PRIORITIES {
        shed.add(0, &[KeyValue::new("priority", priority)]);
    }
    shed
}

fn backlog(metrics: &Metrics) -> Backlog {
    let backlog: Backlog = Arc::new([const { AtomicU64::new(UNSEEN) }; 3]);
    let read = Arc::clone(&backlog);
    metrics.gauges(
        "levqor_backlog_ready",
        "Runs that waited for a worker when this process last looked, by priority; of more than its bound, the bound. Nobody \
         looks while nothing is sent.",
        move || {
            let all = PRIORITIES.into_iter().zip(read.iter().map(|runs| runs.load(Ordering::Relaxed)));
            let seen = all.filter(|(_, runs)| *runs != UNSEEN);
            let figure = |(priority, runs)| {
                let labels = vec![KeyValue::new("priority", priority)];
                (labels, number(i64::try_from(runs).unwrap_or(i64::MAX)))
            };
            seen.map(figure).collect()
        },
    );
    backlog
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

    fn shed(&self, priority: &'static str, runs: u64) {
        self.shed.add(runs, &[KeyValue::new("priority", priority)]);
    }

    fn backlog(&self, priority: &'static str, runs: u64) {
        let of = PRIORITIES
            .iter()
            .zip(self.backlog.iter())
            .filter(|(name, _)| **name == priority);
        of.for_each(|(_, seen)| seen.store(runs, Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_there_from_the_beginning_and_a_backlog_once_somebody_has_looked() {
        let metrics = Metrics::new("test", "0").unwrap();
        let figures = ApiFigures::new(&metrics);
        figures.shed("low", 500);
        figures.backlog("normal", 7);
        let text = metrics.render();
        for line in [
            "levqor_intake_shed_runs_total{priority=\"low\"} 500",
            "levqor_intake_shed_runs_total{priority=\"high\"} 0",
            "levqor_backlog_ready{priority=\"normal\"} 7",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        assert!(
            !text.contains("levqor_backlog_ready{priority=\"high\"}"),
            "{text}"
        );
    }
}
