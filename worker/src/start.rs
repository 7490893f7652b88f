//! Starting a worker process: registration, beats, apalis workers under a Monitor, housekeeping.

use std::{io, sync::Arc, time::Duration};

use apalis::prelude::{Monitor, WorkerBuilder};
use levqor_queue::{HintBackend, Hints};
use levqor_store::{
    StoreError, WorkerId, WorkerInfo,
    batch::{self, Appends, Claims, Ends, Parks},
};
use tokio::{sync::watch, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    Environment, WorkerHandle, claim,
    clock::StoreClock,
    held::Held,
    lease::{Beats, Lease},
    options::WorkerOptions,
    releases,
    shared::{Batchers, Parts, Shared},
    sweep, watch as inbox_watch,
};

/// Pause before a Monitor follows another.
const MONITOR_PAUSE: Duration = Duration::from_millis(500);

/// A worker could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The store did not take the registration.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There was no thread for the beats.
    #[error("the beat thread could not be started: {0}")]
    Thread(#[from] io::Error),
}

/// A worker process.
#[derive(Debug)]
pub struct Worker;

impl Worker {
    /// Registers under a new id and starts to fetch, claim and run. Needs a multi-threaded tokio runtime.
    ///
    /// # Errors
    /// When the store cannot be reached, or no thread can be made.
    pub async fn start(options: WorkerOptions, env: Environment) -> Result<WorkerHandle, StartError> {
        let id = WorkerId(env.ids.uuid_v7());
        let info = WorkerInfo {
            name: options.name.clone(),
            slots: i32::try_from(options.slots).unwrap_or(i32::MAX),
            version: options.version.clone(),
        };
        let now = env.store.now().await?;
        let registered = Instant::now();
        env.store.register_worker(id, &info).await?;
        let held = Arc::new(Held::default());
        let (lease, beats) = watch::channel(Lease::beaten(registered, Beats::patience(&options)));
        let stop_beats = CancellationToken::new();
        Beats {
            worker: id,
            store: env.store.clone(),
            own_store: env.beat_store.clone(),
            held: held.clone(),
            state: lease,
            stop: stop_beats.clone(),
            every: options.beat_every,
            patience: Beats::patience(&options),
        }
        .start()?;
        let batch = batchers(id, &env);
        let clock = StoreClock::new(now);
        let shared = Arc::new(Shared::new(Parts {
            id,
            options,
            env,
            batch,
            held,
            clock,
            lease: beats,
        }));
        let mut housekeeping = JoinSet::new();
        housekeeping.spawn(inbox_watch::watch_for_ever(shared.clone()));
        housekeeping.spawn(sweep::sweep_for_ever(shared.clone()));
        housekeeping.spawn(forget_when_lost(shared.clone()));
        let releasing = tokio::spawn(releases::flush_until_dropped(shared.clone()));
        let fetching = tokio::spawn(fetch_until_drained(shared.clone()));
        Ok(WorkerHandle {
            shared,
            fetching,
            releasing,
            housekeeping,
            stop_beats,
        })
    }
}

fn batchers(id: WorkerId, env: &Environment) -> Batchers {
    let (store, ids) = (&env.store, &env.ids);
    let observer: Arc<dyn batch::Observer> = env.observer.clone();
    Batchers {
        claims: Claims::of_worker(id, store.clone(), ids.clone(), observer.clone()),
        appends: Appends::over(store.clone(), ids.clone(), observer.clone()),
        parks: Parks::over(store.clone(), ids.clone(), observer.clone()),
        ends: Ends::over(store.clone(), ids.clone(), observer),
    }
}

/// Fetches until the drain. The Monitor starts its apalis worker anew whatever that ends with; a Monitor that ends all
/// the same is followed by another.
async fn fetch_until_drained(shared: Arc<Shared>) {
    while !shared.signals.draining.is_cancelled() {
        let monitor = monitor(&shared);
        let context = monitor.context();
        let running = monitor.run();
        tokio::pin!(running);
        let ended = tokio::select! {
            ended = &mut running => ended,
            () = shared.signals.draining.cancelled() => {
                let _told = context.shutdown();
                running.await
            }
        };
        if let Err(error) = ended {
            tracing::warn!(%error, "the apalis monitor is started anew");
        }
        tokio::time::sleep(MONITOR_PAUSE).await;
    }
}

/// One apalis worker over the queue; each of its starts has a name of its own.
fn monitor(shared: &Arc<Shared>) -> Monitor {
    let shared = shared.clone();
    let fetching = move |restarts: usize| {
        let shared = shared.clone();
        let backend = HintBackend::new(shared.env.queue.clone(), shared.slots.clone());
        let handler = move |message: Hints| {
            let shared = shared.clone();
            async move { claim::perform(message, &shared).await }
        };
        WorkerBuilder::new(format!("levqor-{restarts}"))
            .backend(backend)
            .build(handler)
    };
    Monitor::new().register(fetching).should_restart(|worker, error| {
        tracing::warn!(worker = worker.name(), %error, "the apalis worker is started anew");
        true
    })
}

/// Drops everything when this worker is declared dead.
async fn forget_when_lost(shared: Arc<Shared>) {
    let mut lease = shared.lease.clone();
    if lease.wait_for(|lease| *lease == Lease::Lost).await.is_ok() {
        shared.signals.draining.cancel();
        shared.signals.abort.cancel();
        shared.runs.close();
        shared.runs.wait().await;
        shared.batch.shutdown(Duration::ZERO).await;
        shared.signals.lost.cancel();
    }
}
