//! The autoscaler over real processes: load asks for workers, its end for the fewest.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use levqor_testkit::eventually;
use levqor_tests::{Client, Fleet, Role, sleeper};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);

/// Everything in seconds: a worker holds two runs, and fewer are asked for after twenty seconds.
const SHORT: [(&str, &str); 6] = [
    ("LEVQOR_SLOTS", "2"),
    ("LEVQOR_AUTOSCALER_INTERVAL", "1"),
    ("LEVQOR_AUTOSCALER_STARTUP", "1"),
    ("LEVQOR_AUTOSCALER_DOWN_AFTER", "20"),
    ("LEVQOR_AUTOSCALER_MAX", "6"),
    ("LEVQOR_AUTOSCALER_DELAY_COST", "100000"),
];

async fn last(fleet: &Fleet) -> Result<Value> {
    let (status, body) = fleet.client.get("/api/v1/autoscaler").await?;
    ensure!(status == 200, "{status} {body}");
    Ok(body["last"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_under_load_asks_for_workers_and_goes_back_to_the_fewest_after_it() -> Result<()> {
    let fleet = Fleet::prepare_with(&SHORT).await?;
    fleet.add(Role::Api).await?;
    fleet.add(Role::Worker).await?;
    let address = fleet.add_observed(Role::Scheduler).await?;
    let scheduler = Client::new(&format!("http://{address}"), "")?;
    let desired = async || scheduler.metric("levqor_desired_workers").await.ok();
    fleet.client.store(&sleeper()).await?;
    let item = json!({"workflow": "test/sleeper", "payload": {"milliseconds": 1000}});
    let ids = fleet.client.start_batch(vec![item; 60]).await?;

    eventually(SOON, async || desired().await > Some(1.0))
        .await
        .context("load asks for no worker")?;
    let busy = last(&fleet).await?;
    ensure!(busy["decision"]["inputs"]["fleet"]["ready"] == 1, "{busy}");

    for id in &ids {
        fleet.client.ended(id, SOON).await?;
    }
    eventually(SOON, async || desired().await == Some(1.0))
        .await
        .context("the fleet stays large")?;
    let (code, out) = fleet.run(&["autoscaler", "verify"]).await?;
    ensure!(code == 0 && out.contains(": 0 do not follow"), "{out}");

    let changed = "UPDATE autoscaler_decisions SET desired = desired + 1 WHERE id = (SELECT max(id::text)::uuid FROM autoscaler_decisions)";
    sqlx::query(changed).execute(&fleet.database().await?).await?;
    let (code, out) = fleet.run(&["autoscaler", "verify"]).await?;
    ensure!(
        code == 1 && out.contains("differs from what stands beside it"),
        "{out}"
    );
    Ok(())
}
