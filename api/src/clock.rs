//! Time as an argument. Nothing stored or compared in the store comes from here: that is the store's own clock.

use std::time::Duration;

/// The clock of this process. Its wall time ([`levqor_store::Clock::now`]) is only shown to people.
pub trait ProcessClock: levqor_store::Clock {
    /// Time since some moment before this process served anything; never goes back. For caches, limits, durations.
    fn elapsed(&self) -> Duration;
}

/// Follows tokio's clock, which tests pause.
#[cfg(test)]
pub(crate) struct Paused(tokio::time::Instant);

#[cfg(test)]
impl Default for Paused {
    fn default() -> Self {
        Self(tokio::time::Instant::now())
    }
}

#[cfg(test)]
impl levqor_store::Clock for Paused {
    fn now(&self) -> levqor_store::Timestamp {
        levqor_store::Timestamp(0)
    }
}

#[cfg(test)]
impl ProcessClock for Paused {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
