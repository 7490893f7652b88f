//! The status of the service over real processes: parts are taken away and come back.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Process, eventually};
use levqor_tests::{Client, DataFolder, Fleet, Role};
use parking_lot::Mutex;
use reqwest::Method;
use serde_json::Value;

const SOON: Duration = Duration::from_mins(1);

/// A snapshot every second.
const OFTEN: (&str, &str) = ("LEVQOR_STATUS_INTERVAL", "1");

/// `GET /api/status`, as anybody may ask. Answers are kept for five seconds, and strangers are limited: the key is sent.
async fn status(client: &Client) -> Result<Value> {
    let (code, body) = client.get("/api/status").await?;
    ensure!(code == 200, "{code} {body}");
    Ok(body)
}

fn component(status: &Value, name: &str) -> Value {
    let found = status["components"]
        .as_array()
        .and_then(|all| all.iter().find(|component| component["name"] == name));
    found.cloned().unwrap_or_default()
}

fn incidents(status: &Value, component: &str) -> Vec<Value> {
    let all = status["incidents"].as_array().cloned().unwrap_or_default();
    all.into_iter()
        .filter(|incident| incident["component"] == component)
        .collect()
}

/// Waits until a status is as it is wanted.
async fn until(client: &Client, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    let last = Mutex::new(Value::Null);
    let met = eventually(SOON, async || {
        if let Ok(body) = status(client).await {
            *last.lock() = body;
        }
        wanted(&last.lock())
    });
    met.await.with_context(|| format!("{what}: {}", last.lock()))?;
    Ok(last.into_inner())
}

/// Degraded by this component, with an open incident of it.
fn bad(status: &Value, name: &str) -> bool {
    status["status"] == "degraded"
        && component(status, name)["status"] == "down"
        && incidents(status, name)
            .iter()
            .any(|incident| incident["status"] == "open")
}

/// All is well, and the incident of this component is over.
fn over(status: &Value, name: &str) -> bool {
    let found = incidents(status, name);
    status["status"] == "operational"
        && !found.is_empty()
        && found.iter().all(|incident| incident["status"] == "resolved")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_and_redis_that_are_taken_away_are_incidents_until_they_are_back() -> Result<()> {
    let fleet = Fleet::start_with(1, &[OFTEN]).await?;
    let client = &fleet.client;
    until(client, "never operational", |status| {
        status["status"] == "operational"
    })
    .await?;

    fleet.take(Role::Worker).await?.kill().await?;
    until(client, "no incident of the worker", |status| {
        bad(status, "workers")
    })
    .await?;
    fleet.add(Role::Worker).await?;
    until(client, "the worker's incident stays", |status| {
        over(status, "workers")
    })
    .await?;

    fleet.redis.stop().await?;
    let away = until(client, "no incident of the queue", |status| bad(status, "queue")).await?;
    ensure!(component(&away, "database")["status"] == "operational", "{away}");
    fleet.redis.start_again().await?;
    let back = until(client, "the queue's incident stays", |status| {
        over(status, "queue")
    })
    .await?;

    // Nothing was down as a whole, and the whole time since the start was measured.
    let day = &back["uptime"][0];
    ensure!(
        day["uptime"] == 1.0 && day["operational"].as_f64() < Some(1.0),
        "{day}"
    );
    ensure!(day["coverage"].as_f64() < Some(0.05), "{day}");
    let twice = sqlx::query_scalar::<_, i64>("SELECT count(*) - count(DISTINCT slot) FROM status_snapshots")
        .fetch_one(&fleet.database().await?)
        .await?;
    ensure!(twice == 0);

    let (code, id) = fleet.run(&["status", "incident", "Moving house"]).await?;
    ensure!(code == 0, "{id}");
    let (code, out) = fleet
        .run(&["status", "note", id.trim(), "We begin at ten."])
        .await?;
    ensure!(code == 0, "{out}");
    until(client, "the operator is not heard", |status| {
        status["status"] == "degraded" && status["incidents"][0]["notes"][0]["text"] == "We begin at ten."
    })
    .await?;
    let (code, out) = fleet
        .run(&["status", "close", id.trim(), "--note", "Done."])
        .await?;
    ensure!(code == 0, "{out}");
    let (code, shown) = fleet.run(&["status", "show", "--json"]).await?;
    let shown: Value = serde_json::from_str(&shown)?;
    ensure!(code == 0 && shown["status"] == "operational", "{shown}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_size_is_measured_and_shown_to_everybody() -> Result<()> {
    let folder = DataFolder::new(&[OFTEN])?;
    let server = folder.start().await?;
    until(&server.client, "never operational", |status| {
        status["status"] == "operational" && component(status, "api")["figures"]["round_trip_ms"].is_i64()
    })
    .await?;
    let page = server.client.anonymous(Method::GET, "/status").send().await?;
    ensure!(page.status() == 200);
    let text = page.text().await?;
    ensure!(text.contains("Operational: everything works."), "{text}");
    let data = folder.path().to_str().context("UTF-8")?;
    let show = Process::levqor(&["status", "show", "--data", data], &[])?;
    ensure!(show.wait(SOON).await?.success(), "{}", show.output());
    ensure!(
        show.stdout().starts_with("operational, measured "),
        "{}",
        show.stdout()
    );
    Ok(())
}
