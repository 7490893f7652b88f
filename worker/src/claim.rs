//! The apalis handler: one task is one message of hints, and it is over when the runs it won are.

use std::sync::Arc;

use futures::future::join_all;
use levqor_queue::{Hint, Hints, Slot};
use levqor_store::{ClaimRequest, ClaimedRun, RunId};

use crate::{held::HoldGuard, run, shared::Shared, trace::Traced};

/// Claims what the message hints at and runs each run that was won, each in a tracked task: these live on when the
/// apalis worker is started anew. Nothing comes back: outcomes are committed in the store, and a hint is worthless
/// once read.
pub(crate) async fn perform(message: Hints, shared: &Arc<Shared>) {
    let tasks = message.0.into_iter().map(|hint| {
        let slot = shared.slots.take();
        shared.runs.spawn(claim_and_run(shared.clone(), hint, slot))
    });
    for over in join_all(tasks.collect::<Vec<_>>()).await {
        if let Err(error) = over {
            tracing::error!(%error, "a run's task was lost");
        }
    }
}

async fn claim_and_run(shared: Arc<Shared>, hint: Hint, _slot: Slot) {
    if shared.signals.draining.is_cancelled() {
        return;
    }
    let tracer = &shared.options.tracer;
    let rung = tracer.is_on().then(|| shared.clock.now());
    let claimed = tokio::select! {
        biased;
        // A claim may wait for a database that is away; a stopping process does not wait with it.
        () = shared.signals.abort.cancelled() => return,
        claimed = claim(&shared, hint) => claimed,
    };
    if let Some((claimed, hold)) = claimed {
        shared.clock.refresh(claimed.now);
        if let Some(traced) = Traced::of(tracer, &claimed) {
            let at = (rung.unwrap_or(claimed.now), shared.clock.now());
            tracer.record(traced.claimed(at));
        }
        run::run(shared, claimed, hold).await;
    }
}

/// The run, held, when the hint was good. The claim guard covers the time until it is.
async fn claim(shared: &Shared, hint: Hint) -> Option<(ClaimedRun, HoldGuard)> {
    let _claiming = shared.held.claiming(RunId(hint.run));
    let request = ClaimRequest {
        run: RunId(hint.run),
        epoch: hint.epoch,
        token: shared.env.ids.uuid_v7(),
    };
    match shared.batch.claims.submit(request).await {
        Ok(Some(claimed)) => {
            shared.stats.claims.increment();
            if claimed.epoch == 1 {
                // A run that had to wait for its time was rung for by the timer in its inbox.
                let since = claimed.inbox.first().map_or(claimed.created_at, |timer| timer.at);
                shared.env.observer.started(claimed.now.since(since));
            }
            let hold = shared.held.hold(claimed.id, claimed.epoch);
            Some((claimed, hold))
        }
        Ok(None) => {
            shared.stats.empty_claims.increment();
            None
        }
        Err(error) => {
            // The relay rings again; the sweep frees what was won without our knowing (P10).
            tracing::warn!(run = %hint.run, %error, "claim failed");
            None
        }
    }
}
