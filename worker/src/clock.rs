//! The store's clock between two looks at it.

use std::time::Duration;

use levqor_store::Timestamp;
use parking_lot::Mutex;
use tokio::time::Instant;

/// A step backwards of the store's clock that is followed and not smoothed over.
const STEP: Duration = Duration::from_secs(5);

/// As far ahead as a timer in memory needs to reach: no call runs for longer.
const FAR: Duration = Duration::from_hours(365 * 24);

/// The store's `now` at the latest claim plus the monotonic time since. Each claim refreshes it, so it is never
/// ahead of the store by more than the drift between two claims.
#[derive(Debug)]
pub(crate) struct StoreClock {
    last: Mutex<(Timestamp, Instant)>,
}

impl StoreClock {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            last: Mutex::new((now, Instant::now())),
        }
    }

    /// What the store's clock shows about now.
    pub(crate) fn now(&self) -> Timestamp {
        let (at, seen) = *self.last.lock();
        at.after(seen.elapsed())
    }

    /// Takes a fresh reading. One that came late, behind what was already shown, changes nothing.
    pub(crate) fn refresh(&self, now: Timestamp) {
        let mut last = self.last.lock();
        let shown = last.0.after(last.1.elapsed());
        if now >= shown || shown.since(now) > STEP {
            *last = (now, Instant::now());
        }
    }

    /// When, on this process's monotonic clock, the store's will show `at`.
    pub(crate) fn instant(&self, at: Timestamp) -> Instant {
        Instant::now() + at.since(self.now()).min(FAR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_clock_goes_on_between_claims_and_ignores_late_readings() {
        let clock = StoreClock::new(Timestamp(1_000_000));
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), Timestamp(3_000_000));
        clock.refresh(Timestamp(2_500_000));
        assert_eq!(
            clock.now(),
            Timestamp(3_000_000),
            "a reading that took half a second to arrive"
        );
        clock.refresh(Timestamp(4_000_000));
        assert_eq!(clock.now(), Timestamp(4_000_000));
        assert_eq!(
            clock.instant(Timestamp(5_000_000)) - Instant::now(),
            Duration::from_secs(1)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_was_set_back_is_followed() {
        let clock = StoreClock::new(Timestamp(60_000_000));
        clock.refresh(Timestamp(1_000_000));
        assert_eq!(clock.now(), Timestamp(1_000_000));
    }
}
