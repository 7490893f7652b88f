//! Counting requests over the last minute without remembering each: this minute's count, and the last one's in
//! proportion to how much of it still lies within sixty seconds.

use std::time::Duration;

const MINUTE_MS: u64 = 60_000;

/// Requests of one caller.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    start_ms: u64,
    current: u32,
    previous: u32,
}

/// What became of a request, for the X-RateLimit headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Requests a minute.
    pub limit: u32,
    /// Still free now; None: this one is refused.
    pub remaining: Option<u32>,
    /// Seconds until the count starts anew, or, when refused, until one more is taken.
    pub seconds: u64,
}

impl Window {
    pub(super) fn new(now: Duration) -> Self {
        Self {
            start_ms: millis(now),
            ..Self::default()
        }
    }

    /// Counts a request when the limit allows it.
    pub(super) fn take(&mut self, now: Duration, limit: u32) -> Verdict {
        let now = millis(now);
        self.roll(now);
        let into = now.saturating_sub(self.start_ms);
        let used = self.used(into);
        if used >= limit {
            return Verdict {
                limit,
                remaining: None,
                seconds: self.wait(into, limit).div_ceil(1000).max(1),
            };
        }
        self.current += 1;
        let seconds = (MINUTE_MS - into.min(MINUTE_MS)).div_ceil(1000).max(1);
        Verdict {
            limit,
            remaining: Some(limit - used - 1),
            seconds,
        }
    }

    /// Whether it still says anything.
    pub(super) fn idle(&self, now: Duration) -> bool {
        millis(now).saturating_sub(self.start_ms) >= 2 * MINUTE_MS
    }

    fn roll(&mut self, now: u64) {
        let minutes = now.saturating_sub(self.start_ms) / MINUTE_MS;
        if minutes > 0 {
            self.previous = if minutes == 1 { self.current } else { 0 };
            self.current = 0;
            self.start_ms += minutes * MINUTE_MS;
        }
    }

    /// Requests within the last minute, `into` milliseconds after the start of this one.
    fn used(&self, into: u64) -> u32 {
        let old = u64::from(self.previous) * (MINUTE_MS - into) / MINUTE_MS;
        self.current
            .saturating_add(u32::try_from(old).unwrap_or(u32::MAX))
    }

    /// Milliseconds until a request is taken again.
    fn wait(&self, into: u64, limit: u32) -> u64 {
        if self.current >= limit || self.previous == 0 {
            return MINUTE_MS - into + 1;
        }
        let free = u64::from(limit - self.current);
        let share = MINUTE_MS - free * MINUTE_MS / u64::from(self.previous).max(1).max(free);
        share.saturating_sub(into) + 1
    }
}

fn millis(at: Duration) -> u64 {
    u64::try_from(at.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn taken(window: &mut Window, now: Duration, limit: u32) -> usize {
        std::iter::from_fn(|| window.take(now, limit).remaining).count()
    }

    #[test]
    fn takes_exactly_the_limit_in_the_first_minute() {
        let mut window = Window::new(at(100));
        assert_eq!(taken(&mut window, at(100), 20), 20);
        assert_eq!(taken(&mut window, at(159), 20), 0);
        assert_eq!(
            window.take(at(130), 20),
            Verdict {
                limit: 20,
                remaining: None,
                seconds: 31
            }
        );
    }

    #[test]
    fn the_last_minute_fades_out() {
        let mut window = Window::new(at(0));
        taken(&mut window, at(0), 20);
        assert_eq!(taken(&mut window, at(90), 20), 10);
        assert_eq!(taken(&mut window, at(119), 20), 10);
    }

    #[test]
    fn after_two_idle_minutes_all_is_free_again() {
        let mut window = Window::new(at(0));
        taken(&mut window, at(0), 20);
        assert!(!window.idle(at(119)));
        assert!(window.idle(at(120)));
        assert_eq!(taken(&mut window, at(120), 20), 20);
    }

    #[test]
    fn waiting_as_told_is_enough_and_one_second_less_is_not_always() {
        for (first, then) in [(0, 30), (0, 61), (0, 75), (10, 119)] {
            let mut window = Window::new(at(first));
            taken(&mut window, at(first), 20);
            taken(&mut window, at(then), 20);
            let refused = window.take(at(then), 20);
            assert_eq!(refused.remaining, None);
            let again = window.take(at(then + refused.seconds), 20);
            assert!(again.remaining.is_some(), "{first} {then} {refused:?}");
        }
    }

    #[test]
    fn remaining_counts_down_and_the_reset_lies_within_the_minute() {
        let mut window = Window::new(at(5));
        assert_eq!(
            window.take(at(5), 2),
            Verdict {
                limit: 2,
                remaining: Some(1),
                seconds: 60
            }
        );
        assert_eq!(
            window.take(at(25), 2),
            Verdict {
                limit: 2,
                remaining: Some(0),
                seconds: 40
            }
        );
        assert_eq!(window.take(at(25), 0).remaining, None);
    }
}
