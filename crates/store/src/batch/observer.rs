//! Where batchers report, for metrics.

use std::time::Duration;

use crate::StoreError;

/// Told of every try to commit. Called often: count, do not work.
pub trait Observer: Send + Sync + 'static {
    /// A batch of `rows` was committed by a try that took `took`.
    fn committed(&self, batcher: &'static str, rows: usize, took: Duration);

    /// A try of `rows` failed; it is repeated, split or given up.
    fn failed(&self, batcher: &'static str, rows: usize, error: &StoreError);
}

/// Nobody listens.
impl Observer for () {
    fn committed(&self, _: &'static str, _: usize, _: Duration) {}

    fn failed(&self, _: &'static str, _: usize, _: &StoreError) {}
}
