//! A running worker, from outside.

use std::{sync::Arc, time::Duration};

use levqor_store::WorkerId;
use tokio::{
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{activity::ProgressMap, releases, shared::Shared, stats::Stats};

/// How long each step after the grace of a drain may take: dropping calls, last commits, releases.
const AFTER_GRACE: Duration = Duration::from_secs(3);

/// A running worker. Dropping it does not stop the worker: [`WorkerHandle::drain`] or [`WorkerHandle::abort`] does.
pub struct WorkerHandle {
    pub(crate) shared: Arc<Shared>,
    pub(crate) fetching: JoinHandle<()>,
    pub(crate) releasing: JoinHandle<()>,
    pub(crate) housekeeping: JoinSet<()>,
    pub(crate) stop_beats: CancellationToken,
}

/// What a drain did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Runs given back to other workers.
    pub released: u64,
    /// Every run came to a commit or was given back; if not, the rescuer frees what is left.
    pub complete: bool,
}

impl WorkerHandle {
    /// This process's id in the store; made at its start, never used again.
    pub fn id(&self) -> WorkerId {
        self.shared.id
    }

    /// What it did so far.
    pub fn stats(&self) -> Arc<Stats> {
        self.shared.stats.clone()
    }

    /// What its running activities say of themselves.
    pub fn progress(&self) -> Arc<ProgressMap> {
        self.shared.progress.clone()
    }

    /// Runs it holds now.
    pub fn busy(&self) -> usize {
        self.shared.held.len()
    }

    /// Reads how many runs it holds, for as long as somebody keeps the reader.
    pub fn busy_now(&self) -> impl Fn() -> usize + Send + Sync + use<> {
        let held = self.shared.held.clone();
        move || held.len()
    }

    /// Cancelled when the worker was declared dead: it has forgotten its runs and can never work again, so the process
    /// must exit.
    pub fn lost(&self) -> CancellationToken {
        self.shared.signals.lost.clone()
    }

    /// Graceful stop: claims nothing more, lets running activities finish for `grace` (what comes after them is left to
    /// others), then cancels them, gives the runs back and retires the worker. Takes a few seconds longer than `grace`
    /// at most, even when the store is away.
    pub async fn drain(mut self, grace: Duration) -> Drained {
        let signals = &self.shared.signals;
        let before = self.shared.stats.released.get();
        signals.draining.cancel();
        self.shared.runs.close();
        if timeout(grace, self.shared.runs.wait()).await.is_err() {
            signals.hurry.cancel();
        }
        let settled = timeout(AFTER_GRACE, self.shared.runs.wait()).await.is_ok();
        self.stop_tasks().await;
        if timeout(AFTER_GRACE, &mut self.releasing).await.is_err() {
            self.releasing.abort();
        }
        self.shared.batch.shutdown(AFTER_GRACE).await;
        let released = timeout(AFTER_GRACE, self.leave()).await.is_ok();
        self.stop_beats.cancel();
        Drained {
            released: self.shared.stats.released.get() - before,
            complete: settled && released,
        }
    }

    /// Stops as a crash would: nothing is released, nothing is said to the store. For tests.
    pub async fn abort(mut self) {
        self.stop_beats.cancel();
        self.releasing.abort();
        self.stop_tasks().await;
        self.shared.batch.shutdown(Duration::ZERO).await;
    }

    /// Nothing of this worker computes any more when it is over.
    async fn stop_tasks(&mut self) {
        let signals = &self.shared.signals;
        signals.draining.cancel();
        signals.abort.cancel();
        self.shared.runs.close();
        self.fetching.abort();
        self.housekeeping.shutdown().await;
        self.shared.runs.wait().await;
    }

    /// Gives back every row that still names this worker, then the name.
    async fn leave(&self) {
        let store = &self.shared.env.store;
        while let Err(error) = self.give_back().await {
            tracing::warn!(%error, "the worker cannot leave yet");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        if let Err(error) = store.retire_worker(self.shared.id).await {
            tracing::warn!(%error, "the worker left without saying so: its lease runs out");
        }
    }

    async fn give_back(&self) -> Result<(), levqor_store::StoreError> {
        for (run, epoch) in self.shared.env.store.owned(self.shared.id).await? {
            self.shared.releases.add(run, epoch, 1);
        }
        releases::flush(&self.shared).await;
        Ok(())
    }
}
