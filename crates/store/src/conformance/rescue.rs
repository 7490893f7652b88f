//! Freeing the runs of workers that are not alive (P10), and what the dead can still do: nothing.

use super::bench::{Bench, append, end, park};
use super::check::{Failure, Verdict, ensure, ensure_eq, some};
use crate::{Ready, RunId, RunState, WorkerId, WriteFate};

super::checks![
    a_rescue_frees_the_runs_of_the_dead,
    a_rescue_leaves_the_living_alone,
    a_rescue_has_a_limit,
    deaths_count_up_and_an_append_resets_them,
    p10_a_late_claim_of_a_dead_worker_is_freed,
    p10_runs_of_a_retired_worker_are_freed,
    p3_a_zombie_writes_nothing_after_a_rescue,
    a_rescued_run_keeps_journal_and_inbox,
];

async fn bury(bench: &Bench, worker: WorkerId) -> Verdict {
    let seen = bench
        .store
        .beats()
        .await?
        .into_iter()
        .find(|beat| beat.worker == worker);
    let seen = some!(seen, "the worker to bury");
    let term = bench.term().await?;
    ensure!(
        bench.store.bury(term, worker, seen.beats).await?,
        "the burial was refused"
    );
    Ok(())
}

async fn rescue_all(bench: &Bench) -> Result<Vec<Ready>, Failure> {
    let term = bench.term().await?;
    let mut freed = Vec::new();
    loop {
        let some = bench.store.rescue(term, 100).await?;
        if some.is_empty() {
            return Ok(freed);
        }
        freed.extend(some);
    }
}

/// Claims as a new worker, which then dies and is rescued from.
async fn die_holding(bench: &Bench, run: RunId, epoch: i32) -> Verdict {
    let worker = bench.other_worker().await?;
    let claimed = bench.try_claim(worker, run, epoch).await?;
    ensure!(claimed.is_some(), "run {run} is not claimable at epoch {epoch}");
    bury(bench, worker).await?;
    let freed = rescue_all(bench).await?;
    ensure!(
        freed.contains(&Ready {
            run,
            epoch: epoch + 1,
            priority: 1
        }),
        "not freed: {freed:?}"
    );
    Ok(())
}

async fn a_rescue_frees_the_runs_of_the_dead(bench: &Bench) -> Verdict {
    let run = bench.accept_one().await?;
    die_holding(bench, run, 0).await?;
    ensure_eq!(bench.state(run).await?, RunState::Pending, "state");
    ensure!(
        bench.is_ready(run, 1).await?,
        "the relay does not see the freed run"
    );
    let claimed = bench.claim(run, 1).await?;
    ensure_eq!((claimed.epoch, claimed.deaths), (2, 1), "epoch and deaths");
    Ok(())
}

async fn a_rescue_leaves_the_living_alone(bench: &Bench) -> Verdict {
    let running = bench.running().await?;
    let waiting = bench.waiting(|_| ()).await?;
    let freed = rescue_all(bench).await?;
    ensure!(
        freed
            .iter()
            .all(|ready| ready.run != running && ready.run != waiting),
        "freed from the living"
    );
    ensure_eq!(
        bench.append(&append(running, 1, 0)).await?,
        WriteFate::Committed,
        "the owner's append"
    );
    Ok(())
}

async fn a_rescue_has_a_limit(bench: &Bench) -> Verdict {
    let worker = bench.other_worker().await?;
    let runs = bench.accept(5).await?;
    for run in &runs {
        bench.try_claim(worker, *run, 0).await?;
    }
    bury(bench, worker).await?;
    let term = bench.term().await?;
    let mut freed = Vec::new();
    for expected in [2, 2, 1, 0] {
        let some = bench.store.rescue(term, 2).await?;
        ensure_eq!(some.len(), expected, "runs freed by one pass");
        freed.extend(some.into_iter().map(|ready| ready.run));
    }
    freed.sort();
    ensure_eq!(freed, runs, "all freed");
    Ok(())
}

async fn deaths_count_up_and_an_append_resets_them(bench: &Bench) -> Verdict {
    let run = bench.accept_one().await?;
    die_holding(bench, run, 0).await?;
    die_holding(bench, run, 1).await?;
    let claimed = bench.claim(run, 2).await?;
    ensure_eq!(claimed.deaths, 2, "deaths after two");
    bench.append(&append(run, 3, 0)).await?;
    bench.store.release(&[(run, 3)]).await?;
    ensure_eq!(bench.claim(run, 3).await?.deaths, 0, "deaths after an append");
    Ok(())
}

async fn p10_a_late_claim_of_a_dead_worker_is_freed(bench: &Bench) -> Verdict {
    let worker = bench.other_worker().await?;
    bury(bench, worker).await?;
    rescue_all(bench).await?;
    let run = bench.accept_one().await?;
    if bench.try_claim(worker, run, 0).await?.is_some() {
        let freed = rescue_all(bench).await?;
        ensure!(
            freed.contains(&Ready {
                run,
                epoch: 1,
                priority: 1
            }),
            "a late claim stays with the dead"
        );
    }
    ensure_eq!(bench.state(run).await?, RunState::Pending, "state");
    Ok(())
}

async fn p10_runs_of_a_retired_worker_are_freed(bench: &Bench) -> Verdict {
    let worker = bench.other_worker().await?;
    let run = bench.accept_one().await?;
    bench.try_claim(worker, run, 0).await?;
    bench.store.retire_worker(worker).await?;
    let freed = rescue_all(bench).await?;
    ensure!(
        freed.iter().any(|ready| ready.run == run),
        "a run stays with a retired worker"
    );
    Ok(())
}

async fn p3_a_zombie_writes_nothing_after_a_rescue(bench: &Bench) -> Verdict {
    let run = bench.accept_one().await?;
    die_holding(bench, run, 0).await?;
    ensure_eq!(
        bench.append(&append(run, 1, 0)).await?,
        WriteFate::Fenced,
        "append before the next claim"
    );
    ensure_eq!(
        bench.end(&end(run, 1, 0, 0)).await?,
        WriteFate::Fenced,
        "end before the next claim"
    );
    bench.claim(run, 1).await?;
    ensure_eq!(
        bench.append(&append(run, 1, 0)).await?,
        WriteFate::Fenced,
        "append"
    );
    ensure_eq!(bench.park(&park(run, 1, 0, 0)).await?, WriteFate::Fenced, "park");
    ensure_eq!(bench.end(&end(run, 1, 0, 0)).await?, WriteFate::Fenced, "end");
    ensure_eq!(bench.store.release(&[(run, 1)]).await?, [], "release");
    ensure_eq!(bench.store.inbox_counts(&[(run, 1)]).await?, [], "inbox counter");
    ensure_eq!(
        bench.append(&append(run, 2, 0)).await?,
        WriteFate::Committed,
        "the new owner's append"
    );
    Ok(())
}

async fn a_rescued_run_keeps_journal_and_inbox(bench: &Bench) -> Verdict {
    let worker = bench.other_worker().await?;
    let run = bench.accept_one().await?;
    bench.try_claim(worker, run, 0).await?;
    bench.append(&append(run, 1, 0)).await?;
    bench.cancel(run).await?;
    bury(bench, worker).await?;
    rescue_all(bench).await?;
    let claimed = bench.claim(run, 1).await?;
    ensure_eq!(
        (claimed.seq, claimed.journal.len(), claimed.inbox.len()),
        (1, 1, 1),
        "what is kept"
    );
    ensure_eq!(claimed.deaths, 1, "deaths since the last append");
    Ok(())
}
