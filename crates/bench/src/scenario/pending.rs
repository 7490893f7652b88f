//! The same rates with a million runs that wait for their time, and what Redis holds when a million wait for a worker.

use std::time::Duration;

use serde_json::json;

use super::ratio;
use crate::{context::Context, load, record::Record, seed, session::Session, target::Target};

const PENDING: usize = 1_000_000;

/// How long the relay goes on feeding a queue that nobody reads.
const FEEDING: Duration = Duration::from_secs(10);

pub(super) async fn measure(context: &Context<'_>, record: &mut Record) -> anyhow::Result<()> {
    let (mut empty, full) = ratio::pair(context).await?;
    let count = context.arguments.amount(PENDING);
    context.say(&format!("pending: making {count} rows"));
    one_for_later(&full).await?;
    let mut session = Session::open(&full.database).await?;
    seed::pending(&mut session, count, |text| context.say(text)).await?;
    let rows = ["pending_batch_ratio", "pending_single_ratio", "pending_wf3_ratio"];
    ratio::compare(context, &empty, &full, rows, record).await?;
    record.note(format!(
        "pending: {count} runs with a later `run_at` for the rates"
    ));
    drop(full);
    without_worker(context, &mut empty, count, record).await
}

/// The run that the others are copies of.
async fn one_for_later(target: &Target) -> anyhow::Result<()> {
    let at = "SELECT to_char(now() AT TIME ZONE 'UTC' + interval '1 day', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
    let at = Session::open(&target.database).await?.text(at).await?;
    let body = json!({"workflow": "bench/noop", "payload": {}, "run_at": at}).to_string();
    let mut connection = target.open().await?;
    connection.post("/api/v1/intake", body.as_bytes()).await.map(drop)
}

/// Accepts runs while no worker is there, and keeps the largest memory of Redis while hints are pushed.
async fn without_worker(
    context: &Context<'_>,
    target: &mut Target,
    count: usize,
    record: &mut Record,
) -> anyhow::Result<()> {
    context.say(&format!("pending: {count} runs and no worker"));
    target.remove("worker").await?;
    let mut most: f64 = 0.0;
    for _ in 0..20 {
        load::post(target, "noop", count / 20).await?;
        most = most.max(memory(target).await?);
    }
    let until = tokio::time::Instant::now() + FEEDING;
    while tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(500)).await;
        most = most.max(memory(target).await?);
    }
    record.push("pending_redis_mb", most);
    record.note(format!(
        "pending: {count} ready runs without a worker for the memory of Redis, the server's own included"
    ));
    Ok(())
}

/// What the server uses in all, in MB.
async fn memory(target: &Target) -> anyhow::Result<f64> {
    let servers = target.servers.as_ref();
    let redis = &servers.ok_or_else(|| anyhow::anyhow!("no Redis"))?.redis;
    let mut connection = redis.connection().await?;
    let info: String = redis::cmd("INFO")
        .arg("memory")
        .query_async(&mut connection)
        .await?;
    let bytes = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
    let bytes: Option<f64> = bytes.and_then(|bytes| bytes.trim().parse().ok());
    bytes
        .map(|bytes| bytes / 1e6)
        .ok_or_else(|| anyhow::anyhow!("Redis does not say what it uses"))
}
