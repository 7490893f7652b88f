//! What all parts of one worker process share.

use std::{collections::HashMap, sync::Arc, time::Duration};

use levqor_ledger::Watch;
use levqor_queue::Slots;
use levqor_store::{
    RunId, WorkerId,
    batch::{Appends, Claims, Ends, Parks},
};
use parking_lot::Mutex;
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Environment, activity::ProgressMap, blocking::Blocking, clock::StoreClock, definitions::Definitions,
    held::Held, lease::Lease, options::WorkerOptions, releases::Releases, stats::Stats,
};

/// Runs whose interpreter panicked that are remembered; past it the memory starts anew.
const PANICS_KEPT: usize = 10_000;

pub(crate) struct Shared {
    pub(crate) id: WorkerId,
    pub(crate) options: WorkerOptions,
    pub(crate) env: Environment,
    /// The environment's, for the async threads.
    pub(crate) evaluator: Blocking,
    pub(crate) batch: Batchers,
    pub(crate) slots: Slots,
    pub(crate) activity_permits: Arc<Semaphore>,
    pub(crate) held: Arc<Held>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) progress: Arc<ProgressMap>,
    pub(crate) clock: StoreClock,
    pub(crate) definitions: Definitions,
    pub(crate) releases: Releases,
    pub(crate) budgets: Watch,
    /// Beginning of this process's time.
    pub(crate) started: Instant,
    pub(crate) lease: watch::Receiver<Lease>,
    pub(crate) signals: Signals,
    /// Every run's task.
    pub(crate) runs: TaskTracker,
    panics: Mutex<HashMap<RunId, u32>>,
}

/// The batchers of this process.
pub(crate) struct Batchers {
    pub(crate) claims: Claims,
    pub(crate) appends: Appends,
    pub(crate) parks: Parks,
    pub(crate) ends: Ends,
}

impl Batchers {
    /// Commits what waits; unknown outcomes are repeated for `grace`.
    pub(crate) async fn shutdown(&self, grace: Duration) {
        tokio::join!(
            self.claims.shutdown(grace),
            self.appends.shutdown(grace),
            self.parks.shutdown(grace),
            self.ends.shutdown(grace),
        );
    }
}

/// What tells runs to stop, from mild to harsh.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    /// Claim nothing more; begin no further effect: give the run back instead.
    pub(crate) draining: CancellationToken,
    /// The grace is over: stop running effects and give the run back.
    pub(crate) hurry: CancellationToken,
    /// Drop everything where it stands, as a crash would.
    pub(crate) abort: CancellationToken,
    /// The lease is lost; everything was dropped.
    pub(crate) lost: CancellationToken,
}

pub(crate) struct Parts {
    pub(crate) id: WorkerId,
    pub(crate) options: WorkerOptions,
    pub(crate) env: Environment,
    pub(crate) batch: Batchers,
    pub(crate) held: Arc<Held>,
    pub(crate) clock: StoreClock,
    pub(crate) lease: watch::Receiver<Lease>,
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            id,
            options,
            env,
            batch,
            held,
            clock,
            lease,
        } = parts;
        Self {
            id,
            batch,
            held,
            clock,
            lease,
            slots: Slots::new(options.slots),
            activity_permits: Arc::new(Semaphore::new(options.activities.max(1))),
            stats: Arc::default(),
            progress: Arc::default(),
            definitions: Definitions::new(options.definitions),
            releases: Releases::default(),
            budgets: Watch::new(env.platform.db.clone(), options.accounting.prices),
            started: Instant::now(),
            signals: Signals::default(),
            runs: TaskTracker::new(),
            panics: Mutex::default(),
            evaluator: Blocking(env.evaluator.clone()),
            options,
            env,
        }
    }

    /// Remembers that the interpreter panicked over this run.
    pub(crate) fn panicked(&self, run: RunId) {
        let mut panics = self.panics.lock();
        if panics.len() >= PANICS_KEPT {
            panics.clear();
        }
        *panics.entry(run).or_default() += 1;
    }

    /// How often it did, in this process.
    pub(crate) fn panics(&self, run: RunId) -> u32 {
        self.panics.lock().get(&run).copied().unwrap_or(0)
    }
}
