//! The lease of this process: a beat every second, on a thread and a runtime of its own, so that busy runs cannot stop it.
//!
//! The rescuer takes the runs of a worker whose beat stood still for the whole lease. A worker that cannot beat therefore
//! stops its activities before that ([`Lease::Doubtful`]); when it can beat again it goes on with the same runs. A worker
//! that was declared dead ([`Lease::Lost`]) can never beat again: it forgets everything and its process exits.
//!
//! A process that stood still as a whole (SIGSTOP, a machine put to sleep) has nobody who could say so: when it goes on, its
//! runs may do so before the thread does. So the lease carries until when it is sure, by a clock that went on meanwhile.

use std::{io, pin::Pin, sync::Arc, task::Poll, thread, time::Duration};

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
    /// It has beaten lately: until then it may.
    Held(Instant),
    /// It has not: no activity may run.
    Doubtful,
    /// It was declared dead.
    Lost,
}

impl Lease {
    /// Just beaten: held for the patience from when the beat was sent.
    pub(crate) fn beaten(sent: Instant, patience: Duration) -> Self {
        Self::Held(sent + patience)
    }

    /// Whether activities may run at this moment, whoever has noticed.
    fn is_sure(self) -> bool {
        matches!(self, Self::Held(until) if Instant::now() < until)
    }

    /// Whether who waits for this state has to be told, after that one.
    fn is_news(self, before: Self) -> bool {
        match (before, self) {
            (Self::Held(until), Self::Held(_)) => until <= Instant::now(),
            _ => before != self,
        }
    }
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
                    self.set(Lease::beaten(sent, self.patience));
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
        let news = self
            .state
            .send_if_modified(|now| state.is_news(std::mem::replace(now, state)));
        match (news, state) {
            (false, _) => {}
            (true, Lease::Held(_)) => tracing::info!("beats are heard again"),
            (true, Lease::Doubtful) => {
                tracing::warn!("no beat for most of the lease: activities stop");
            }
            (true, Lease::Lost) => tracing::error!("this worker was declared dead: it forgets its runs"),
        }
    }
}

/// Waits until activities may run.
pub(crate) async fn held(state: &mut watch::Receiver<Lease>) {
    if state.wait_for(|lease| lease.is_sure()).await.is_err() {
        // The beat thread ended with the worker: nothing may start any more.
        std::future::pending::<()>().await;
    }
}

/// Waits until activities must stop.
pub(crate) async fn doubtful(state: &mut watch::Receiver<Lease>) {
    let doubt = |lease: &Lease| !matches!(lease, Lease::Held(_));
    if state.wait_for(doubt).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Drives the work and looks at the clock before each of its steps: None, and no step more, once the lease may be over.
pub(crate) async fn while_sure<T>(
    state: &watch::Receiver<Lease>,
    work: &mut (impl Future<Output = T> + Unpin),
) -> Option<T> {
    std::future::poll_fn(|context| {
        let lease = *state.borrow();
        if lease.is_sure() {
            Pin::new(&mut *work).poll(context).map(Some)
        } else {
            Poll::Ready(None)
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use tokio::time::advance;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(8);

    fn beaten_now() -> Lease {
        Lease::beaten(Instant::now(), PATIENCE)
    }

    /// Counts its steps, of which there is one a second.
    async fn steps(done: &AtomicU32) {
        loop {
            done.fetch_add(1, Relaxed);
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_stood_still_past_its_lease_makes_no_step_more_before_it_beats() {
        let (state, lease) = watch::channel(beaten_now());
        let done = AtomicU32::new(0);
        let work = steps(&done);
        tokio::pin!(work);
        assert!(futures::poll!(Box::pin(while_sure(&lease, &mut work))).is_pending());
        // Nobody has said anything: the thread of the beats stood still too.
        advance(PATIENCE).await;
        assert_eq!(while_sure(&lease, &mut work).await, None);
        assert_eq!((done.load(Relaxed), state.borrow().is_sure()), (1, false));
        state.send_replace(beaten_now());
        assert!(futures::poll!(Box::pin(while_sure(&lease, &mut work))).is_pending());
        assert_eq!(done.load(Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn no_call_begins_after_a_standstill_until_a_beat_is_heard() {
        let (state, mut lease) = watch::channel(beaten_now());
        held(&mut lease).await;
        advance(PATIENCE).await;
        let mut waiting = Box::pin(held(&mut lease));
        assert!(futures::poll!(&mut waiting).is_pending());
        state.send_if_modified(|now| beaten_now().is_news(std::mem::replace(now, beaten_now())));
        waiting.await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_beat_in_time_wakes_nobody() {
        let before = beaten_now();
        advance(Duration::from_secs(1)).await;
        assert!(!beaten_now().is_news(before));
        assert!(Lease::Doubtful.is_news(before) && Lease::Lost.is_news(Lease::Doubtful));
        assert!(!Lease::Doubtful.is_news(Lease::Doubtful));
        assert!(beaten_now().is_news(Lease::Doubtful));
    }
}
