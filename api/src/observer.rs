//! Where the API reports, for metrics.

use std::time::Duration;

/// A request that was answered.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    /// Operation id of the OpenAPI document; `none` when no operation was reached. A small, fixed set.
    pub operation: &'static str,
    /// HTTP status.
    pub status: u16,
    /// From the head of the request to the head of the answer.
    pub took: Duration,
}

/// Told of what the API does. Called often: count, do not work.
pub trait Observer: Send + Sync + 'static {
    /// A request was answered.
    fn served(&self, served: &Served);

    /// Hints that were not pushed: the queue has a backlog or did not answer. The relay orders those runs.
    fn hints_dropped(&self, count: usize);

    /// A run was refused because a budget is used up.
    fn over_budget(&self);
}

/// Nobody listens.
impl Observer for () {
    fn served(&self, _: &Served) {}

    fn hints_dropped(&self, _: usize) {}

    fn over_budget(&self) {}
}
