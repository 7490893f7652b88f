//! What every service of a term holds.

use std::sync::Arc;

use levqor_egress::Egress;
use levqor_mail::Mailer;
use levqor_platform::Platform;
use levqor_queue::{Hint, PRIORITIES, Queue};
use levqor_store::{Ready, Store};
use tokio_util::sync::CancellationToken;

use crate::{Observer, SchedulerOptions, SchedulerStats, seen::Seen, webhook::Signer};

/// One term of leadership.
pub(crate) struct Context {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) queue: Arc<dyn Queue>,
    pub(crate) egress: Egress,
    pub(crate) signer: Option<Signer>,
    pub(crate) mailer: Option<Mailer>,
    pub(crate) notion: Option<Arc<levqor_notion::Sender>>,
    pub(crate) platform: Platform,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) options: SchedulerOptions,
    pub(crate) stats: Arc<SchedulerStats>,
    pub(crate) term: i64,
    /// What one service has read and another may use.
    pub(crate) seen: Seen,
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

#[cfg(test)]
impl Context {
    /// For a test: over its platform, calls to loopback allowed, nothing that a setting switches on.
    pub(crate) fn of(app: &levqor_platform::testing::TestPlatform, term: i64) -> Self {
        Self {
            store: app.store.clone(),
            queue: Arc::new(levqor_queue::MemoryQueue::new()),
            egress: Egress::new(levqor_egress::Policy {
                allow_loopback: true,
                ..levqor_egress::Policy::default()
            }),
            signer: None,
            mailer: None,
            notion: None,
            platform: app.platform.clone(),
            observer: Arc::new(()),
            options: SchedulerOptions::default(),
            stats: Arc::default(),
            term,
            seen: Seen::default(),
            stop: CancellationToken::new(),
        }
    }
}
