//! What waits for a worker, as intake looks at it.

use std::time::Duration;

use super::bench::Bench;
use super::check::{Verdict, ensure_eq};
use crate::NewRun;

super::checks![
    no_worker_is_alive_once_the_last_is_buried,
    what_waits_is_counted_by_tenant_and_priority,
    what_is_held_parked_or_not_due_does_not_wait,
    of_more_than_asked_for_the_newest_are_counted,
];

/// Enough for what a check makes.
const ALL: i64 = 1_000;

/// Runs that wait in a priority, of the bench's tenant.
async fn waiting(bench: &Bench, priority: i16, most: i64) -> Result<i64, super::Failure> {
    let held = bench.store.db().waiting(priority, most).await?;
    let own = held.iter().filter(|held| held.tenant_id == bench.tenant);
    Ok(own.map(|held| held.runs).sum())
}

/// First of the room: the other checks leave workers behind.
async fn no_worker_is_alive_once_the_last_is_buried(bench: &Bench) -> Verdict {
    let db = bench.store.db();
    ensure_eq!(db.any_worker().await?, true, "with the bench's worker");
    bench.store.retire_worker(bench.worker).await?;
    ensure_eq!(db.any_worker().await?, false, "without it");
    Ok(())
}

async fn what_waits_is_counted_by_tenant_and_priority(bench: &Bench) -> Verdict {
    let other = bench.neighbour().await?;
    bench.accept(3).await?;
    other.accept(2).await?;
    let low = NewRun {
        priority: 2,
        ..bench.new_run()
    };
    bench.intake_one(&low).await?;
    ensure_eq!(waiting(bench, 1, ALL).await?, 3, "normal");
    ensure_eq!(waiting(bench, 2, ALL).await?, 1, "low");
    ensure_eq!(waiting(&other, 1, ALL).await?, 2, "normal of the neighbour");
    ensure_eq!(waiting(&other, 2, ALL).await?, 0, "low of the neighbour");
    Ok(())
}

async fn what_is_held_parked_or_not_due_does_not_wait(bench: &Bench) -> Verdict {
    bench.running().await?;
    let later = NewRun {
        run_at: Some(bench.store.now().await?.after(Duration::from_hours(1))),
        ..bench.new_run()
    };
    bench.intake_one(&later).await?;
    ensure_eq!(waiting(bench, 1, ALL).await?, 0, "waiting");
    Ok(())
}

async fn of_more_than_asked_for_the_newest_are_counted(bench: &Bench) -> Verdict {
    bench.accept(3).await?;
    let other = bench.neighbour().await?;
    other.accept(2).await?;
    ensure_eq!(waiting(bench, 1, 3).await?, 1, "older");
    ensure_eq!(waiting(&other, 1, 3).await?, 2, "newer");
    ensure_eq!(waiting(bench, 1, 2).await?, 0, "older, beyond the bound");
    Ok(())
}
