//! Counters of the scheduler, read by the metrics endpoint.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use levqor_autoscaler::Decision;
use levqor_ledger::Overview;
use levqor_store::{Fleet, Timestamp};
use parking_lot::Mutex;

/// What the leader last saw of the whole installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetFigures {
    /// When, by the store's clock.
    pub at: Timestamp,
    /// What waits in the database.
    pub fleet: Fleet,
    /// Hints in the queue; None when it did not answer.
    pub hints: Option<u64>,
    /// Workers alive.
    pub workers: usize,
    /// Runs they can hold.
    pub slots: i64,
    /// Runs they hold.
    pub busy: i64,
}

/// What the leader last saw of the books.
#[derive(Clone, Debug, PartialEq)]
pub struct MoneyFigures {
    /// Of all amounts, ISO 4217.
    pub currency: String,
    /// Today's value and cost, and the budgets.
    pub overview: Overview,
}

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
    /// None while another scheduler leads: figures of the fleet come from one process, so that sums do not double.
    pub fleet: Mutex<Option<FleetFigures>>,
    /// None while another scheduler leads, and before the first look.
    pub money: Mutex<Option<MoneyFigures>>,
    /// The last decision of this term; None while another scheduler leads, before the first look and while it is off.
    pub autoscaler: Mutex<Option<Decision>>,
}

impl SchedulerStats {
    pub(crate) fn add(counter: &AtomicU64, count: usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }
}
