//! `POST /api/v1/runs/{id}/cancel` as a caller sees it.

use std::time::Duration;

use anyhow::{Result, ensure};
use levqor_testkit::eventually;
use levqor_tests::{Client, Embedded, sleeper};
use serde_json::{Value, json};
use tokio::time::timeout;

const SOON: Duration = Duration::from_mins(1);

/// Longest from the request to the run's end; what is cancelled would go on for a minute and more.
const PROMPT: Duration = Duration::from_secs(5);

const PAUSE: &str = "document: { dsl: 1.0.3, namespace: test, name: pause, version: 1.0.0 }
do:
  - pause: { wait: { hours: 1 } }
";

/// Starts a run and waits until it is in this state; its id.
async fn reaches(client: &Client, state: &str, workflow: &str, payload: Value) -> Result<String> {
    let id = client.start(workflow, payload).await?;
    eventually(SOON, async || {
        client.run(&id).await.is_ok_and(|run| run["state"] == state)
    })
    .await?;
    Ok(id)
}

/// Cancels the run, which must take it in and end soon; then asks again, which must be refused.
async fn cancel(client: &Client, id: &str, state: &str) -> Result<()> {
    let path = format!("/api/v1/runs/{id}/cancel");
    let (status, body) = client.post(&path, &json!({})).await?;
    ensure!(
        status == 202 && body["id"] == id && body["state"] == state,
        "{status} {body}"
    );
    let run = timeout(PROMPT, client.ended(id, PROMPT)).await??;
    ensure!(
        run["state"] == "cancelled" && run.get("output").is_none_or(Value::is_null),
        "{run}"
    );
    let (status, problem) = client.post(&path, &json!({})).await?;
    ensure!(
        status == 409 && problem["code"] == "run_ended",
        "{status} {problem}"
    );
    ensure!(
        problem["state"] == "cancelled" && problem["job_id"] == id,
        "{problem}"
    );
    Ok(())
}

#[tokio::test]
async fn a_run_in_a_long_activity_ends_cancelled_and_cannot_be_cancelled_again() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let client = &server.client;
    client.store(&sleeper()).await?;
    let id = reaches(client, "running", "test/sleeper", json!({"milliseconds": 60_000})).await?;
    cancel(client, &id, "running").await
}

#[tokio::test]
async fn a_run_that_waits_for_an_hour_ends_cancelled_at_once() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let client = &server.client;
    client.store(PAUSE).await?;
    let id = reaches(client, "waiting", "test/pause", json!({})).await?;
    cancel(client, &id, "waiting").await
}
