//! What every service of a term holds.

use std::sync::Arc;

use levqor_egress::Egress;
use levqor_queue::{Hint, PRIORITIES, Queue};
use levqor_store::{Ready, Store};
use tokio_util::sync::CancellationToken;

use crate::{SchedulerOptions, SchedulerStats, webhook::Signer};

/// One term of leadership.
pub(crate) struct Context {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) egress: Egress,
    pub(crate) signer: Option<Signer>,
    pub(crate) options: SchedulerOptions,
    pub(crate) stats: Arc<SchedulerStats>,
    pub(crate) term: i64,
    /// Cancelled when the term is over or the process stops.
    pub(crate) stop: CancellationToken,
}

impl Context {
    /// Rings the queue for runs that became ready. A queue that is down is no error: the relay looks again.
    pub(crate) async fn ring(&self, ready: &[Ready]) {
        for priority in (0..).take(PRIORITIES) {
            let hints: Vec<Hint> = ready
                .iter()
                .filter(|r| r.priority == priority)
                .map(|r| Hint {
                    run: r.run.0,
                    epoch: r.epoch,
                })
                .collect();
            if hints.is_empty() {
                continue;
            }
            if let Err(error) = self.queue.push(priority, &hints).await {
                tracing::debug!(%error, hints = hints.len(), "hints not pushed");
            }
        }
    }
}
