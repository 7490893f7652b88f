//! Schedules over two schedulers: each due time starts one run, across a change of leader.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::eventually;
use levqor_tests::{Embedded, Fleet, Role, ticking};

const MINUTE: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_cron_of_every_second_starts_each_due_tick_once_while_the_leader_is_killed() -> Result<()> {
    let fleet = Fleet::start(1).await?;
    fleet.add(Role::Scheduler).await?;
    fleet.client.store(&ticking()).await?;
    let database = fleet.database().await?;
    let ticks = async || -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar("SELECT due / 1000000 FROM ended ORDER BY due")
            .fetch_all(&database)
            .await?)
    };
    let reached = async |count: usize| {
        eventually(Duration::from_mins(2), async || {
            ticks().await.is_ok_and(|ticks| ticks.len() >= count)
        })
        .await
    };
    reached(15).await.context("no ticks")?;
    // The first scheduler was alone when it started, so it leads.
    fleet.kill_and_replace(Role::Scheduler).await?;
    reached(MINUTE).await.context("the ticks stopped")?;
    let ticks = ticks().await?;
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    let distinct: BTreeSet<i64> = ticks.iter().copied().collect();
    ensure!(distinct.len() == ticks.len(), "a tick ran twice: {ticks:?}");
    ensure!(
        distinct == (first..=last).collect(),
        "a tick is missing: {ticks:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_two_seconds_starts_runs_two_seconds_apart_and_a_new_version_moves_the_schedule() -> Result<()>
{
    let (server, _folder) = Embedded::fresh().await?;
    let client = &server.client;
    let every = |version: &str| {
        let head = format!("document: {{ dsl: 1.0.3, namespace: test, name: every, version: {version} }}");
        format!("{head}\nschedule: {{ every: {{ seconds: 2 }} }}\ndo:\n  - only: {{ call: noop }}\n")
    };
    client.store(&every("1.0.0")).await?;
    let started = async |version: &str| -> Result<Vec<String>> {
        let (_, list) = client
            .get(&format!("/api/v1/runs?workflow=test/every&version={version}"))
            .await?;
        let runs = list["runs"].as_array().context("no runs")?;
        Ok(runs
            .iter()
            .filter_map(|run| run["run_at"].as_str().map(str::to_owned))
            .collect())
    };
    let limit = Duration::from_secs(30);
    eventually(limit, async || {
        started("1.0.0").await.is_ok_and(|runs| runs.len() >= 3)
    })
    .await?;
    client.store(&every("2.0.0")).await?;
    eventually(limit, async || {
        started("2.0.0").await.is_ok_and(|runs| runs.len() >= 2)
    })
    .await?;
    let distinct: BTreeSet<String> = started("1.0.0")
        .await?
        .into_iter()
        .chain(started("2.0.0").await?)
        .collect();
    let all = started("1.0.0").await?.len() + started("2.0.0").await?.len();
    ensure!(distinct.len() == all, "a due time started two runs: {distinct:?}");
    Ok(())
}
