//! The one clock of the caller's side: microseconds since the verification began, which no jump of a wall clock moves.

use std::time::Instant;

/// Started once, copied to whoever writes a time into the history.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts at 0.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Microseconds since the start.
    pub fn micros(self) -> u64 {
        self.of(Instant::now())
    }

    /// When `at` was, in microseconds since the start; 0 when it was before.
    pub fn of(self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.0);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
}
