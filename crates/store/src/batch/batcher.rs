//! The machine: who waits, how many commits are in flight, and the end of it all.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, watch},
    task::yield_now,
    time::Instant,
};

use crate::{
    IdSource, RunId, Store,
    batch::{
        BatchError, Flush, Observer,
        queue::{Batch, Queue, Receiver},
    },
};

/// Groups items into commits. Cheap to clone; clones share the queue.
///
/// Nothing waits for a clock: a commit starts while fewer than [`Settings::in_flight`] are under way, as soon as the tasks
/// that are ready have run, and carries whatever waits then. Submitting needs a tokio runtime.
///
/// [`Settings::in_flight`]: crate::batch::Settings::in_flight
pub struct Batcher<F: Flush> {
    pub(super) shared: Arc<Shared<F>>,
}

impl<F: Flush> Clone for Batcher<F> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

pub(super) struct Shared<F: Flush> {
    pub(super) flush: F,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) observer: Arc<dyn Observer>,
    state: Mutex<State<F>>,
    /// Told when the last commit has ended and nothing waits.
    idle: Notify,
    /// From when on unknown outcomes are not repeated any more.
    pub(super) stop: watch::Sender<Option<Instant>>,
}

struct State<F: Flush> {
    queue: Queue<F>,
    in_flight: usize,
    closed: bool,
}

impl<F: Flush> State<F> {
    fn is_idle(&self) -> bool {
        self.in_flight == 0 && self.queue.is_empty()
    }

    /// Counts one more commit, if there may be one.
    fn admit(&mut self, most: usize) -> bool {
        let admitted = self.in_flight < most && !self.queue.is_empty();
        self.in_flight += usize::from(admitted);
        admitted
    }
}

impl<F: Flush + From<Arc<dyn Store>>> Batcher<F> {
    /// Over the store's call for this kind of write.
    pub fn over(store: Arc<dyn Store>, ids: Arc<dyn IdSource>, observer: Arc<dyn Observer>) -> Self {
        Self::new(F::from(store), ids, observer)
    }
}

impl<F: Flush> Batcher<F> {
    /// Over any flush; batch tokens and jitter come from `ids`.
    pub fn new(flush: F, ids: Arc<dyn IdSource>, observer: Arc<dyn Observer>) -> Self {
        let state = Mutex::new(State {
            queue: Queue::new(),
            in_flight: 0,
            closed: false,
        });
        let shared = Shared {
            flush,
            ids,
            observer,
            state,
            idle: Notify::new(),
            stop: watch::Sender::new(None),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Commits one item. A caller that stops waiting does not take its item back.
    pub async fn submit(&self, item: F::Item) -> Result<F::Fate, BatchError> {
        let fates = self.submit_all(vec![item]).await?;
        fates.into_iter().next().unwrap_or(Err(BatchError::Closed))
    }

    /// Commits many items, which may travel in different batches, and answers in their order. Either all are
    /// queued or none; more than [`Settings::max_waiting`](crate::batch::Settings::max_waiting) never are.
    pub async fn submit_all(
        &self,
        items: Vec<F::Item>,
    ) -> Result<Vec<Result<F::Fate, BatchError>>, BatchError> {
        let receivers = self.shared.enqueue(items)?;
        self.launch();
        let mut fates = Vec::with_capacity(receivers.len());
        for receiver in receivers {
            // The sender is dropped unanswered only when the flush panicked: the outcome is unknown.
            let lost = |_| Err(BatchError::Unavailable("the commit was lost".to_owned()));
            fates.push(receiver.await.unwrap_or_else(lost));
        }
        Ok(fates)
    }

    /// How many items wait for a commit (those being committed not counted).
    pub fn waiting(&self) -> usize {
        self.shared.state.lock().queue.len()
    }

    /// Takes nothing more, commits what waits, and returns when all is answered. Unknown outcomes are
    /// repeated for `grace` at most.
    pub async fn shutdown(&self, grace: Duration) {
        self.shared.state.lock().closed = true;
        self.shared.stop.send_replace(Some(Instant::now() + grace));
        loop {
            let idle = self.shared.idle.notified();
            if self.shared.state.lock().is_idle() {
                return;
            }
            idle.await;
        }
    }

    /// Starts one more line of commits when something waits and the bound allows it.
    fn launch(&self) {
        if self.shared.state.lock().admit(F::SETTINGS.in_flight) {
            tokio::spawn(
                Line {
                    batcher: self.clone(),
                    runs: Vec::new(),
                    left: false,
                }
                .run(),
            );
        }
    }
}

impl<F: Flush> Shared<F> {
    fn enqueue(&self, items: Vec<F::Item>) -> Result<Vec<Receiver<F>>, BatchError> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(BatchError::Closed);
        }
        state.queue.push(items, &F::SETTINGS, Instant::now())
    }

    /// One commit less is in flight.
    fn leave(&self, state: &mut State<F>) {
        state.in_flight -= 1;
        if state.is_idle() {
            self.idle.notify_waiters();
        }
    }
}

/// One of the commits in flight: batch after batch until nothing may travel.
struct Line<F: Flush> {
    batcher: Batcher<F>,
    /// Those of its batch, when a run may be in one batch only.
    runs: Vec<RunId>,
    /// It is not counted any more.
    left: bool,
}

impl<F: Flush> Line<F> {
    async fn run(mut self) {
        loop {
            // Tasks that are ready come first: what they submit travels along. An idle process has none, and waits for none.
            yield_now().await;
            let Some(batch) = self.next() else { return };
            self.batcher.launch();
            self.batcher.shared.commit(batch).await;
        }
    }

    fn next(&mut self) -> Option<Batch<F>> {
        let mut state = self.batcher.shared.state.lock();
        state.queue.release(&self.runs);
        self.runs.clear();
        let batch = state.queue.take(&F::SETTINGS);
        match &batch {
            Some(batch) if !F::RUN_MAY_REPEAT => self.runs.extend(batch.items.iter().map(F::run)),
            Some(_) => {}
            // Before the lock is given free: who submits next must not count on this line.
            None => {
                self.left = true;
                self.batcher.shared.leave(&mut state);
            }
        }
        batch
    }
}

/// When a flush panics: the bound of commits in flight must not shrink, and others still wait.
impl<F: Flush> Drop for Line<F> {
    fn drop(&mut self) {
        if self.left {
            return;
        }
        let mut state = self.batcher.shared.state.lock();
        state.queue.release(&self.runs);
        self.batcher.shared.leave(&mut state);
        drop(state);
        if std::thread::panicking() {
            self.batcher.launch();
        }
    }
}
