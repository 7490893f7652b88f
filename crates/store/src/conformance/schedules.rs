//! Schedules: a tick, its runs and the next due time in one commit; a new version moves them.

use std::time::Duration;

use super::bench::Bench;
use super::check::{Failure, Verdict, ensure, ensure_eq, some};
use crate::{PutFate, RunState, ScheduleRow, Timestamp, WorkflowId};

super::checks![
    a_due_schedule_is_listed_with_its_version,
    a_schedule_is_not_due_before_its_time,
    a_tick_starts_its_runs_and_moves_on,
    of_concurrent_ticks_one_wins,
    a_tick_without_a_next_time_is_the_last,
    a_new_version_moves_the_schedule,
    a_new_version_without_a_schedule_removes_it,
    an_unchanged_version_leaves_the_schedule_alone,
    schedules_of_two_tenants_do_not_meet,
];

const SPEC: &str = r#"{"every":"PT1S"}"#;
const HOUR: Duration = Duration::from_hours(1);

async fn scheduled(bench: &Bench, name: &str, version: &str, due: Timestamp) -> Result<WorkflowId, Failure> {
    let id = WorkflowId(bench.token());
    let fate = bench.put(name, version, id, Some((SPEC.to_owned(), due))).await?;
    ensure_eq!(fate, PutFate::Created, "putting version {version} of {name}");
    Ok(id)
}

async fn due(bench: &Bench) -> Result<Vec<ScheduleRow>, Failure> {
    let (_, rows) = bench.store.due_schedules(1_000).await?;
    Ok(rows
        .into_iter()
        .filter(|row| row.tenant == bench.tenant)
        .collect())
}

async fn only(bench: &Bench) -> Result<ScheduleRow, Failure> {
    let mut rows = due(bench).await?;
    ensure_eq!(rows.len(), 1, "due schedules of this tenant");
    Ok(some!(rows.pop(), "the schedule"))
}

async fn a_due_schedule_is_listed_with_its_version(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    let id = scheduled(bench, "cron", "1.0.0", now).await?;
    let row = only(bench).await?;
    ensure_eq!(
        (row.workflow_name.as_str(), row.workflow),
        ("suite/cron", id),
        "name and version"
    );
    ensure_eq!(
        (row.spec.as_str(), row.next_due),
        (SPEC, now),
        "spec and due time"
    );
    let (clock, _) = bench.store.due_schedules(1).await?;
    ensure!(clock >= now, "the clock of the answer is {clock:?}");
    let term = bench.term().await?;
    ensure!(
        bench.store.tick(term, row.id, now, None, &[]).await?,
        "the last tick"
    );
    Ok(())
}

async fn a_schedule_is_not_due_before_its_time(bench: &Bench) -> Verdict {
    let later = bench.store.now().await?.after(HOUR);
    scheduled(bench, "cron", "1.0.0", later).await?;
    ensure!(due(bench).await?.is_empty(), "due an hour early");
    let next = some!(bench.store.next_schedule().await?, "the next schedule");
    ensure!(next <= later, "the next schedule is at {next:?}");
    Ok(())
}

async fn a_tick_starts_its_runs_and_moves_on(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    scheduled(bench, "cron", "1.0.0", now).await?;
    let row = only(bench).await?;
    let (term, next) = (bench.term().await?, now.after(HOUR));
    let runs = [bench.new_run(), bench.new_run()];
    ensure!(
        bench.store.tick(term, row.id, now, Some(next), &runs).await?,
        "the tick lost to nobody"
    );
    for run in &runs {
        ensure_eq!(
            bench.state(run.id).await?,
            RunState::Pending,
            "state of a started run"
        );
        bench.claim(run.id, 0).await?;
    }
    ensure!(due(bench).await?.is_empty(), "still due after the tick");
    let again = [bench.new_run()];
    ensure!(
        !bench.store.tick(term, row.id, now, Some(next), &again).await?,
        "one due time ticked twice"
    );
    ensure!(
        bench.store.run(bench.tenant, again[0].id).await?.is_none(),
        "a refused tick started a run"
    );
    Ok(())
}

async fn of_concurrent_ticks_one_wins(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    scheduled(bench, "cron", "1.0.0", now).await?;
    let row = only(bench).await?;
    let (term, next) = (bench.term().await?, Some(now.after(HOUR)));
    let runs: Vec<_> = (0..8).map(|_| [bench.new_run()]).collect();
    let ticks = runs
        .iter()
        .map(|run| bench.store.tick(term, row.id, now, next, run));
    let mut won = 0;
    for (run, moved) in runs.iter().zip(futures::future::join_all(ticks).await) {
        let moved = moved?;
        won += usize::from(moved);
        let stored = bench.store.run(bench.tenant, run[0].id).await?.is_some();
        ensure_eq!(
            stored,
            moved,
            "whether a tick that answered {moved} started its run"
        );
    }
    ensure_eq!(won, 1, "ticks that won");
    Ok(())
}

async fn a_tick_without_a_next_time_is_the_last(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    scheduled(bench, "cron", "1.0.0", now).await?;
    let row = only(bench).await?;
    let term = bench.term().await?;
    ensure!(
        bench.store.tick(term, row.id, now, None, &[]).await?,
        "the last tick"
    );
    ensure!(due(bench).await?.is_empty(), "due after the last tick");
    ensure!(
        !bench.store.tick(term, row.id, now, None, &[]).await?,
        "ticked twice"
    );
    Ok(())
}

async fn a_new_version_moves_the_schedule(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    scheduled(bench, "cron", "1.0.0", now).await?;
    let old = only(bench).await?;
    let moved = Timestamp(now.0 + 1);
    let id = scheduled(bench, "cron", "2.0.0", moved).await?;
    let row = only(bench).await?;
    ensure_eq!((row.workflow, row.next_due), (id, moved), "version and due time");
    let term = bench.term().await?;
    ensure!(
        !bench.store.tick(term, old.id, now, None, &[]).await?,
        "the old version's time still ticks"
    );
    ensure!(
        bench.store.tick(term, row.id, moved, None, &[]).await?,
        "the new version's time does not tick"
    );
    Ok(())
}

async fn a_new_version_without_a_schedule_removes_it(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    scheduled(bench, "cron", "1.0.0", now).await?;
    let old = only(bench).await?;
    bench
        .put("cron", "2.0.0", WorkflowId(bench.token()), None)
        .await?;
    ensure!(due(bench).await?.is_empty(), "due after its removal");
    let term = bench.term().await?;
    ensure!(
        !bench.store.tick(term, old.id, now, None, &[]).await?,
        "ticked after its removal"
    );
    Ok(())
}

async fn an_unchanged_version_leaves_the_schedule_alone(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    let first = scheduled(bench, "cron", "1.0.0", now).await?;
    let second = scheduled(bench, "cron", "2.0.0", now).await?;
    let fate = bench
        .put("cron", "1.0.0", WorkflowId(bench.token()), None)
        .await?;
    ensure_eq!(fate, PutFate::Unchanged(first), "putting version 1.0.0 again");
    ensure_eq!(
        only(bench).await?.workflow,
        second,
        "the version that is scheduled"
    );
    Ok(())
}

async fn schedules_of_two_tenants_do_not_meet(bench: &Bench) -> Verdict {
    let now = bench.store.now().await?;
    let stranger = bench.neighbour().await?;
    let mine = scheduled(bench, "cron", "1.0.0", now).await?;
    let theirs = scheduled(&stranger, "cron", "1.0.0", now).await?;
    ensure_eq!(
        (only(bench).await?.workflow, only(&stranger).await?.workflow),
        (mine, theirs),
        "versions"
    );
    stranger
        .put("cron", "2.0.0", WorkflowId(bench.token()), None)
        .await?;
    ensure_eq!(only(bench).await?.workflow, mine, "mine after theirs is gone");
    Ok(())
}
