//! Waiting for the API's looks at the backlog.

use levqor_api::{Observer, Served};
use tokio::sync::watch;

/// Counts looks.
#[derive(Default)]
pub(crate) struct Looks(watch::Sender<usize>);

impl Looks {
    /// Looks so far.
    pub(crate) fn count(&self) -> usize {
        *self.0.borrow()
    }

    /// Returns when there have been more looks than so many.
    pub(crate) async fn after(&self, count: usize) {
        self.0.subscribe().wait_for(|looks| *looks > count).await.unwrap();
    }
}

impl Observer for Looks {
    fn served(&self, _: &Served) {}

    fn hints_dropped(&self, _: usize) {}

    fn over_budget(&self) {}

    fn shed(&self, _: &'static str, _: u64) {}

    fn backlog(&self, _: &'static str, _: u64) {
        self.0.send_modify(|looks| *looks += 1);
    }
}
