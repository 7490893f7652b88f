//! Callers that hold a request until a run ends. However many there are, this process asks the database once in a
//! while for all of them, and not at all when there are none.

use std::{collections::HashMap, sync::Arc, time::Duration};

use levqor_store::{ReadStore, RunId};
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
    store: Arc<dyn ReadStore + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    waiting: HashMap<RunId, Vec<oneshot::Sender<()>>>,
    count: usize,
    polling: bool,
    /// Nobody is held any more.
    over: bool,
}

impl Waiters {
    pub(crate) fn new(store: Arc<dyn ReadStore + Send + Sync>) -> Arc<Self> {
        Arc::new(Self {
            store,
            state: Mutex::default(),
        })
    }

    /// Holds nobody any more, now and later: this process is to end, and its callers are better off with what is known
    /// now than with a broken connection.
    pub(crate) fn let_go(&self) {
        let mut state = self.state.lock();
        state.over = true;
        state.waiting.clear();
        state.count = 0;
    }

    /// Returns when the run has ended, or (false) after `limit` or when all are let go.
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
        if state.over {
            return Ok(ended);
        }
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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use levqor_store::{RunFilter, RunView, StoreError, TenantId};
    use uuid::Uuid;

    use super::*;

    /// Answers that runs with an even number have ended, and remembers what it was asked.
    #[derive(Default)]
    struct Even(Mutex<Vec<Vec<RunId>>>);

    #[async_trait]
    impl ReadStore for Even {
        async fn run(&self, _: TenantId, _: RunId) -> Result<Option<RunView>, StoreError> {
            Ok(None)
        }

        async fn runs(&self, _: TenantId, _: &RunFilter, _: i64) -> Result<Vec<RunView>, StoreError> {
            Ok(Vec::new())
        }

        async fn journal(&self, _: TenantId, _: RunId) -> Result<Option<Vec<u8>>, StoreError> {
            Ok(None)
        }

        async fn ended_among(&self, ids: &[RunId]) -> Result<Vec<RunId>, StoreError> {
            self.0.lock().push(ids.to_vec());
            Ok(ids.iter().copied().filter(|id| id.0.as_u128() % 2 == 0).collect())
        }
    }

    fn run(number: u128) -> RunId {
        RunId(Uuid::from_u128(number))
    }

    #[tokio::test(start_paused = true)]
    async fn one_question_serves_all_who_wait() {
        let store = Arc::new(Even::default());
        let waiters = Waiters::new(Arc::clone(&store) as _);
        let limit = Duration::from_secs(1);
        let all = futures::future::join_all((0..50).map(|n| waiters.ended(run(n % 10), limit))).await;
        let ended = all.into_iter().map(Result::unwrap).filter(|ended| *ended).count();
        assert_eq!(ended, 25);
        assert!(
            store.0.lock().len() <= 11,
            "asked {} times in a second",
            store.0.lock().len()
        );
        assert_eq!(store.0.lock()[0].len(), 10);
        assert_eq!(store.0.lock()[1].len(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waiting_means_no_question() {
        let store = Arc::new(Even::default());
        let waiters = Waiters::new(Arc::clone(&store) as _);
        assert!(!waiters.ended(run(1), Duration::from_millis(50)).await.unwrap());
        tokio::time::sleep(PERIOD * 2).await;
        let asked = store.0.lock().len();
        tokio::time::sleep(PERIOD * 20).await;
        assert_eq!(store.0.lock().len(), asked);
        assert!(waiters.ended(run(2), Duration::from_secs(1)).await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn all_are_let_go_when_the_process_is_to_end() {
        let waiters = Waiters::new(Arc::new(Even::default()) as _);
        let start = tokio::time::Instant::now();
        let held = waiters.ended(run(1), Duration::from_mins(1));
        let end = async {
            tokio::time::sleep(PERIOD).await;
            waiters.let_go();
        };
        let (held, ()) = tokio::join!(held, end);
        assert!(!held.unwrap());
        assert!(!waiters.ended(run(3), Duration::from_mins(1)).await.unwrap());
        assert_eq!(start.elapsed(), PERIOD);
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_a_bound() {
        let waiters = Waiters::new(Arc::new(Even::default()) as _);
        let held: Vec<_> = (0..MOST).map(|_| waiters.register(run(1)).unwrap()).collect();
        assert_eq!(waiters.register(run(1)).unwrap_err().code(), Code::Overloaded);
        drop(held);
        tokio::time::sleep(PERIOD * 2).await;
        assert!(waiters.register(run(1)).is_ok());
    }
}
