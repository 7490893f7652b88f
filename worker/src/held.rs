//! The runs this process holds, for the watch over their inboxes, the sweep (P10) and the beat.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering::Relaxed},
    },
    time::Duration,
};

use levqor_store::RunId;
use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

/// A run as others in this process see it.
#[derive(Debug)]
pub(crate) struct HeldRun {
    pub(crate) id: RunId,
    pub(crate) epoch: i32,
    /// `n` of the last inbox row folded.
    pub(crate) folded: AtomicI32,
    /// The inbox has rows after `folded`.
    pub(crate) moved: Notify,
    /// The live row names another epoch or is gone: the run is not ours.
    pub(crate) gone: CancellationToken,
    calling_since: Mutex<Option<Instant>>,
}

impl HeldRun {
    pub(crate) fn calling(&self, since: Option<Instant>) {
        *self.calling_since.lock() = since;
    }

    fn calls_for(&self, age: Duration) -> bool {
        self.calling_since
            .lock()
            .is_some_and(|since| since.elapsed() >= age)
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Held {
    runs: Mutex<HashMap<RunId, Arc<HeldRun>>>,
    claiming: Mutex<HashSet<RunId>>,
}

impl Held {
    /// Remembers a run for as long as the guard lives.
    pub(crate) fn hold(self: &Arc<Self>, id: RunId, epoch: i32) -> HoldGuard {
        let run = Arc::new(HeldRun {
            id,
            epoch,
            folded: AtomicI32::new(0),
            moved: Notify::new(),
            gone: CancellationToken::new(),
            calling_since: Mutex::new(None),
        });
        self.runs.lock().insert(id, run.clone());
        HoldGuard {
            held: self.clone(),
            run,
        }
    }

    /// A claim of this run is under way: it may be ours in the store before its task exists.
    pub(crate) fn claiming(self: &Arc<Self>, id: RunId) -> ClaimGuard {
        self.claiming.lock().insert(id);
        ClaimGuard {
            held: self.clone(),
            id,
        }
    }

    /// Whether a task or a claim of this process has to do with the run.
    pub(crate) fn knows(&self, id: RunId) -> bool {
        self.runs.lock().contains_key(&id) || self.claiming.lock().contains(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.runs.lock().len()
    }

    /// Runs whose call is at least this old.
    pub(crate) fn calling_for(&self, age: Duration) -> Vec<Arc<HeldRun>> {
        self.runs
            .lock()
            .values()
            .filter(|run| run.calls_for(age))
            .cloned()
            .collect()
    }
}

impl HeldRun {
    /// What the store says of the inbox: wakes the run's task when there is something new.
    pub(crate) fn inbox_is_at(&self, n: i32) {
        if n > self.folded.load(Relaxed) {
            self.moved.notify_one();
        }
    }
}

/// Forgets its run when dropped, unless a newer claim of it has taken the place.
pub(crate) struct HoldGuard {
    held: Arc<Held>,
    pub(crate) run: Arc<HeldRun>,
}

impl Drop for HoldGuard {
    fn drop(&mut self) {
        let mut runs = self.held.runs.lock();
        if runs
            .get(&self.run.id)
            .is_some_and(|run| Arc::ptr_eq(run, &self.run))
        {
            runs.remove(&self.run.id);
        }
    }
}

/// Forgets its claim when dropped.
pub(crate) struct ClaimGuard {
    held: Arc<Held>,
    id: RunId,
}

impl Drop for ClaimGuard {
    fn drop(&mut self) {
        self.held.claiming.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_older_guard_does_not_forget_a_newer_claim() {
        let held = Arc::new(Held::default());
        let id = RunId(Uuid::from_u128(7));
        let first = held.hold(id, 1);
        let second = held.hold(id, 2);
        drop(first);
        assert!(held.knows(id));
        drop(second);
        assert!(!held.knows(id));
    }

    #[tokio::test(start_paused = true)]
    async fn only_runs_with_an_old_call_are_watched() {
        let held = Arc::new(Held::default());
        let calling = held.hold(RunId(Uuid::from_u128(1)), 1);
        let _computing = held.hold(RunId(Uuid::from_u128(2)), 1);
        calling.run.calling(Some(Instant::now()));
        assert!(held.calling_for(Duration::from_secs(1)).is_empty());
        tokio::time::advance(Duration::from_secs(1)).await;
        let watched: Vec<_> = held
            .calling_for(Duration::from_secs(1))
            .iter()
            .map(|run| run.id)
            .collect();
        assert_eq!(watched, [calling.run.id]);
    }
}
