//! Time that stands still until it is moved.

use std::{
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    time::Duration,
};

use levqor_api::ProcessClock;
use levqor_store::{Clock, Timestamp};

/// 2026-01-01T00:00:00Z in microseconds.
const START: i64 = 1_767_225_600_000_000;

/// A clock for tests.
#[derive(Default)]
pub(crate) struct ManualClock(AtomicU64);

impl ManualClock {
    /// Where it starts, in microseconds since the Unix epoch.
    pub(crate) const START_MICROS: i64 = START;

    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(u64::try_from(by.as_micros()).unwrap(), SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(START + i64::try_from(self.0.load(SeqCst)).unwrap())
    }
}

impl ProcessClock for ManualClock {
    fn elapsed(&self) -> Duration {
        Duration::from_micros(self.0.load(SeqCst))
    }
}
