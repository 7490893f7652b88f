//! A rehearsal of an upgrade: every process is replaced while requests keep coming, and nobody notices.

use std::{collections::HashSet, sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use levqor_tests::{Client, Fleet, Role, Steps, three_calls, three_steps_each};
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

/// 200 requests a second.
const PAUSE: Duration = Duration::from_millis(5);

const LIMIT: Duration = Duration::from_mins(3);

/// Starts a run every five milliseconds, on whichever API takes requests now, until the upgrade is over. No request may
/// fail: the ids of all that were accepted.
async fn load(target: watch::Receiver<Client>, upgraded: watch::Receiver<bool>) -> Result<Vec<String>> {
    let mut ticks = interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut requests = Vec::new();
    while !*upgraded.borrow() {
        ticks.tick().await;
        let api = target.borrow().clone();
        requests.push(tokio::spawn(async move {
            api.start("test/three-calls", json!({})).await
        }));
    }
    let mut ids = Vec::with_capacity(requests.len());
    for request in requests {
        ids.push(request.await??);
    }
    Ok(ids)
}

/// A caller that holds a request for a run that does not end meanwhile: it is answered, not cut off.
async fn held(api: Client, run: String) -> Result<Value> {
    let (status, body) = api.get(&format!("/api/v1/runs/{run}?wait=60s")).await?;
    ensure!(status == 200, "{status} {body}");
    Ok(body)
}

/// In the order of docs/operating.md: the API, the workers one by one, the scheduler; a new process is ready before the
/// old one is told to go, and takes requests before the old one takes none.
async fn upgrade(fleet: &Fleet, target: &watch::Sender<Client>) -> Result<()> {
    let new = fleet.add_api().await?;
    target.send_replace(new);
    fleet.retire(Role::Api).await?;
    for _ in 0..2 {
        fleet.add(Role::Worker).await?;
        fleet.retire(Role::Worker).await?;
    }
    fleet.add(Role::Scheduler).await?;
    fleet.retire(Role::Scheduler).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_under_200_requests_a_second_fails_no_request_and_repeats_no_step() -> Result<()> {
    let steps = Arc::new(Steps::start(Duration::from_millis(20)).await?);
    let fleet = Fleet::start(2).await?;
    fleet.client.store(&three_calls(&steps.url())).await?;
    fleet.client.store(&levqor_tests::sleeper()).await?;
    let sleeper = fleet
        .client
        .start("test/sleeper", json!({"milliseconds": 8_000}))
        .await?;
    let (target, current) = watch::channel(fleet.client.clone());
    let (done, upgraded) = watch::channel(false);
    let held = tokio::spawn(held(fleet.client.clone(), sleeper.clone()));
    let load = tokio::spawn(load(current, upgraded));
    steps.arrived(200).await?;
    upgrade(&fleet, &target).await?;
    done.send(true)?;
    let ids = load.await??;
    held.await??;
    let distinct: HashSet<&String> = ids.iter().collect();
    ensure!(distinct.len() == ids.len(), "an id was given twice");
    let api = target.borrow().clone();
    three_steps_each(&api, &ids, LIMIT).await?;
    let slept = api.ended(&sleeper, LIMIT).await?;
    ensure!(slept["state"] == "completed", "{slept}");
    ensure!(steps.repeats()? == 0, "a step was called twice");
    Ok(())
}
