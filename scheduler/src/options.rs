//! How patient the services are. The defaults are those of docs/PROTOCOL.md.

use std::time::Duration;

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
        }
    }
}
