//! P10, the worker's half: rows that name this worker and that none of its tasks or commits holds are released.

use std::{collections::HashSet, sync::Arc};

use levqor_store::RunId;
use tokio::time::MissedTickBehavior;

use crate::shared::Shared;

/// Priority to ring with for a run nothing is known of: normal.
const UNKNOWN_PRIORITY: i16 = 1;

/// Sweeps for ever.
pub(crate) async fn sweep_for_ever(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(shared.options.sweep_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut suspects = HashSet::new();
    loop {
        ticks.tick().await;
        suspects = sweep(&shared, &suspects).await;
    }
}

/// One pass: releases orphans that were suspects already, and answers the new suspects. A claim whose answer is on its
/// way looks like an orphan once, not twice.
async fn sweep(shared: &Shared, suspects: &HashSet<(RunId, i32)>) -> HashSet<(RunId, i32)> {
    let owned = match shared.env.store.owned(shared.id).await {
        Ok(owned) => owned,
        Err(error) => {
            tracing::debug!(%error, "owned runs cannot be read");
            return HashSet::new();
        }
    };
    let orphans: HashSet<_> = owned
        .into_iter()
        .filter(|(run, _)| !shared.held.knows(*run))
        .collect();
    for &(run, epoch) in orphans.intersection(suspects) {
        tracing::warn!(%run, epoch, "a run that nobody here holds is released");
        shared.releases.add(run, epoch, UNKNOWN_PRIORITY);
    }
    orphans.difference(suspects).copied().collect()
}
