//! Where a scheduler reports how punctual it is, for metrics.

use std::time::Duration;

/// Told of what came due. Called often: count, do not work.
pub trait Observer: Send + Sync + 'static {
    /// Timers were fired, the oldest of them so long after it was due.
    fn timers_fired(&self, late: Duration);

    /// A schedule's tick was started so long after it was due.
    fn ticked(&self, late: Duration);
}

/// Nobody listens.
impl Observer for () {
    fn timers_fired(&self, _: Duration) {}

    fn ticked(&self, _: Duration) {}
}
