//! From the program that `LEVQOR_PREVIOUS` names to this one. Without it these tests say so and prove nothing: `.ci/run`
//! names that of its last run, `scripts/previous-release` builds that of a commit.

use std::{io::Write, path::PathBuf, time::Duration};

use anyhow::{Result, ensure};
use levqor_testkit::levqor_binary;
use levqor_tests::{
    Client, DataFolder, Embedded, Fleet, Left, Role, SETTINGS, Steps, three_calls, three_steps_each,
};
use serde_json::json;

const LIMIT: Duration = Duration::from_mins(2);

const NAP: &str = "document: { dsl: 1.0.3, namespace: test, name: nap, version: 1.0.0 }
do:
  - nap: { wait: { seconds: 8 } }
  - note: { set: { rested: true } }
";

/// The program before; None is said past the harness, which keeps what tests print to itself.
fn previous() -> Option<PathBuf> {
    let named = std::env::var_os("LEVQOR_PREVIOUS").map(PathBuf::from);
    if named.is_none() {
        let said = b"upgrade: a test is skipped, LEVQOR_PREVIOUS names no program of a previous release\n";
        // Who has no stderr is told nothing.
        let _ = std::io::stderr().write_all(said);
    }
    named
}

/// So many runs of a workflow.
async fn start(client: &Client, workflow: &str, runs: usize) -> Result<Vec<String>> {
    let item = json!({"workflow": workflow, "payload": {}});
    client.start_batch(vec![item; runs]).await
}

async fn rested(client: &Client, ids: &[String]) -> Result<()> {
    for id in ids {
        let run = client.ended(id, LIMIT).await?;
        ensure!(run["output"] == json!({"rested": true}), "{run}");
    }
    Ok(())
}

async fn documents(client: &Client, steps: &Steps) -> Result<()> {
    client.store(&three_calls(&steps.url())).await?;
    client.store(NAP).await.map(drop)
}

/// How many runs have ended; none is live.
async fn ended(fleet: &Fleet) -> Result<i64> {
    fleet.idle(LIMIT).await?;
    let database = fleet.database().await?;
    let ended = sqlx::query_scalar("SELECT count(*) FROM ended").fetch_one(&database);
    Ok(ended.await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_runs_of_the_previous_program_that_was_killed_end_once_under_this_one() -> Result<()> {
    let Some(previous) = previous() else { return Ok(()) };
    let steps = Steps::start(Duration::from_millis(600)).await?;
    let mut fleet = Fleet::prepare_of(&previous, None, &[("LEVQOR_SLOTS", "40")]).await?;
    fleet.add_all(2).await?;
    documents(&fleet.client, &steps).await?;
    let naps = start(&fleet.client, "test/nap", 50).await?;
    let calls = start(&fleet.client, "test/three-calls", 150).await?;
    // Some of their second call, many of their first, the rest of none.
    steps.arrived(120).await?;
    fleet.kill_all().await?;
    fleet.turn_to(&levqor_binary()?);
    let (code, said) = fleet.run(&["migrate"]).await?;
    ensure!(code == 0, "{said}");
    fleet.add_all(2).await?;
    three_steps_each(&fleet.client, &calls, LIMIT).await?;
    rested(&fleet.client, &naps).await?;
    ensure!(ended(&fleet).await? == 200);
    ensure!(
        steps.repeats()? > 0,
        "nothing was under way when the program was killed"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_of_the_previous_program_work_on_the_new_schema_beside_those_of_this_one() -> Result<()> {
    let Some(previous) = previous() else { return Ok(()) };
    let steps = Steps::start(Duration::from_millis(50)).await?;
    let mut fleet = Fleet::prepare_of(&previous, None, &[]).await?;
    fleet.add_all(1).await?;
    documents(&fleet.client, &steps).await?;
    let naps = start(&fleet.client, "test/nap", 20).await?;
    fleet.turn_to(&levqor_binary()?);
    let (code, said) = fleet.run(&["migrate"]).await?;
    ensure!(code == 0, "{said}");
    // Accepted by this program, performed by the previous one, which also wakes those that sleep.
    let api = fleet.add_api().await?;
    let calls = start(&api, "test/three-calls", 50).await?;
    three_steps_each(&api, &calls, LIMIT).await?;
    three_steps_each(&fleet.client, &calls, LIMIT).await?;
    rested(&api, &naps).await?;
    // And the other way round.
    fleet.add(Role::Worker).await?;
    fleet.retire(Role::Worker).await?;
    fleet.add(Role::Scheduler).await?;
    fleet.retire(Role::Scheduler).await?;
    let naps = start(&fleet.client, "test/nap", 20).await?;
    let calls = start(&fleet.client, "test/three-calls", 50).await?;
    three_steps_each(&fleet.client, &calls, LIMIT).await?;
    rested(&api, &naps).await?;
    ensure!(steps.repeats()? == 0, "a step was called twice");
    ensure!(ended(&fleet).await? == 140);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_folder_of_the_previous_program_that_was_killed_goes_on_under_this_one() -> Result<()> {
    let Some(previous) = previous() else { return Ok(()) };
    let data = DataFolder::new(&SETTINGS)?;
    let old = Embedded::start_of(&previous, data.path(), &data.environment()).await?;
    let left = Left::make(&old.client).await?;
    old.process.kill().await?;
    let new = data.start().await?;
    left.go_on(&new.client).await
}
