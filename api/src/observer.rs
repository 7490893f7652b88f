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

    /// Runs were refused because the backlog of their priority (`high`, `normal`, `low`) is full.
    fn shed(&self, priority: &'static str, runs: u64);

    /// So many runs of a priority wait for a worker; of more than its bound, the bound.
    fn backlog(&self, priority: &'static str, runs: u64);
}

/// Nobody listens.
impl Observer for () {
    fn served(&self, _: &Served) {}

    fn hints_dropped(&self, _: usize) {}

    fn over_budget(&self) {}

    fn shed(&self, _: &'static str, _: u64) {}

    fn backlog(&self, _: &'static str, _: u64) {}
}
