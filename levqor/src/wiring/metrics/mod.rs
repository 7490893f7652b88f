//! Which figures of the roles become metrics.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use levqor_api::{Observer, Served};
use levqor_expressions::Evaluator;
use levqor_scheduler::{SchedulerHandle, SchedulerStats};
use levqor_telemetry::Metrics;
use levqor_worker::{Stats, WorkerHandle, stats::Counter};
use opentelemetry::{KeyValue, metrics::Histogram};

use super::Parts;

/// Figures of a worker process.
pub(crate) fn worker(parts: &Parts, worker: &WorkerHandle) {
    let slots = parts.config.slots;
    worker_metrics(
        &parts.metrics,
        &worker.stats(),
        Some(parts.evaluator.clone()),
        worker.busy_now(),
        slots,
    );
}

fn worker_metrics(
    metrics: &Metrics,
    stats: &Arc<Stats>,
    evaluator: Option<Evaluator>,
    busy: impl Fn() -> usize + Send + Sync + 'static,
    slots: usize,
) {
    for (name, help, counter) in WORKER {
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

const WORKER: [Row; 13] = [
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
    ("levqor_runs_completed_total", "Runs ended with an output.", |s| {
        &s.completed
    }),
    (
        "levqor_runs_faulted_total",
        "Runs ended with an error: the dead letters.",
        |s| &s.faulted,
    ),
    ("levqor_runs_cancelled_total", "Runs ended by request.", |s| {
        &s.cancelled
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
    ("levqor_attempts_failed_total", "Attempts that failed.", |s| {
        &s.failed_attempts
    }),
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

/// A count as a gauge shows it.
fn gauge(count: usize) -> f64 {
    u32::try_from(count).unwrap_or(u32::MAX).into()
}

/// Figures of a scheduler process.
pub(crate) fn scheduler(parts: &Parts, scheduler: &SchedulerHandle) {
    scheduler_metrics(&parts.metrics, &scheduler.stats);
}

fn scheduler_metrics(metrics: &Metrics, stats: &Arc<SchedulerStats>) {
    let leads = stats.clone();
    let leads = move || Some(f64::from(u8::from(leads.term.load(Ordering::Relaxed) > 0)));
    metrics.gauge("levqor_leader", "1 while this scheduler leads.", leads);
    for (name, help, counter) in SCHEDULER {
        let stats = stats.clone();
        metrics.counter(name, help, move || counter(&stats).load(Ordering::Relaxed));
    }
}

/// A counter's name, its HELP line and where its value is kept.
type SchedulerRow = (
    &'static str,
    &'static str,
    fn(&SchedulerStats) -> &std::sync::atomic::AtomicU64,
);

const SCHEDULER: [SchedulerRow; 16] = [
    (
        "levqor_timers_fired_total",
        "Timers delivered to their runs.",
        |s| &s.timers_fired,
    ),
    (
        "levqor_hints_relayed_total",
        "Hints pushed from the backlog.",
        |s| &s.hints_relayed,
    ),
    ("levqor_workers_buried_total", "Workers declared dead.", |s| {
        &s.workers_buried
    }),
    (
        "levqor_runs_rescued_total",
        "Runs freed from dead workers.",
        |s| &s.runs_rescued,
    ),
    ("levqor_ticks_total", "Runs started by schedules.", |s| &s.ticks),
    (
        "levqor_callbacks_sent_total",
        "Callbacks answered with 2xx.",
        |s| &s.callbacks_sent,
    ),
    (
        "levqor_callbacks_failed_total",
        "Tries of callbacks that failed.",
        |s| &s.callbacks_failed,
    ),
    (
        "levqor_callbacks_given_up_total",
        "Callbacks that will not be tried again: each is an error in the log.",
        |s| &s.callbacks_given_up,
    ),
    ("levqor_mails_sent_total", "Mails that the transport took.", |s| {
        &s.mails_sent
    }),
    (
        "levqor_mails_failed_total",
        "Tries of mails that failed and are repeated.",
        |s| &s.mails_failed,
    ),
    (
        "levqor_mails_given_up_total",
        "Mails that will not be tried again: each is an error in the log.",
        |s| &s.mails_given_up,
    ),
    (
        "levqor_mails_withheld_total",
        "Mails not sent because their address is suppressed or consent is missing.",
        |s| &s.mails_withheld,
    ),
    (
        "levqor_events_ingested_total",
        "Emitted events delivered to subscriptions.",
        |s| &s.events_ingested,
    ),
    (
        "levqor_notion_rows_synced_total",
        "Rows that Notion has now.",
        |s| &s.notion_synced,
    ),
    (
        "levqor_notion_rows_failed_total",
        "Tries of rows for Notion that failed and are repeated.",
        |s| &s.notion_failed,
    ),
    (
        "levqor_rows_swept_total",
        "Rows deleted because they had outlived their purpose.",
        |s| &s.rows_swept,
    ),
];

/// The page of all metrics.
pub(crate) fn reference() -> anyhow::Result<String> {
    let metrics = Metrics::new("reference", env!("CARGO_PKG_VERSION"))
        .map_err(|error| anyhow::anyhow!("metrics cannot be set up: {error}"))?;
    worker_metrics(&metrics, &Arc::default(), None, || 0, 0);
    scheduler_metrics(&metrics, &Arc::default());
    ApiFigures::new(&metrics);
    let mut page =
        "# Metrics\n\nMade by `levqor reference`. Each process serves its own on `/metrics`: the API on its \
         address, workers and schedulers on `metrics_listen`.\n\n| name | kind | what |\n|---|---|---|\n"
            .to_owned();
    for metric in metrics.known() {
        // Writing to a String cannot fail.
        let _written = writeln!(
            page,
            "| `{}` | {:?} | {} |",
            metric.name, metric.kind, metric.help
        );
    }
    Ok(page)
}

/// Figures of an API process.
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
