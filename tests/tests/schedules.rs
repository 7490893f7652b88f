//! Schedules over two schedulers: each due time starts one run, across a change of leader.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::eventually;
use levqor_tests::{Fleet, Role, ticking};

const MINUTE: i64 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_cron_of_every_second_starts_each_due_tick_once_while_the_leader_is_killed() -> Result<()> {
    let fleet = Fleet::start(1).await?;
    fleet.add(Role::Scheduler).await?;
    fleet.client.store(&ticking()).await?;
    let database = fleet.database().await?;
    let ticks = async || -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar("SELECT run_at / 1000000 FROM ended ORDER BY run_at").fetch_all(&database).await?)
    };
    let reached = async |count: usize| {
        eventually(Duration::from_secs(120), async || ticks().await.is_ok_and(|ticks| ticks.len() >= count)).await
    };
    reached(15).await.context("no ticks")?;
    // The first scheduler was alone when it started, so it leads.
    fleet.kill_and_replace(Role::Scheduler).await?;
    reached(MINUTE as usize).await.context("the ticks stopped")?;
    let ticks = ticks().await?;
    let (first, last) = (ticks[0], ticks[ticks.len() - 1]);
    let distinct: BTreeSet<i64> = ticks.iter().copied().collect();
    ensure!(distinct.len() == ticks.len(), "a tick ran twice: {ticks:?}");
    ensure!(distinct == (first..=last).collect(), "a tick is missing: {ticks:?}");
    Ok(())
}
