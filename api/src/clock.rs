//! Time as an argument. Nothing stored or compared in the store comes from here: that is the store's own clock.

use std::time::Duration;

use levqor_store::Timestamp;

/// A clock of this process.
pub trait Clock: Send + Sync + 'static {
    /// Time since some moment before this process served anything; never goes back. For caches, limits, durations.
    fn elapsed(&self) -> Duration;

    /// Wall time, to be shown to people.
    fn wall(&self) -> Timestamp;
}
