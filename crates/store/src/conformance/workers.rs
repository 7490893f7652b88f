//! Beats, burials, retirement and release.

use super::bench::{Bench, append};
use super::check::{Failure, Verdict, ensure, ensure_eq, some};
use crate::{Beat, RunState, WorkerId, WriteFate};

super::checks![
    a_beat_raises_the_counter_and_tells_the_load,
    an_unknown_worker_cannot_beat,
    a_worker_that_has_beaten_since_is_not_buried,
    a_buried_worker_cannot_beat_again,
    a_buried_worker_cannot_register_again,
    a_retired_worker_is_not_alive,
    a_released_run_is_claimable_at_its_epoch,
    a_repeated_release_is_answered_again,
    a_release_is_fenced,
    owned_names_what_a_worker_holds,
];

async fn beat_of(bench: &Bench, worker: WorkerId) -> Result<Option<Beat>, Failure> {
    Ok(bench
        .store
        .beats()
        .await?
        .into_iter()
        .find(|beat| beat.worker == worker))
}

async fn a_beat_raises_the_counter_and_tells_the_load(bench: &Bench) -> Verdict {
    let first = some!(
        beat_of(bench, bench.worker).await?,
        "a registered worker among the living"
    );
    ensure_eq!((first.slots, first.busy), (8, 0), "slots and load at the start");
    ensure!(
        bench.store.beat(bench.worker, 3).await?,
        "a living worker cannot beat"
    );
    let second = some!(beat_of(bench, bench.worker).await?, "the worker after a beat");
    ensure!(second.beats > first.beats, "the counter stood still");
    ensure_eq!(second.busy, 3, "load");
    Ok(())
}

async fn an_unknown_worker_cannot_beat(bench: &Bench) -> Verdict {
    ensure!(
        !bench.store.beat(WorkerId(bench.token()), 0).await?,
        "a worker never registered has beaten"
    );
    Ok(())
}

async fn a_worker_that_has_beaten_since_is_not_buried(bench: &Bench) -> Verdict {
    let seen = some!(beat_of(bench, bench.worker).await?, "the worker");
    bench.store.beat(bench.worker, 0).await?;
    let term = bench.term().await?;
    ensure!(
        !bench.store.bury(term, bench.worker, seen.beats).await?,
        "buried although it has beaten"
    );
    ensure!(
        bench.store.beat(bench.worker, 0).await?,
        "it cannot beat any more"
    );
    Ok(())
}

async fn bury(bench: &Bench, worker: WorkerId) -> Verdict {
    let seen = some!(beat_of(bench, worker).await?, "the worker to bury");
    let term = bench.term().await?;
    ensure!(
        bench.store.bury(term, worker, seen.beats).await?,
        "the burial was refused"
    );
    Ok(())
}

async fn a_buried_worker_cannot_beat_again(bench: &Bench) -> Verdict {
    bury(bench, bench.worker).await?;
    ensure!(
        !bench.store.beat(bench.worker, 0).await?,
        "a dead worker has beaten"
    );
    ensure_eq!(
        beat_of(bench, bench.worker).await?,
        None,
        "the dead among the living"
    );
    let term = bench.term().await?;
    ensure!(!bench.store.bury(term, bench.worker, 0).await?, "buried twice");
    Ok(())
}

async fn a_buried_worker_cannot_register_again(bench: &Bench) -> Verdict {
    bury(bench, bench.worker).await?;
    // Whether the store refuses or ignores it, ids are never reused.
    let _refused = bench.register(bench.worker).await;
    ensure!(
        !bench.store.beat(bench.worker, 0).await?,
        "a dead worker came back"
    );
    Ok(())
}

async fn a_retired_worker_is_not_alive(bench: &Bench) -> Verdict {
    bench.store.retire_worker(bench.worker).await?;
    ensure_eq!(
        beat_of(bench, bench.worker).await?,
        None,
        "the retired among the living"
    );
    ensure!(
        !bench.store.beat(bench.worker, 0).await?,
        "a retired worker has beaten"
    );
    Ok(())
}

async fn a_released_run_is_claimable_at_its_epoch(bench: &Bench) -> Verdict {
    let runs = [bench.running().await?, bench.running().await?];
    let mut released = bench.store.release(&[(runs[0], 1), (runs[1], 1)]).await?;
    released.sort();
    ensure_eq!(released, [(runs[0], 1), (runs[1], 1)], "released");
    for run in runs {
        ensure_eq!(bench.state(run).await?, RunState::Pending, "state");
        ensure!(
            bench.is_ready(run, 1).await?,
            "the relay does not see the released run"
        );
        let claimed = bench.claim(run, 1).await?;
        ensure_eq!(
            (claimed.epoch, claimed.deaths),
            (2, 0),
            "epoch and deaths of the next claim"
        );
    }
    Ok(())
}

async fn a_repeated_release_is_answered_again(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    for attempt in ["first", "second"] {
        ensure_eq!(
            bench.store.release(&[(run, 1)]).await?,
            [(run, 1)],
            "{attempt} release"
        );
    }
    bench.claim(run, 1).await?;
    ensure_eq!(
        bench.store.release(&[(run, 1)]).await?,
        [],
        "a release after the next claim"
    );
    Ok(())
}

async fn a_release_is_fenced(bench: &Bench) -> Verdict {
    let run = bench.running().await?;
    ensure_eq!(bench.store.release(&[(run, 0)]).await?, [], "an old epoch");
    ensure_eq!(bench.store.release(&[(run, 2)]).await?, [], "a coming epoch");
    ensure_eq!(
        bench.append(&append(run, 1, 0)).await?,
        WriteFate::Committed,
        "the owner's append"
    );
    let waiting = bench.waiting(|_| ()).await?;
    ensure_eq!(bench.store.release(&[(waiting, 1)]).await?, [], "a waiting run");
    ensure_eq!(bench.state(waiting).await?, RunState::Waiting, "state");
    Ok(())
}

async fn owned_names_what_a_worker_holds(bench: &Bench) -> Verdict {
    let runs = bench.accept(3).await?;
    for run in &runs {
        bench.claim(*run, 0).await?;
    }
    bench.store.release(&[(runs[1], 1)]).await?;
    let mut owned = bench.store.owned(bench.worker).await?;
    owned.sort();
    ensure_eq!(owned, [(runs[0], 1), (runs[2], 1)], "owned");
    ensure_eq!(
        bench.store.owned(bench.other_worker().await?).await?,
        [],
        "another worker's"
    );
    Ok(())
}
