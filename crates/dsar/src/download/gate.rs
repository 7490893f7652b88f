//! How many codes are hashed at once: each takes a processor for a good part of a second, and callers need no key.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{DsarError, Refusal};

/// Two at work, thirty more waiting. Cheap to clone; one for a process.
#[derive(Clone, Debug)]
pub struct Gate {
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            working: Arc::new(Semaphore::new(2)),
            waiting: Arc::new(Semaphore::new(32)),
        }
    }
}

impl Gate {
    /// Does the work on a thread of its own when its turn has come.
    pub(super) async fn pass<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DsarError> {
        let _place = self.waiting.try_acquire().map_err(|_| Refusal::Busy)?;
        let turn = self
            .working
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| DsarError::BrokenOff)?;
        // The turn goes with the work: a caller that hangs up does not make room for another.
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| DsarError::BrokenOff)
    }
}
