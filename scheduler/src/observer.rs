//! Where a scheduler reports how punctual it is and what it books, for metrics.

use std::time::Duration;

use levqor_ledger::Booked;

/// Told of what came due and what was booked. Called often: count, do not work.
pub trait Observer: Send + Sync + 'static {
    /// Timers were fired, the oldest of them so long after it was due.
    fn timers_fired(&self, late: Duration);

    /// A schedule's tick was started so long after it was due.
    fn ticked(&self, late: Duration);

    /// What ended runs and sent mails used was booked.
    fn booked(&self, booked: &Booked);
}

/// Nobody listens.
impl Observer for () {
    fn timers_fired(&self, _: Duration) {}

    fn ticked(&self, _: Duration) {}

    fn booked(&self, _: &Booked) {}
}
