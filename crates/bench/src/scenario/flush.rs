//! What an emptied Redis costs: 100,000 ready runs are offered anew, and a worker that is busy with them goes on.

use std::{collections::HashSet, time::Duration};

use anyhow::Context as _;
use levqor_queue::{Queue, RedisQueue};
use levqor_testkit::{Redis, eventually};
use tokio::time::Instant;

use crate::{context::Context, load, record::Record, target::Target};

const READY: usize = 100_000;

/// Hints that the scheduler keeps waiting at the least: with so many it has nothing to do.
const FED: u64 = 1_000;

/// Until then all must have been offered.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) async fn measure(context: &Context<'_>, record: &mut Record) -> anyhow::Result<()> {
    let mut target = context.target().await?;
    let count = context.arguments.amount(READY);
    target.remove("worker").await?;
    let posted = load::post(&target, "noop", count).await?;
    let queue = RedisQueue::open(&target.redis, "levqor")?;
    for round in 1..=context.arguments.rounds() {
        context.say(&format!("readvertise: round {round}, {posted} ready runs"));
        let (first, all) = offered(&queue, redis(&target)?, posted).await?;
        record.push("first_hint_s", first.as_secs_f64());
        record.push("readvertised_s", all.as_secs_f64());
    }
    record.note(format!(
        "readvertise: {posted} ready runs and no worker. The queue is emptied by FLUSHALL; from then on this program takes \
         hints out of it as a worker with endless slots would, until it has seen every run at least once."
    ));
    context.say("readvertise: a worker on the backlog");
    target.add("worker").await?;
    let stall = stall(&target, posted as u64).await?;
    record.push("flush_stall_s", stall.as_secs_f64());
    Ok(())
}

fn redis(target: &Target) -> anyhow::Result<&Redis> {
    let servers = target.servers.as_ref().context("no servers")?;
    Ok(&servers.redis)
}

/// Time from FLUSHALL to the first hint, and until every run was offered.
async fn offered(queue: &RedisQueue, redis: &Redis, runs: usize) -> anyhow::Result<(Duration, Duration)> {
    eventually(PATIENCE, || async {
        queue.depth().await.is_ok_and(|depth| depth >= FED)
    })
    .await
    .context("the queue is not fed")?;
    redis.flushall().await?;
    let begin = Instant::now();
    let (mut seen, mut first) = (HashSet::with_capacity(runs), None);
    while seen.len() < runs {
        anyhow::ensure!(
            begin.elapsed() < PATIENCE,
            "{} of {runs} runs were offered within {PATIENCE:?}",
            seen.len()
        );
        let hints = queue.fetch(10_000, Duration::from_millis(100)).await?;
        if !hints.is_empty() {
            first.get_or_insert_with(|| begin.elapsed());
        }
        seen.extend(hints.into_iter().map(|hint| hint.run));
    }
    Ok((first.unwrap_or_default(), begin.elapsed()))
}

/// The longest time without a completed run from a FLUSHALL in the middle of the backlog on until it is done.
async fn stall(target: &Target, runs: u64) -> anyhow::Result<Duration> {
    while target.ended().await? < runs / 10 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    redis(target)?.flushall().await?;
    let (mut longest, mut ended, mut moved) = (Duration::ZERO, target.ended().await?, Instant::now());
    while ended < runs && moved.elapsed() < PATIENCE {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = target.ended().await?;
        if now > ended {
            longest = longest.max(moved.elapsed());
            (ended, moved) = (now, Instant::now());
        }
    }
    anyhow::ensure!(ended >= runs, "{ended} of {runs} runs ended after FLUSHALL");
    Ok(longest)
}
