//! Attempts that fail while what they call is down.

use crate::{num, trace::Trace};

/// An outage in whole milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outage {
    class: usize,
    from_ms: u64,
    to_ms: u64,
    attempt_ms: u64,
    retry_ms: u64,
    retry_max_ms: u64,
}

impl Outage {
    pub(super) fn all(trace: &Trace) -> Vec<Self> {
        let outage = |outage: &crate::trace::Outage| {
            Some(Self {
                class: trace.class(&outage.class)?,
                from_ms: num::millis(outage.from_s),
                to_ms: num::millis(outage.to_s),
                attempt_ms: num::millis(outage.attempt_s).max(1),
                retry_ms: num::millis(outage.retry_s),
                retry_max_ms: num::millis(outage.retry_max_s),
            })
        };
        trace.outages.iter().filter_map(outage).collect()
    }

    /// Whether an attempt of a class that starts now fails.
    pub(super) const fn hits(&self, class: usize, now_ms: u64) -> bool {
        self.class == class && self.from_ms <= now_ms && now_ms < self.to_ms
    }

    /// Milliseconds that a failing attempt holds its slot.
    pub(super) const fn attempt_ms(&self) -> u64 {
        self.attempt_ms
    }

    /// Milliseconds from the failure of attempt `attempt` (0 is the first) until the next.
    pub(super) fn backoff_ms(&self, attempt: u32) -> u64 {
        let doubled = self.retry_ms.saturating_mul(1 << attempt.min(30));
        doubled.min(self.retry_max_ms)
    }
}
