//! One suite for every [`Store`]: what PROTOCOL.md promises, as small named checks, each on a tenant of its own.
//!
//! `tests/conformance_sqlite.rs` and `tests/conformance_postgres.rs` run it room by room; a failure names the store,
//! the room, the check and the line.

mod append;
mod backlog;
mod bench;
mod catalogue;
mod check;
mod claim;
mod deliver;
mod demand;
mod end;
mod events;
mod expiry;
mod intake;
mod leader;
pub mod model;
mod outbox;
mod park;
mod reads;
mod rescue;
mod schedules;
mod sweep;
mod timers;
mod usage;
mod workers;

use std::sync::Arc;

use futures::future::LocalBoxFuture;

use crate::{Store, StoreError, WorkerId};
use bench::{Bench, Ids};
pub use check::Failure;
use check::Verdict;

/// A group of checks that share one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Accepting runs, keys, tokens, `run_at`.
    Intake,
    /// Taking runs.
    Claim,
    /// Journaling.
    Append,
    /// Parking.
    Park,
    /// The inbox.
    Deliver,
    /// Ending.
    End,
    /// Beats, burials, releases.
    Workers,
    /// Freeing the runs of dead workers.
    Rescue,
    /// Timers.
    Timers,
    /// Events and subscriptions.
    Events,
    /// The outbox.
    Outbox,
    /// Terms.
    Leader,
    /// Schedules.
    Schedules,
    /// Tenants, keys, documents.
    Catalogue,
    /// Reads and listings.
    Reads,
    /// Deleting what is over.
    Sweep,
    /// Deleting ended runs.
    Expiry,
    /// What ended runs used.
    Usage,
    /// What asks for workers, and decisions about them.
    Demand,
    /// What waits for a worker.
    Backlog,
}

/// A check by its name.
struct Check {
    name: &'static str,
    run: fn(&Bench) -> LocalBoxFuture<'_, Verdict>,
}

/// The checks of a room, named after their functions.
macro_rules! checks {
    ($($check:ident),+ $(,)?) => {
        pub(super) const CHECKS: &[$crate::conformance::Check] = &[
            $($crate::conformance::Check { name: stringify!($check), run: |bench| Box::pin($check(bench)) }),+
        ];
    };
}
use checks;

impl Room {
    fn checks(self) -> &'static [Check] {
        match self {
            Self::Intake => intake::CHECKS,
            Self::Claim => claim::CHECKS,
            Self::Append => append::CHECKS,
            Self::Park => park::CHECKS,
            Self::Deliver => deliver::CHECKS,
            Self::End => end::CHECKS,
            Self::Workers => workers::CHECKS,
            Self::Rescue => rescue::CHECKS,
            Self::Timers => timers::CHECKS,
            Self::Events => events::CHECKS,
            Self::Outbox => outbox::CHECKS,
            Self::Leader => leader::CHECKS,
            Self::Schedules => schedules::CHECKS,
            Self::Catalogue => catalogue::CHECKS,
            Self::Reads => reads::CHECKS,
            Self::Sweep => sweep::CHECKS,
            Self::Expiry => expiry::CHECKS,
            Self::Usage => usage::CHECKS,
            Self::Demand => demand::CHECKS,
            Self::Backlog => backlog::CHECKS,
        }
    }
}

/// Runs the checks of a room one after another on a store that `factory` makes for it: empty and migrated.
/// Answers how many held, or one line for each that did not. `label` is the store's name in those lines.
pub async fn run(
    label: &str,
    room: Room,
    factory: impl AsyncFnOnce() -> Arc<dyn Store>,
) -> Result<usize, Vec<Failure>> {
    let store = factory().await;
    let ids = start(&store).await.map_err(|error| vec![Failure::from(error)])?;
    let leader = WorkerId(ids.uuid());
    let mut failures = Vec::new();
    for check in room.checks() {
        let verdict = match Bench::new(Arc::clone(&store), Arc::clone(&ids), leader).await {
            Ok(bench) => (check.run)(&bench).await,
            Err(failure) => Err(failure),
        };
        if let Err(Failure(why)) = verdict {
            failures.push(Failure(format!("{label}: {room:?}: {}: {why}", check.name)));
        }
    }
    if failures.is_empty() {
        Ok(room.checks().len())
    } else {
        Err(failures)
    }
}

async fn start(store: &Arc<dyn Store>) -> Result<Arc<Ids>, StoreError> {
    Ok(Arc::new(Ids::new(store.now().await?)))
}
