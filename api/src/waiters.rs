//! Callers that hold a request until a run ends. However many there are, this process asks the database once in a
//! while for all of them, and not at all when there are none.

use std::{collections::HashMap, sync::Arc, time::Duration};

use levqor_store::{RunId, Store};
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::error::{Code, Problem};

/// Time between two questions.
const PERIOD: Duration = Duration::from_millis(100);

/// Time after a question that was not answered.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// Most callers held at one time.
const MOST: usize = 10_000;

/// Most runs in one question.
const CHUNK: usize = 1_000;

/// Who waits for what.
pub(crate) struct Waiters {
    store: Arc<dyn Store>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: HashMap<RunId, Vec<oneshot::Sender<()>>>,
    count: usize,
    polling: bool,
}

impl Waiters {
    pub(crate) fn new(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self {
            store,
            state: Mutex::default(),
        })
    }

    /// Returns when the run has ended, or after `limit` (false).
    pub(crate) async fn ended(self: &Arc<Self>, run: RunId, limit: Duration) -> Result<bool, Problem> {
        let ended = self.register(run)?;
        Ok(matches!(tokio::time::timeout(limit, ended).await, Ok(Ok(()))))
    }

    fn register(self: &Arc<Self>, run: RunId) -> Result<oneshot::Receiver<()>, Problem> {
        let mut state = self.state.lock();
        if state.count >= MOST {
            return Err(Problem::new(Code::Overloaded, "Too many callers wait for runs.").retry_after(1));
        }
        let (tell, ended) = oneshot::channel();
        state.waiting.entry(run).or_default().push(tell);
        state.count += 1;
        if !state.polling {
            state.polling = true;
            tokio::spawn(Arc::clone(self).poll());
        }
        Ok(ended)
    }

    /// Asks until nobody waits.
    async fn poll(self: Arc<Self>) {
        while let Some(runs) = self.awaited() {
            let mut pause = PERIOD;
            for chunk in runs.chunks(CHUNK) {
                match self.store.ended_among(chunk).await {
                    Ok(ended) => self.tell(&ended),
                    Err(error) => {
                        tracing::warn!(%error, "cannot ask which runs have ended");
                        pause = AFTER_ERROR;
                    }
                }
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// The runs somebody still waits for; None ends the polling.
    fn awaited(&self) -> Option<Vec<RunId>> {
        let mut state = self.state.lock();
        state.waiting.retain(|_, callers| {
            callers.retain(|caller| !caller.is_closed());
            !callers.is_empty()
        });
        state.count = state.waiting.values().map(Vec::len).sum();
        state.polling = state.count > 0;
        state.polling.then(|| state.waiting.keys().copied().collect())
    }

    fn tell(&self, ended: &[RunId]) {
        let mut state = self.state.lock();
        for run in ended {
            for caller in state.waiting.remove(run).unwrap_or_default() {
                state.count = state.count.saturating_sub(1);
                // A caller that has gone away in the meantime needs no telling.
                let _ = caller.send(());
            }
        }
    }
}
