//! Time as an argument. Nothing stored or compared in the store comes from here: that is the store's own clock.

use std::time::Duration;

/// The clock of this process. Its wall time ([`levqor_store::Clock::now`]) is only shown to people.
pub trait ProcessClock: levqor_store::Clock {
    /// Time since some moment before this process served anything; never goes back. For caches, limits, durations.
    fn elapsed(&self) -> Duration;
}
