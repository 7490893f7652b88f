//! The loads: runs posted in batches, runs posted one by one by 32 clients, runs at a steady pace.

use std::time::{Duration, Instant};

use anyhow::Context;
use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::{http::Connection, target::Target};

/// Clients that post one run a request.
const CLIENTS: usize = 32;

/// Runs in one batch request.
pub(crate) const BATCH: usize = 500;

/// Batch requests under way at once.
const BATCHERS: usize = 4;

/// Connections are made this long before they are used, so that making them is not measured.
const CONNECT: Duration = Duration::from_millis(200);

/// Stores the documents the loads run.
pub(crate) async fn prepare(target: &Target) -> anyhow::Result<()> {
    let mut connection = target.open().await?;
    for (name, tasks) in [
        ("noop", json!([{"a": {"call": "noop"}}])),
        (
            "three",
            json!([{"a": {"call": "noop"}}, {"b": {"call": "noop"}}, {"c": {"call": "noop"}}]),
        ),
        ("stamp", json!([{"a": {"call": "now"}}])),
    ] {
        let document = json!({
            "document": {"dsl": "1.0.3", "namespace": "bench", "name": name, "version": "1.0.0"},
            "do": tasks,
        });
        connection
            .post("/api/v1/workflows", document.to_string().as_bytes())
            .await?;
    }
    Ok(())
}

/// The body of a request for one run.
pub(crate) fn single(workflow: &str) -> String {
    json!({"workflow": format!("bench/{workflow}"), "payload": {}}).to_string()
}

/// The body of a request for [`BATCH`] runs.
pub(crate) fn batch(workflow: &str) -> String {
    let item = json!({"workflow": format!("bench/{workflow}"), "payload": {}});
    Value::Array(vec![item; BATCH]).to_string()
}

/// Runs a second from the first request to the last completion, posted in batches.
pub(crate) async fn batches(target: &Target, workflow: &str, runs: usize) -> anyhow::Result<f64> {
    let before = target.ended().await?;
    let start = Instant::now();
    let posted = post(target, workflow, runs).await?;
    finished(target, before + posted as u64).await?;
    Ok(posted as f64 / start.elapsed().as_secs_f64())
}

/// Posts runs in batches, at least so many; answers how many when all are accepted.
pub(crate) async fn post(target: &Target, workflow: &str, runs: usize) -> anyhow::Result<usize> {
    let body = batch(workflow);
    let requests = runs.div_ceil(BATCH);
    let clients = (0..BATCHERS).map(|client| {
        let body = body.as_bytes();
        async move {
            let mut connection = target.open().await?;
            for _ in (client..requests).step_by(BATCHERS) {
                connection.post("/api/v1/intake/batch", body).await?;
            }
            anyhow::Ok(())
        }
    });
    try_join_all(clients).await?;
    Ok(requests * BATCH)
}

/// Runs a second from the first request to the last completion, one request each.
pub(crate) async fn singles(target: &Target, runs: usize) -> anyhow::Result<f64> {
    let body = single("noop");
    let before = target.ended().await?;
    let start = Instant::now();
    let clients = (0..CLIENTS).map(|_| {
        let body = body.as_bytes();
        async move {
            let mut connection = target.open().await?;
            for _ in 0..runs / CLIENTS {
                connection.post("/api/v1/intake", body).await?;
            }
            anyhow::Ok(())
        }
    });
    try_join_all(clients).await?;
    finished(target, before + (runs / CLIENTS * CLIENTS) as u64).await?;
    Ok((runs / CLIENTS * CLIENTS) as f64 / start.elapsed().as_secs_f64())
}

/// Milliseconds from just before a request is sent to the activity's first line, sorted; `rate` runs a second for
/// `seconds`, each sent at its time, and over another connection than those of the second before it.
pub(crate) async fn start_latencies(target: &Target, rate: u32, seconds: u32) -> anyhow::Result<Vec<f64>> {
    let begin = tokio::time::Instant::now() + CONNECT;
    let clients = (0..rate).map(|client| async move {
        let mut connection = target.open().await?;
        let mut sent = Vec::new();
        for second in 0..seconds {
            let at = begin + Duration::from_secs(second.into()) + Duration::from_secs(1) / rate * client;
            tokio::time::sleep_until(at).await;
            sent.push(send(target, &mut connection).await?);
        }
        anyhow::Ok(sent)
    });
    let sent = try_join_all(clients).await?;
    // Read when all is over: peers tell what they measured then, too.
    let mut connection = target.open().await?;
    let mut latencies = Vec::new();
    for (sent, id) in sent.into_iter().flatten() {
        let started = started(&mut connection, &id, 30).await?;
        let started = started.with_context(|| format!("run {id} has not ended within 30 s"))?;
        latencies.push((started - sent) as f64 / 1_000.0);
    }
    latencies.sort_by(f64::total_cmp);
    Ok(latencies)
}

/// Starts one; when, in microseconds since the Unix epoch (both ends read the same machine's clock), and its id.
async fn send(target: &Target, connection: &mut Connection) -> anyhow::Result<(i64, String)> {
    let body = single("stamp");
    let sent = (target.now)();
    let answer: Value = serde_json::from_slice(&connection.post("/api/v1/intake", body.as_bytes()).await?)?;
    let id = answer["job_id"].as_str().context("no job_id")?;
    Ok((sent, id.to_owned()))
}

/// When the activity of a `stamp` run ran, in microseconds since the Unix epoch; None when it has not ended within `wait`
/// seconds.
pub(crate) async fn started(connection: &mut Connection, id: &str, wait: u32) -> anyhow::Result<Option<i64>> {
    let run = connection.get(&format!("/api/v1/runs/{id}?wait={wait}s")).await?;
    let run: Value = serde_json::from_slice(&run)?;
    Ok(run["output"]["micros"].as_i64())
}

/// Waits until the workers have counted so many ends, each after its commit. Asks often enough for the figure, rarely enough
/// not to be the load; a list of runs that are live would read all that have ended, too.
async fn finished(target: &Target, ends: u64) -> anyhow::Result<()> {
    while target.ended().await? < ends {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
