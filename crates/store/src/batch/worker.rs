//! Batchers of a worker's fenced writes (P3). Each write is safe to repeat by itself, so batches need no token.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use uuid::Uuid;

use crate::{
    Append, ClaimRequest, ClaimedRun, End, IdSource, NewOutbox, Park, RunId, Store, StoreError, WorkerId,
    WriteFate,
    batch::{Batcher, Flush, Observer, Settings},
};

/// What a row costs beside its texts, about.
const ROW: usize = 96;

/// Takes runs for one worker process. The fate is None when the hint was stale or another worker won. A caller
/// that stops waiting may leave a run claimed: the worker's owner sweep releases it (P10).
pub type Claims = Batcher<ClaimFlush>;

/// [`WorkerStore::claim`](crate::WorkerStore::claim).
pub struct ClaimFlush {
    store: Arc<dyn Store>,
    worker: WorkerId,
}

impl Claims {
    /// For this worker.
    pub fn of_worker(
        worker: WorkerId,
        store: Arc<dyn Store>,
        ids: Arc<dyn IdSource>,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self::new(ClaimFlush { store, worker }, ids, observer)
    }
}

#[async_trait]
impl Flush for ClaimFlush {
    type Item = ClaimRequest;
    type Fate = Option<ClaimedRun>;

    const NAME: &'static str = "claim";
    const SETTINGS: Settings = Settings::WORKER;

    fn run(item: &ClaimRequest) -> RunId {
        item.run
    }

    fn size(_: &ClaimRequest) -> usize {
        ROW
    }

    async fn flush(&self, _: Uuid, items: &[ClaimRequest]) -> Result<Vec<Self::Fate>, StoreError> {
        let won = self.store.claim(self.worker, items).await?;
        let mut won: HashMap<(RunId, i32), ClaimedRun> =
            won.into_iter().map(|run| ((run.id, run.epoch), run)).collect();
        let fate = |wish: &ClaimRequest| won.remove(&(wish.run, wish.epoch.checked_add(1)?));
        Ok(items.iter().map(fate).collect())
    }
}

/// Journals entries.
pub type Appends = Batcher<AppendFlush>;

/// [`WorkerStore::append`](crate::WorkerStore::append).
pub struct AppendFlush(Arc<dyn Store>);

impl From<Arc<dyn Store>> for AppendFlush {
    fn from(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Flush for AppendFlush {
    type Item = Append;
    type Fate = WriteFate;

    const NAME: &'static str = "append";
    const SETTINGS: Settings = Settings::WORKER;

    fn run(item: &Append) -> RunId {
        item.run
    }

    fn size(item: &Append) -> usize {
        ROW + item.body.len() + outbox(&item.outbox)
    }

    async fn flush(&self, _: Uuid, items: &[Append]) -> Result<Vec<WriteFate>, StoreError> {
        self.0.append(items).await
    }
}

/// Parks runs.
pub type Parks = Batcher<ParkFlush>;

/// [`WorkerStore::park`](crate::WorkerStore::park).
pub struct ParkFlush(Arc<dyn Store>);

impl From<Arc<dyn Store>> for ParkFlush {
    fn from(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Flush for ParkFlush {
    type Item = Park;
    type Fate = WriteFate;

    const NAME: &'static str = "park";
    const SETTINGS: Settings = Settings::WORKER;

    fn run(item: &Park) -> RunId {
        item.run
    }

    fn size(item: &Park) -> usize {
        let timers: usize = item.timers.iter().map(|timer| ROW + timer.body.len()).sum();
        let body = item.body.as_ref().map_or(0, Vec::len);
        ROW * (1 + item.subscriptions.len()) + body + timers + outbox(&item.outbox)
    }

    async fn flush(&self, _: Uuid, items: &[Park]) -> Result<Vec<WriteFate>, StoreError> {
        self.0.park(items).await
    }
}

/// Ends runs.
pub type Ends = Batcher<EndFlush>;

/// [`WorkerStore::end`](crate::WorkerStore::end).
pub struct EndFlush(Arc<dyn Store>);

impl From<Arc<dyn Store>> for EndFlush {
    fn from(store: Arc<dyn Store>) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Flush for EndFlush {
    type Item = End;
    type Fate = WriteFate;

    const NAME: &'static str = "end";
    const SETTINGS: Settings = Settings::WORKER;

    fn run(item: &End) -> RunId {
        item.run
    }

    fn size(item: &End) -> usize {
        let texts = [&item.output, &item.error]
            .into_iter()
            .flatten()
            .map(Vec::len)
            .sum::<usize>();
        ROW + texts + item.journal.len() + outbox(&item.outbox)
    }

    async fn flush(&self, _: Uuid, items: &[End]) -> Result<Vec<WriteFate>, StoreError> {
        self.0.end(items).await
    }
}

fn outbox(rows: &[NewOutbox]) -> usize {
    rows.iter()
        .map(|row| ROW + row.body.len() + row.target.as_ref().map_or(0, String::len))
        .sum()
}
