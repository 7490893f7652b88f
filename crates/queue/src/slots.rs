//! How many runs a worker process may hold, and how many more it may fetch.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{sync::Notify, time::timeout};

/// How long a fetched hint keeps a slot before its run has taken one. A hint whose task never started must not
/// keep it for ever.
const PROMISE: Duration = Duration::from_millis(100);

/// A counter of run slots shared by the backend, which fetches for free ones only, and the runs, which take them.
#[derive(Clone, Debug)]
pub struct Slots(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    total: usize,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    /// Hints handed to tasks that have not taken their slot yet.
    promised: usize,
}

impl Slots {
    /// So many, all free.
    pub fn new(total: usize) -> Self {
        Self(Arc::new(Shared {
            total,
            state: Mutex::default(),
            freed: Notify::new(),
        }))
    }

    /// Takes a slot until the guard is dropped. Never waits: a run that is there has its slot, and the backend
    /// fetches less.
    #[must_use = "the slot is free again when the guard is dropped"]
    pub fn take(&self) -> Slot {
        let mut state = self.0.state.lock();
        state.taken += 1;
        state.promised = state.promised.saturating_sub(1);
        Slot(self.clone())
    }

    /// How many runs there may be.
    pub fn total(&self) -> usize {
        self.0.total
    }

    /// How many slots are taken; more than the total when runs came by other ways than the queue.
    pub fn taken(&self) -> usize {
        self.0.state.lock().taken
    }

    /// How many may be fetched now.
    pub fn free(&self) -> usize {
        let state = self.0.state.lock();
        self.0.total.saturating_sub(state.taken + state.promised)
    }

    /// Keeps slots for hints on their way to tasks.
    pub(crate) fn promise(&self, hints: usize) {
        self.0.state.lock().promised += hints;
    }

    /// Waits until slots are free and answers how many.
    pub(crate) async fn some_free(&self) -> usize {
        loop {
            let freed = self.0.freed.notified();
            let free = self.free();
            if free > 0 {
                return free;
            }
            if self.0.state.lock().promised == 0 {
                freed.await;
            } else if timeout(PROMISE, freed).await.is_err() {
                self.0.state.lock().promised = 0;
            }
        }
    }
}

/// A slot in use.
#[derive(Debug)]
pub struct Slot(Slots);

impl Drop for Slot {
    fn drop(&mut self) {
        let shared = &self.0.0;
        shared.state.lock().taken -= 1;
        shared.freed.notify_one();
    }
}
