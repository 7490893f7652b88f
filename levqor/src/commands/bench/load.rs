//! The loads: runs posted in batches, runs posted one by one by 32 clients, runs at a steady pace.

use std::time::{Duration, Instant};

use anyhow::Context;
use futures::future::try_join_all;
use serde_json::{Value, json};

use super::{http::Connection, target::Target};

/// Clients that post one run a request.
const CLIENTS: usize = 32;

/// Runs in one batch request.
const BATCH: usize = 500;

/// Batch requests under way at once.
const BATCHERS: usize = 4;

/// A connection is made this long before it is used, so that making it is not measured.
const CONNECT: Duration = Duration::from_millis(200);

/// Stores the documents the loads run.
pub(super) async fn prepare(target: &Target) -> anyhow::Result<()> {
    let mut connection = open(target).await?;
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

/// Runs a second from the first request to the last completion, posted in batches.
pub(super) async fn batches(target: &Target, workflow: &str, runs: usize) -> anyhow::Result<f64> {
    let item = json!({"workflow": format!("bench/{workflow}"), "payload": {}});
    let body = Value::Array(vec![item; BATCH]).to_string();
    let requests = runs.div_ceil(BATCH);
    let start = Instant::now();
    let clients = (0..BATCHERS).map(|client| {
        let body = body.as_bytes();
        async move {
            let mut connection = open(target).await?;
            for _ in (client..requests).step_by(BATCHERS) {
                connection.post("/api/v1/intake/batch", body).await?;
            }
            anyhow::Ok(())
        }
    });
    try_join_all(clients).await?;
    finished(target).await?;
    Ok((requests * BATCH) as f64 / start.elapsed().as_secs_f64())
}

/// Runs a second from the first request to the last completion, one request each.
pub(super) async fn singles(target: &Target, runs: usize) -> anyhow::Result<f64> {
    let body = json!({"workflow": "bench/noop", "payload": {}}).to_string();
    let start = Instant::now();
    let clients = (0..CLIENTS).map(|_| {
        let body = body.as_bytes();
        async move {
            let mut connection = open(target).await?;
            for _ in 0..runs / CLIENTS {
                connection.post("/api/v1/intake", body).await?;
            }
            anyhow::Ok(())
        }
    });
    try_join_all(clients).await?;
    finished(target).await?;
    Ok((runs / CLIENTS * CLIENTS) as f64 / start.elapsed().as_secs_f64())
}

/// Milliseconds from just before a request is sent to the activity's first line, sorted; `rate` runs a second for
/// `seconds`, each sent at its time whether or not the one before has been answered.
pub(super) async fn start_latencies(target: &Target, rate: u32, seconds: u32) -> anyhow::Result<Vec<f64>> {
    let begin = tokio::time::Instant::now();
    let runs = (0..rate * seconds).map(|n| async move {
        let at = begin + CONNECT + Duration::from_secs(1) / rate * n;
        tokio::time::sleep_until(at - CONNECT).await;
        let mut connection = open(target).await?;
        tokio::time::sleep_until(at).await;
        one_latency(&mut connection).await
    });
    let mut latencies = try_join_all(runs).await?;
    latencies.sort_by(f64::total_cmp);
    Ok(latencies)
}

/// Both ends read the same machine's clock.
async fn one_latency(connection: &mut Connection) -> anyhow::Result<f64> {
    let body = json!({"workflow": "bench/stamp", "payload": {}}).to_string();
    let sent = micros();
    let answer: Value = serde_json::from_slice(&connection.post("/api/v1/intake", body.as_bytes()).await?)?;
    let id = answer["job_id"].as_str().context("no job_id")?;
    let run = connection.get(&format!("/api/v1/runs/{id}?wait=30s")).await?;
    let run: Value = serde_json::from_slice(&run)?;
    let started = run["output"]["micros"]
        .as_i64()
        .with_context(|| format!("no time in {run}"))?;
    Ok((started - sent) as f64 / 1_000.0)
}

fn micros() -> i64 {
    levqor_store::Clock::now(&crate::system::SystemClock).0
}

/// Waits until no run is live. Asks often enough for the figure, rarely enough not to be the load.
async fn finished(target: &Target) -> anyhow::Result<()> {
    let mut connection = open(target).await?;
    loop {
        let page = connection
            .get("/api/v1/runs?state=pending,running,waiting&limit=1")
            .await?;
        let page: Value = serde_json::from_slice(&page)?;
        let live = page["runs"]
            .as_array()
            .with_context(|| format!("no runs in {page}"))?;
        if live.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn open(target: &Target) -> anyhow::Result<Connection> {
    Connection::open(&target.address, &target.key).await
}
