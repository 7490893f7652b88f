//! The lease of this process: a beat every second, on a thread and a runtime of its own, so that busy runs cannot stop it.
//!
//! The rescuer takes the runs of a worker whose beat stood still for the whole lease. A worker that cannot beat therefore
//! stops its activities before that ([`Lease::Doubtful`]); when it can beat again it goes on with the same runs. A worker
//! that was declared dead ([`Lease::Lost`]) can never beat again: it forgets everything and its process exits.

use std::{io, sync::Arc, thread, time::Duration};

use levqor_store::{Store, WorkerId};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{OpenStore, held::Held, options::WorkerOptions};

/// Whether this process may act for its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lease {
    /// It has beaten lately.
    Held,
    /// It has not: no activity may run.
    Doubtful,
    /// It was declared dead.
    Lost,
}

/// What the thread needs.
pub(crate) struct Beats {
    pub(crate) worker: WorkerId,
    pub(crate) store: Arc<dyn Store>,
    /// Opens a store whose connections belong to the beat's own runtime.
    pub(crate) own_store: Option<OpenStore>,
    pub(crate) held: Arc<Held>,
    pub(crate) state: watch::Sender<Lease>,
    pub(crate) stop: CancellationToken,
    pub(crate) every: Duration,
    /// Doubtful after this long without a beat: the lease less its margin.
    pub(crate) patience: Duration,
}

impl Beats {
    pub(crate) fn patience(options: &WorkerOptions) -> Duration {
        options.lease.saturating_sub(options.lease_margin)
    }

    /// Starts the thread; it ends with `stop` or with the lease.
    pub(crate) fn start(self) -> io::Result<thread::JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        thread::Builder::new()
            .name("levqor-beat".into())
            .spawn(move || runtime.block_on(self.run()))
    }

    async fn run(mut self) {
        let stop = self.stop.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.beat_until_lost() => {}
        }
    }

    async fn beat_until_lost(&mut self) {
        let mut last = Instant::now();
        if let Some(open) = self.own_store.take() {
            self.store = self.open(&open, last).await;
        }
        let mut ticks = tokio::time::interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.or_doubt(last, ticks.tick()).await;
            let sent = Instant::now();
            match self.beat(last).await {
                Some(true) => {
                    last = sent;
                    self.set(Lease::Held);
                }
                Some(false) => return self.set(Lease::Lost),
                None => {}
            }
        }
    }

    /// Opening may take long when the database is away; the lease runs on meanwhile.
    async fn open(&self, open: &OpenStore, last: Instant) -> Arc<dyn Store> {
        loop {
            match self.or_doubt(last, open()).await {
                Ok(store) => return store,
                Err(error) => tracing::warn!(%error, "the store for beats cannot be opened"),
            }
            self.or_doubt(last, tokio::time::sleep(self.every)).await;
        }
    }

    /// One beat: what the store said, if anything. `last` is when the latest successful one was sent. One that hangs
    /// on a dead connection is given up.
    async fn beat(&self, last: Instant) -> Option<bool> {
        let busy = i32::try_from(self.held.len()).unwrap_or(i32::MAX);
        let beat = timeout(self.patience, self.store.beat(self.worker, busy));
        match self.or_doubt(last, beat).await {
            Ok(Ok(alive)) => return Some(alive),
            Ok(Err(error)) => tracing::warn!(%error, "beat failed"),
            Err(_elapsed) => tracing::warn!("beat without an answer"),
        }
        None
    }

    /// Awaits, and says `Doubtful` when the patience ends meanwhile.
    async fn or_doubt<T>(&self, last: Instant, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep_until(last + self.patience) => self.set(Lease::Doubtful),
        }
        work.await
    }

    fn set(&self, state: Lease) {
        let changed = self
            .state
            .send_if_modified(|now| std::mem::replace(now, state) != state);
        match (changed, state) {
            (false, _) => {}
            (true, Lease::Held) => tracing::info!("beats are heard again"),
            (true, Lease::Doubtful) => {
                tracing::warn!("no beat for most of the lease: activities stop");
            }
            (true, Lease::Lost) => tracing::error!("this worker was declared dead: it forgets its runs"),
        }
    }
}

/// Waits until activities may run.
pub(crate) async fn held(state: &mut watch::Receiver<Lease>) {
    if state.wait_for(|lease| *lease == Lease::Held).await.is_err() {
        // The beat thread ended with the worker: nothing may start any more.
        std::future::pending::<()>().await;
    }
}

/// Waits until activities must stop.
pub(crate) async fn doubtful(state: &mut watch::Receiver<Lease>) {
    if state.wait_for(|lease| *lease != Lease::Held).await.is_err() {
        std::future::pending::<()>().await;
    }
}
