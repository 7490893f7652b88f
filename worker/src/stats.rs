//! What this worker did, counted, for whoever exports metrics.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Upper bounds of the buckets of [`Stats::call_seconds`], in milliseconds; the last bucket has none.
pub const CALL_BUCKETS_MS: [u64; 11] = [1, 5, 10, 25, 50, 100, 250, 1_000, 5_000, 30_000, 300_000];

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

/// How long things took.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; CALL_BUCKETS_MS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    pub(crate) fn record(&self, took: Duration) {
        let millis = took.as_millis();
        let bucket = CALL_BUCKETS_MS
            .iter()
            .filter(|&&bound| u128::from(bound) < millis)
            .count();
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.micros
            .fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    /// How many fell into each bucket (not cumulative), the unbounded one last.
    pub fn buckets(&self) -> [u64; CALL_BUCKETS_MS.len() + 1] {
        std::array::from_fn(|i| self.buckets[i].load(Relaxed))
    }

    /// Sum of all durations.
    pub fn total(&self) -> Duration {
        Duration::from_micros(self.micros.load(Relaxed))
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
    /// Attempts that failed.
    pub failed_attempts: Counter,
    /// Attempts stopped from outside: timeout, cancel, drain, lease.
    pub stopped_attempts: Counter,
    /// Panics caught, of activities and of the interpreter.
    pub panics: Counter,
    /// Writes submitted again because too many waited already.
    pub store_retries: Counter,
    /// How long attempts took.
    pub call_seconds: Histogram,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_bucket_that_holds_it() {
        let histogram = Histogram::default();
        histogram.record(Duration::from_millis(1));
        histogram.record(Duration::from_millis(30));
        histogram.record(Duration::from_hours(1));
        assert_eq!(histogram.buckets(), [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(histogram.total(), Duration::from_millis(3_600_031));
    }
}
