//! How patient the services are. The defaults are those of docs/PROTOCOL.md.

use std::time::Duration;

use levqor_autoscaler::Settings;
use levqor_ledger::Accounting;
use levqor_trace::Tracer;

/// Times and sizes of the scheduler.
#[derive(Clone, Debug)]
pub struct SchedulerOptions {
    /// How long a leader lease holds without renewal; another scheduler takes over after it.
    pub leader_lease: Duration,
    /// A worker whose beat stands still this long, watched on this process's monotonic clock, is dead.
    pub worker_lease: Duration,
    /// Most hints that may wait in the queue.
    pub queue_cap: usize,
    /// Most outbox messages sent at once.
    pub outbox_parallel: usize,
    /// Time one callback may take.
    pub callback_timeout: Duration,
    /// Currency, prices and values of the books.
    pub accounting: Accounting,
    /// Which traces are recorded.
    pub tracer: Tracer,
    /// Length of the slots in which the status of the service is measured, once in each; zero: not at all.
    pub status_interval: Duration,
    /// How many workers there should be.
    pub autoscaling: Autoscaling,
}

/// What the autoscaler goes by, beside the prices of [`Accounting`].
#[derive(Clone, Debug, PartialEq)]
pub struct Autoscaling {
    /// Whether to decide at all.
    pub on: bool,
    /// Bounds and habits.
    pub settings: Settings,
    /// Slots of a worker while none is alive to tell; at least 1.
    pub slots: u32,
    /// What an hour of waiting of a run costs whose document does not say, in minor units.
    pub delay_cost_per_hour: i64,
}

impl Default for Autoscaling {
    /// On, with a minor unit for every 36 seconds of waiting.
    fn default() -> Self {
        Self {
            on: true,
            settings: Settings::default(),
            slots: 512,
            delay_cost_per_hour: 100,
        }
    }
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        Self {
            leader_lease: Duration::from_secs(3),
            worker_lease: Duration::from_secs(10),
            queue_cap: 2_000,
            outbox_parallel: 32,
            callback_timeout: Duration::from_secs(10),
            accounting: Accounting::default(),
            tracer: Tracer::default(),
            status_interval: Duration::from_mins(5),
            autoscaling: Autoscaling::default(),
        }
    }
}
