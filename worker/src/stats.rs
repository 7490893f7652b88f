//! What this worker did, counted, for whoever exports metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A count that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// The count so far.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }

    pub(crate) fn increment(&self) {
        self.add(1);
    }
}

/// Counters of one worker process since its start.
#[derive(Debug, Default)]
pub struct Stats {
    /// Hints that won their run.
    pub claims: Counter,
    /// Hints that won nothing: stale, or another worker was faster.
    pub empty_claims: Counter,
    /// Journal rows committed by appends.
    pub appends: Counter,
    /// Runs parked.
    pub parks: Counter,
    /// Runs ended completed.
    pub completed: Counter,
    /// Runs ended faulted.
    pub faulted: Counter,
    /// Runs ended cancelled.
    pub cancelled: Counter,
    /// Runs given back: drain, a crash of the interpreter, orphans.
    pub released: Counter,
    /// Parks and ends refused because the inbox had moved; each was folded and tried again.
    pub inbox_moved: Counter,
    /// Times the inbox of a run was read while its call was running.
    pub inbox_looks: Counter,
    /// Writes refused because the epoch was over, and runs seen to be no longer ours (I3).
    pub fenced: Counter,
    /// Attempts of activities and HTTP calls begun.
    pub attempts: Counter,
    /// Attempts that failed; HTTP calls that were answered with an error among them.
    pub failed_attempts: Counter,
    /// Attempts stopped from outside: timeout, cancel, drain, lease.
    pub stopped_attempts: Counter,
    /// Runs ended before a call because a budget is used up.
    pub budget_stops: Counter,
    /// Panics caught, of activities and of the interpreter.
    pub panics: Counter,
    /// Writes submitted again because too many waited already.
    pub store_retries: Counter,
}
