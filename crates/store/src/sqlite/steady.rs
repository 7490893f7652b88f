//! The store's clock: the one it was given, but never backwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::{Clock, Timestamp};

/// A clock that stands still where the one below it jumps back.
pub(super) struct Steady {
    clock: Arc<dyn Clock>,
    latest: AtomicI64,
}

impl Steady {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            latest: AtomicI64::new(i64::MIN),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        let now = self.clock.now().0;
        Timestamp(self.latest.fetch_max(now, Ordering::Relaxed).max(now))
    }
}
