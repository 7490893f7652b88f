//! kill -9, Redis lost, Postgres restarted: under load, every accepted run completes and no step counts twice.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use levqor_testkit::{Process, eventually};
use levqor_tests::{Fleet, Role, Steps, noop, three_calls, three_steps_each};
use serde_json::{Value, json};
use tokio::sync::watch;

const RUNS: usize = 2_000;
const LIMIT: Duration = Duration::from_mins(5);

/// Posts runs of `test/three-calls` in batches until all are accepted, trying again while the API is away; each
/// batch has idempotency keys, so that a repeat after an unknown outcome is the same runs.
async fn post_all(fleet: &Fleet, runs: usize) -> Result<Vec<String>> {
    let batches = (0..runs).step_by(100).map(|from| async move {
        let items: Vec<Value> = (from..(from + 100).min(runs))
            .map(|n| json!({"workflow": "test/three-calls", "payload": {}, "idempotency_key": format!("run-{n}")}))
            .collect();
        loop {
            match fleet.client.start_batch(items.clone()).await {
                Ok(ids) => return anyhow::Ok(ids),
                Err(_) => tokio::task::yield_now().await,
            }
        }
    });
    Ok(try_join_all(batches).await?.concat())
}

/// Every run completed with three steps, each journaled once.
async fn check(fleet: &Fleet, ids: &[String]) -> Result<()> {
    let distinct: HashSet<&String> = ids.iter().collect();
    ensure!(
        distinct.len() == RUNS,
        "{} distinct runs were accepted",
        distinct.len()
    );
    three_steps_each(&fleet.client, ids, LIMIT).await
}

/// How many live runs a worker holds.
async fn running(fleet: &Fleet) -> Result<i64> {
    let database = fleet.database().await?;
    let count = sqlx::query_scalar("SELECT count(*) FROM live WHERE state = 1")
        .fetch_one(&database)
        .await?;
    database.close().await;
    Ok(count)
}

/// Waits until `least` runs are running, or all calls are over.
async fn in_flight(fleet: &Fleet, least: i64) -> Result<bool> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while tokio::time::Instant::now() < deadline {
        if running(fleet).await? >= least {
            return Ok(true);
        }
        tokio::task::yield_now().await;
    }
    Ok(false)
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_of_every_role_ten_times_under_load_loses_nothing_and_repeats_under_one_key() -> Result<()> {
    let steps = Steps::start(Duration::from_millis(600)).await?;
    // 2 x 75 slots keep the load up for as long as 30 kills take.
    let fleet = Fleet::start_with(2, &[("LEVQOR_SLOTS", "75")]).await?;
    fleet.client.store(&three_calls(&steps.url())).await?;
    let (done, finished) = watch::channel(false);
    let load = async {
        let ids = post_all(&fleet, RUNS).await?;
        check(&fleet, &ids).await?;
        done.send(true)?;
        anyhow::Ok(ids)
    };
    let killing = async {
        let mut kills = 0;
        // One worker sleeps through it all and wakes as a zombie with answered calls in its hands.
        steps.arrived(100).await?;
        let zombie = fleet.take(Role::Worker).await?;
        zombie.freeze()?;
        fleet.add(Role::Worker).await?;
        for _ in 0..10 {
            for role in [Role::Worker, Role::Api, Role::Scheduler] {
                if *finished.borrow() {
                    break;
                }
                ensure!(
                    in_flight(&fleet, 100).await? || *finished.borrow(),
                    "never 100 runs in flight"
                );
                fleet.kill_and_replace(role).await?;
                kills += 1;
            }
        }
        // The rescuer needs a whole lease without being killed itself.
        eventually(LIMIT, async || alive(&fleet).await.is_ok_and(|alive| alive == 2)).await?;
        fenced(&zombie).await?;
        anyhow::Ok(kills)
    };
    let (ids, kills) = tokio::try_join!(load, killing)?;
    ensure!(kills == 30, "the load was over after {kills} of 30 kills");
    ensure!(ids.len() == RUNS);
    ensure!(
        steps.repeats()? > 0,
        "no call was repeated, so the kills proved nothing"
    );
    let database = fleet.database().await?;
    let deaths: i64 = sqlx::query_scalar("SELECT count(*) FROM workers WHERE NOT alive")
        .fetch_one(&database)
        .await?;
    ensure!(deaths >= 10, "{deaths} workers were declared dead");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_runs_accepted_without_a_worker_complete_when_one_starts() -> Result<()> {
    let fleet = Fleet::prepare().await?;
    fleet.add(Role::Api).await?;
    fleet.add(Role::Scheduler).await?;
    fleet.client.store(&noop()).await?;
    let mut accepted = HashSet::new();
    for _ in 0..20 {
        let items = vec![json!({"workflow": "test/noop", "payload": {}}); 1_000];
        accepted.extend(fleet.client.start_batch(items).await?);
    }
    ensure!(accepted.len() == 20_000);
    fleet.add(Role::Worker).await?;
    fleet.idle(LIMIT).await?;
    let database = fleet.database().await?;
    let completed: i64 = sqlx::query_scalar("SELECT count(*) FROM ended WHERE state = 6")
        .fetch_one(&database)
        .await?;
    ensure!(completed == 20_000, "{completed} runs completed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_flushed_stopped_and_started_under_load_loses_nothing() -> Result<()> {
    let steps = Steps::start(Duration::from_millis(50)).await?;
    let fleet = Fleet::start(2).await?;
    fleet.client.store(&three_calls(&steps.url())).await?;
    let load = async {
        let ids = post_all(&fleet, RUNS).await?;
        check(&fleet, &ids).await
    };
    let faults = async {
        for round in 0..6 {
            ensure!(
                in_flight(&fleet, 50).await?,
                "never 50 runs in flight in round {round}"
            );
            if round % 2 == 0 {
                fleet.redis.flushall().await?;
            } else {
                fleet.redis.kill().await?;
                fleet.redis.start_again().await?;
            }
        }
        Ok(())
    };
    tokio::try_join!(load, faults)?;
    steps.repeats()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_restarted_under_load_answers_503_meanwhile_and_buries_nobody() -> Result<()> {
    let steps = Steps::start(Duration::from_millis(100)).await?;
    let fleet = Fleet::start(2).await?;
    fleet.client.store(&three_calls(&steps.url())).await?;
    let load = async {
        let ids = post_all(&fleet, RUNS).await?;
        check(&fleet, &ids).await
    };
    let outage = async {
        ensure!(in_flight(&fleet, 100).await?, "never 100 runs in flight");
        fleet.postgres.stop().await?;
        let (status, body) = refused(&fleet).await?;
        ensure!(status == 503, "{status} {body}");
        fleet.postgres.start_again().await
    };
    tokio::try_join!(load, outage)?;
    let database = fleet.database().await?;
    let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM workers WHERE NOT alive")
        .fetch_one(&database)
        .await?;
    ensure!(dead == 0, "{dead} workers were declared dead by an outage");
    Ok(())
}

/// An intake while the database is away: its status, and that it says when to come again.
async fn refused(fleet: &Fleet) -> Result<(u16, Value)> {
    let body = json!({"workflow": "test/three-calls", "payload": {}});
    let request = fleet
        .client
        .request(reqwest::Method::POST, "/api/v1/intake")
        .json(&body);
    let response = request.send().await?;
    let status = response.status().as_u16();
    ensure!(response.headers().contains_key("retry-after"), "no Retry-After");
    Ok((status, response.json().await.context("no problem in the answer")?))
}

/// Workers that are not declared dead.
async fn alive(fleet: &Fleet) -> Result<i64> {
    let database = fleet.database().await?;
    let count = sqlx::query_scalar("SELECT count(*) FROM workers WHERE alive")
        .fetch_one(&database)
        .await?;
    database.close().await;
    Ok(count)
}

/// Wakes a worker that slept past its lease: its writes are refused and counted, and it ends itself.
async fn fenced(zombie: &Process) -> Result<()> {
    zombie.thaw()?;
    let status = zombie.wait(Duration::from_mins(1)).await?;
    let said = zombie
        .wait_for_line("declared dead", Duration::from_secs(1))
        .await?;
    ensure!(!status.success(), "the zombie ended with {status}");
    ensure!(
        !said.contains("\"fenced\":0"),
        "no write of the zombie was refused: {said}"
    );
    Ok(())
}

/// I3: a worker that sleeps past its lease wakes up with calls answered meanwhile; none of their outcomes is committed.
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_frozen_past_its_lease_is_fenced_when_it_wakes_and_ends_itself() -> Result<()> {
    let steps = Steps::start(Duration::from_millis(500)).await?;
    let fleet = Fleet::start_with(1, &[("LEVQOR_SLOTS", "200")]).await?;
    fleet.client.store(&three_calls(&steps.url())).await?;
    let ids = fleet
        .client
        .start_batch(vec![json!({"workflow": "test/three-calls", "payload": {}}); 200])
        .await?;
    // Calls have left and are not answered yet.
    steps.arrived(100).await?;
    let zombie = fleet.take(Role::Worker).await?;
    zombie.freeze()?;
    fleet.add(Role::Worker).await?;
    for id in &ids {
        let run = fleet.client.ended(id, LIMIT).await?;
        ensure!(run["state"] == "completed", "{run}");
    }
    let journals = try_join_all(ids.iter().map(|id| fleet.client.journal(id))).await?;
    fenced(&zombie).await?;
    ensure!(steps.repeats()? > 0, "no call was repeated");
    let after = try_join_all(ids.iter().map(|id| fleet.client.journal(id))).await?;
    ensure!(journals == after, "a journal changed after the zombie woke");
    Ok(())
}
