//! Runs to give back: their rows become pending again at the same epoch, and the queue is rung for them.

use std::{collections::HashMap, sync::Arc, time::Duration};

use levqor_queue::{HINTS_PER_MESSAGE, Hint};
use levqor_store::RunId;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::shared::Shared;

/// Most runs released by one statement.
const BATCH: usize = 500;

/// Pause after a release that failed.
const PAUSE: Duration = Duration::from_millis(200);

/// Runs whose tasks are over and whose rows still name this worker. Bounded by the slots and the sweep's find.
#[derive(Debug, Default)]
pub(crate) struct Releases {
    waiting: Mutex<HashMap<(RunId, i32), i16>>,
    added: Notify,
}

impl Releases {
    /// Puts one down to be released soon.
    pub(crate) fn add(&self, run: RunId, epoch: i32, priority: i16) {
        self.waiting.lock().entry((run, epoch)).or_insert(priority);
        self.added.notify_one();
    }

    fn next_batch(&self) -> HashMap<(RunId, i32), i16> {
        let mut waiting = self.waiting.lock();
        let keys: Vec<_> = waiting.keys().take(BATCH).copied().collect();
        keys.into_iter()
            .filter_map(|key| waiting.remove_entry(&key))
            .collect()
    }

    fn put_back(&self, batch: HashMap<(RunId, i32), i16>) {
        self.waiting.lock().extend(batch);
    }
}

/// Releases what is put down, until everything is dropped. A flush under way is not cut off: what it released is rung
/// for and counted.
pub(crate) async fn flush_until_dropped(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            biased;
            () = shared.signals.abort.cancelled() => return,
            () = shared.releases.added.notified() => flush(&shared).await,
        }
    }
}

/// Releases all that wait, until none is left. Goes on while the store is away; the caller sets the limit.
pub(crate) async fn flush(shared: &Shared) {
    loop {
        let batch = shared.releases.next_batch();
        if batch.is_empty() {
            return;
        }
        let runs: Vec<_> = batch.keys().copied().collect();
        match shared.env.store.release(&runs).await {
            Ok(released) => {
                shared.stats.released.add(released.len() as u64);
                ring(shared, &batch, &released).await;
            }
            Err(error) => {
                tracing::warn!(%error, runs = runs.len(), "runs could not be released yet");
                shared.releases.put_back(batch);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// A lost ring is harmless: the relay finds the runs.
async fn ring(shared: &Shared, batch: &HashMap<(RunId, i32), i16>, released: &[(RunId, i32)]) {
    let mut by_priority: HashMap<i16, Vec<Hint>> = HashMap::new();
    for key in released {
        let priority = batch.get(key).copied().unwrap_or(1);
        by_priority.entry(priority).or_default().push(Hint {
            run: key.0.0,
            epoch: key.1,
        });
    }
    for (priority, hints) in by_priority {
        for message in hints.chunks(HINTS_PER_MESSAGE) {
            if let Err(error) = shared.env.queue.push(priority, message).await {
                tracing::debug!(%error, "released runs were not rung for");
            }
        }
    }
}
