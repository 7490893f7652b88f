//! Counters of the scheduler, read by the metrics endpoint.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Totals since the process started, and the term it leads under.
#[derive(Debug, Default)]
pub struct SchedulerStats {
    /// Term held, 0 when following.
    pub term: AtomicI64,
    /// Timers fired.
    pub timers_fired: AtomicU64,
    /// Hints pushed by the relay.
    pub hints_relayed: AtomicU64,
    /// Workers declared dead.
    pub workers_buried: AtomicU64,
    /// Runs freed from dead workers.
    pub runs_rescued: AtomicU64,
    /// Runs started by schedules.
    pub ticks: AtomicU64,
    /// Callbacks answered with 2xx.
    pub callbacks_sent: AtomicU64,
    /// Callback tries that failed.
    pub callbacks_failed: AtomicU64,
    /// Callbacks that will not be tried again.
    pub callbacks_given_up: AtomicU64,
    /// Mails that the transport took.
    pub mails_sent: AtomicU64,
    /// Tries of mails that failed and are repeated.
    pub mails_failed: AtomicU64,
    /// Mails that will not be tried again.
    pub mails_given_up: AtomicU64,
    /// Mails not sent because their address is suppressed or consent is missing.
    pub mails_withheld: AtomicU64,
    /// Emitted events ingested.
    pub events_ingested: AtomicU64,
    /// Rows that Notion has now.
    pub notion_synced: AtomicU64,
    /// Tries of rows for Notion that failed and are repeated.
    pub notion_failed: AtomicU64,
    /// Rows swept.
    pub rows_swept: AtomicU64,
}

impl SchedulerStats {
    pub(crate) fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }
}
