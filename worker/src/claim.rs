//! The apalis handler: one task is one message of hints, and it is over when the runs it won are.

use std::sync::Arc;

use futures::future::join_all;
use levqor_queue::{AWAITED, COMING, Hint, Hints, Slot};
use levqor_store::{ClaimRequest, ClaimedRun, RunId, batch::BatchError};
use tokio::time::Instant;

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
    match ask(shared, hint).await {
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

/// The claim of a hint; of one for a run that is coming, as often as that takes.
async fn ask(shared: &Shared, hint: Hint) -> Result<Option<ClaimedRun>, BatchError> {
    let request = ClaimRequest {
        run: RunId(hint.run),
        epoch: hint.epoch.max(0),
        token: shared.env.ids.uuid_v7(),
    };
    let claim = || shared.batch.claims.submit(request);
    match hint.epoch {
        COMING => await_run(claim).await,
        _ => claim().await,
    }
}

/// Claims a run that is being committed until it is there or was not there after [`AWAITED`]. The pause is the store's answer,
/// a fraction of a commit: a claim that finds nothing writes nothing, and tokio's shortest pause is longer than most commits.
async fn await_run<T, E, F>(claim: impl Fn() -> F) -> Result<Option<T>, E>
where
    F: Future<Output = Result<Option<T>, E>>,
{
    let until = Instant::now() + AWAITED;
    loop {
        let asked = Instant::now();
        let won = claim().await?;
        if won.is_some() || asked >= until {
            return Ok(won);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        sync::atomic::{AtomicU32, Ordering::Relaxed},
        time::Duration,
    };

    use tokio::time::advance;

    use super::*;

    /// Of a run that the claim with this number finds, when each takes a millisecond: whether it was won, and after how many
    /// claims.
    async fn won_by(number: u32) -> (bool, u32) {
        let claims = AtomicU32::new(0);
        let claim = || async {
            advance(Duration::from_millis(1)).await;
            let there = claims.fetch_add(1, Relaxed) >= number;
            Ok::<_, Infallible>(there.then_some(()))
        };
        let Ok(won) = await_run(claim).await;
        (won.is_some(), claims.load(Relaxed))
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_is_coming_is_claimed_as_soon_as_it_is_there_and_given_up_after_a_while() {
        assert_eq!(won_by(0).await, (true, 1));
        assert_eq!(won_by(2).await, (true, 3));
        assert_eq!(
            won_by(9).await,
            (false, 4),
            "the last is made after all of the time"
        );
    }
}
