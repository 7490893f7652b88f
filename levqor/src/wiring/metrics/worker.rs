//! Figures of a worker process.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use levqor_expressions::Evaluator;
use levqor_store::{RunState, StoreError, batch};
use levqor_telemetry::{Few, Metrics};
use levqor_worker::{Attempted, Ended, Observer, Stats, WorkerHandle, stats::Counter};
use opentelemetry::{
    KeyValue,
    metrics::{Counter as Count, Histogram},
};

use super::{BatchFigures, gauge};
use crate::wiring::Parts;

/// Most workflows that have series of their own in a process.
const WORKFLOWS: usize = 100;

/// Most names of activities that have: more than there are, since documents may name some that are not there.
const CALLS: usize = 100;

/// What the worker has counted by itself.
pub(crate) fn worker(parts: &Parts, worker: &WorkerHandle) {
    counted(
        &parts.metrics,
        &worker.stats(),
        Some(parts.evaluator.clone()),
        worker.busy_now(),
        parts.config.slots,
    );
}

pub(super) fn counted(
    metrics: &Metrics,
    stats: &Arc<Stats>,
    evaluator: Option<Evaluator>,
    busy: impl Fn() -> usize + Send + Sync + 'static,
    slots: usize,
) {
    for (name, help, counter) in COUNTED {
        let stats = stats.clone();
        metrics.counter(name, help, move || counter(&stats).get());
    }
    metrics.gauge("levqor_slots_busy", "Runs this worker holds.", move || {
        Some(gauge(busy()))
    });
    metrics.gauge("levqor_slots", "Runs this worker can hold at once.", move || {
        Some(gauge(slots))
    });
    let deaths = move || {
        evaluator
            .as_ref()
            .map_or(0, |e| e.stats().deaths.load(Ordering::Relaxed))
    };
    metrics.counter(
        "levqor_expression_helper_deaths_total",
        "Helpers lost to an expression.",
        deaths,
    );
}

/// A counter's name, its HELP line and where its value is kept.
type Row = (&'static str, &'static str, fn(&Stats) -> &Counter);

const COUNTED: [Row; 11] = [
    ("levqor_claims_total", "Runs claimed.", |s| &s.claims),
    (
        "levqor_empty_claims_total",
        "Hints that won no run: stale or doubled.",
        |s| &s.empty_claims,
    ),
    (
        "levqor_appends_total",
        "Journal rows appended to live runs.",
        |s| &s.appends,
    ),
    ("levqor_parks_total", "Runs parked on timers or events.", |s| {
        &s.parks
    }),
    ("levqor_runs_released_total", "Runs given back unfinished.", |s| {
        &s.released
    }),
    (
        "levqor_fenced_writes_total",
        "Writes refused because their epoch was over.",
        |s| &s.fenced,
    ),
    (
        "levqor_attempts_total",
        "Attempts of activities and HTTP calls.",
        |s| &s.attempts,
    ),
    (
        "levqor_attempts_failed_total",
        "Attempts that failed; HTTP calls that were answered with 400 or more among them.",
        |s| &s.failed_attempts,
    ),
    (
        "levqor_budget_stops_total",
        "Runs ended before a call because a budget is used up.",
        |s| &s.budget_stops,
    ),
    (
        "levqor_panics_total",
        "Panics caught in activities and the interpreter.",
        |s| &s.panics,
    ),
    (
        "levqor_store_retries_total",
        "Submissions repeated because a batcher was full or the database away.",
        |s| &s.store_retries,
    ),
];

/// Told by the worker as things happen.
pub(crate) struct WorkerFigures {
    batches: Arc<BatchFigures>,
    started: Histogram<f64>,
    attempts: Histogram<f64>,
    ended: Count<u64>,
    runs: Histogram<f64>,
    workflows: Few,
    calls: Few,
}

impl WorkerFigures {
    pub(crate) fn new(metrics: &Metrics, batches: Arc<BatchFigures>) -> Self {
        Self {
            batches,
            started: metrics.histogram(
                "levqor_run_start_latency_seconds",
                "From a run's acceptance, or its run_at, to its first claim.",
            ),
            attempts: metrics.histogram(
                "levqor_step_duration_seconds",
                "Time of an attempt of an activity or an HTTP call, by activity and outcome: http that is answered with 400 or more failed.",
            ),
            ended: metrics.counters(
                "levqor_runs_ended_total",
                "Runs ended, by workflow (the first hundred seen, then other) and state: faulted are the dead letters.",
            ),
            runs: metrics.histogram(
                "levqor_run_duration_seconds",
                "From a run's acceptance to its end, waits included, by state.",
            ),
            workflows: Few::new(WORKFLOWS),
            calls: Few::new(CALLS),
        }
    }
}

impl Observer for WorkerFigures {
    fn started(&self, waited: Duration) {
        self.started.record(waited.as_secs_f64(), &[]);
    }

    fn attempted(&self, attempted: &Attempted<'_>) {
        let outcome = if attempted.failed { "failed" } else { "succeeded" };
        let labels = [
            KeyValue::new("activity", self.calls.label(attempted.call)),
            KeyValue::new("outcome", outcome),
        ];
        self.attempts.record(attempted.took.as_secs_f64(), &labels);
    }

    fn ended(&self, ended: &Ended<'_>) {
        let state = KeyValue::new("state", RunState::from(ended.state).as_str());
        let workflow = self.workflows.label(ended.workflow.unwrap_or("unknown"));
        self.runs
            .record(ended.took.as_secs_f64(), std::slice::from_ref(&state));
        self.ended.add(1, &[KeyValue::new("workflow", workflow), state]);
    }
}

impl batch::Observer for WorkerFigures {
    fn committed(&self, batcher: &'static str, rows: usize, took: Duration) {
        self.batches.committed(batcher, rows, took);
    }

    fn failed(&self, batcher: &'static str, rows: usize, error: &StoreError) {
        self.batches.failed(batcher, rows, error);
    }
}
