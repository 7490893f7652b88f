//! Figures of a scheduler process.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use levqor_ledger::Booked;
use levqor_scheduler::{Observer, SchedulerHandle, SchedulerStats};
use levqor_telemetry::Metrics;
use opentelemetry::metrics::Histogram;

use super::{autoscaler, fleet, money, money::Books};
use crate::wiring::Parts;

/// What the scheduler has counted by itself.
pub(crate) fn scheduler(parts: &Parts, scheduler: &SchedulerHandle) {
    counted(&parts.metrics, &scheduler.stats);
}

pub(super) fn counted(metrics: &Metrics, stats: &Arc<SchedulerStats>) {
    let leads = stats.clone();
    let leads = move || Some(f64::from(u8::from(leads.term.load(Ordering::Relaxed) > 0)));
    metrics.gauge("levqor_leader", "1 while this scheduler leads.", leads);
    for (name, help, counter) in COUNTED {
        let stats = stats.clone();
        metrics.counter(name, help, move || counter(&stats).load(Ordering::Relaxed));
    }
    fleet::gauges(metrics, stats);
    money::gauges(metrics, stats);
    autoscaler::gauges(metrics, stats);
}

/// A counter's name, its HELP line and where its value is kept.
type Row = (&'static str, &'static str, fn(&SchedulerStats) -> &AtomicU64);

const COUNTED: [Row; 16] = [
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

/// Told by the scheduler as things come due and are booked.
pub(crate) struct SchedulerFigures {
    timers: Histogram<f64>,
    ticks: Histogram<f64>,
    books: Books,
}

impl SchedulerFigures {
    /// `currency` is that of the books.
    pub(crate) fn new(metrics: &Metrics, currency: &str) -> Self {
        Self {
            timers: metrics.histogram(
                "levqor_timer_lateness_seconds",
                "From a timer's due time to its delivery, for the oldest of those delivered at once.",
            ),
            ticks: metrics.histogram(
                "levqor_tick_drift_seconds",
                "From the due time of a schedule's tick to the start of its run.",
            ),
            books: Books::new(metrics, currency),
        }
    }
}

impl Observer for SchedulerFigures {
    fn timers_fired(&self, late: Duration) {
        self.timers.record(late.as_secs_f64(), &[]);
    }

    fn ticked(&self, late: Duration) {
        self.ticks.record(late.as_secs_f64(), &[]);
    }

    fn booked(&self, booked: &Booked) {
        self.books.add(booked);
    }
}
