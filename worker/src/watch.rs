//! The watch over runs whose call takes long: one query for all of them tells whose inbox has moved (a cancel, an
//! event, a timer) and who is no longer ours.

use std::{collections::HashMap, sync::Arc};

use tokio::time::MissedTickBehavior;

use crate::{held::HeldRun, shared::Shared};

/// Watches for ever.
pub(crate) async fn watch_for_ever(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(shared.options.watch_every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let calling = shared.held.calling_for(shared.options.watch_every);
        if !calling.is_empty() {
            look(&shared, &calling).await;
        }
    }
}

async fn look(shared: &Shared, calling: &[Arc<HeldRun>]) {
    let keys: Vec<_> = calling.iter().map(|run| (run.id, run.epoch)).collect();
    let counts: HashMap<_, _> = match shared.env.store.inbox_counts(&keys).await {
        Ok(counts) => counts.into_iter().collect(),
        Err(error) => {
            tracing::debug!(%error, "inboxes cannot be read");
            return;
        }
    };
    for run in calling {
        match counts.get(&run.id) {
            Some(&n) => run.inbox_is_at(n),
            None => run.gone.cancel(),
        }
    }
}
