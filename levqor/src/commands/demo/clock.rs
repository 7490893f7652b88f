//! A clock that can be turned forward.

use std::sync::atomic::{AtomicI64, Ordering::SeqCst};

use levqor_store::{Clock, Timestamp};

use crate::system::SystemClock;

/// The machine's time, and how far it was turned.
#[derive(Debug, Default)]
pub(super) struct TurnedClock(AtomicI64);

impl TurnedClock {
    /// Forward to this time; not backward.
    pub(super) fn turn_to(&self, to: Timestamp) {
        let by = to.0 - self.now().0;
        self.0.fetch_add(by.max(0), SeqCst);
    }
}

impl Clock for TurnedClock {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 + self.0.load(SeqCst))
    }
}
