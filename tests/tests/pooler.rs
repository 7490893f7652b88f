//! The fleet behind a transaction pooler that has fewer sessions than any role would open: whatever a process left in a
//! session would be gone with its next statement, or be met by another process.

use std::time::Duration;

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use levqor_testkit::{Answer, LocalServer, Pooler, Postgres, Process, eventually};
use levqor_tests::{Client, Fleet, Role, Steps, three_calls, three_steps_each, ticking};
use serde_json::{Value, json};

const SESSIONS: usize = 5;
const RUNS: usize = 400;
const LIMIT: Duration = Duration::from_mins(3);

const NAP: &str = "document: { dsl: 1.0.3, namespace: test, name: nap, version: 1.0.0 }
do:
  - nap: { wait: { seconds: 1 } }
  - again: { wait: { milliseconds: 300 } }
  - note: { set: { rested: true } }
";

const PAUSE: &str = "document: { dsl: 1.0.3, namespace: test, name: pause, version: 1.0.0 }
do:
  - pause: { wait: { hours: 1 } }
";

const AWAIT: &str = "document: { dsl: 1.0.3, namespace: test, name: await, version: 1.0.0 }
do:
  - order:
      listen: { to: { one: { with: { type: com.example.paid, data: '${ .order == $workflow.input.order }' } } } }
  - note: { set: { amount: '${ .[0].amount }' } }
";

/// So many runs of a workflow; `payload` makes the input of each.
async fn start(
    client: &Client,
    name: &str,
    runs: usize,
    payload: impl Fn(usize) -> Value,
) -> Result<Vec<String>> {
    let item = |n| json!({"workflow": format!("test/{name}"), "payload": payload(n)});
    client.start_batch((0..runs).map(item).collect()).await
}

async fn until_waiting(client: &Client, ids: &[String]) -> Result<()> {
    for id in ids {
        eventually(LIMIT, async || {
            client.run(id).await.is_ok_and(|run| run["state"] == "waiting")
        })
        .await?;
    }
    Ok(())
}

/// All end so; their outputs.
async fn end(client: &Client, ids: &[String], state: &str) -> Result<Vec<Value>> {
    let mut outputs = Vec::new();
    for id in ids {
        let run = client.ended(id, LIMIT).await?;
        ensure!(run["state"] == state, "{run}");
        outputs.push(run["output"].clone());
    }
    Ok(outputs)
}

/// Timers: two of them one after the other.
async fn naps(client: &Client) -> Result<()> {
    let ids = start(client, "nap", 60, |_| json!({})).await?;
    let outputs = end(client, &ids, "completed").await?;
    ensure!(
        outputs.iter().all(|output| *output == json!({"rested": true})),
        "{outputs:?}"
    );
    Ok(())
}

/// Events: each wakes the run of its order.
async fn events(client: &Client) -> Result<()> {
    let ids = start(client, "await", 20, |order| json!({"order": order})).await?;
    until_waiting(client, &ids).await?;
    let sent = (0..ids.len()).map(|order| async move {
        let event = json!({"specversion": "1.0", "id": format!("paid-{order}"), "source": "/shop",
                           "type": "com.example.paid", "data": {"order": order, "amount": order * 10}});
        let request = client
            .request(reqwest::Method::POST, "/api/v1/events")
            .header("content-type", "application/cloudevents+json")
            .body(event.to_string());
        anyhow::Ok(request.send().await?.error_for_status().map(drop)?)
    });
    try_join_all(sent).await?;
    let outputs = end(client, &ids, "completed").await?;
    for (order, output) in outputs.iter().enumerate() {
        ensure!(
            *output == json!({"amount": order * 10}),
            "order {order}: {output}"
        );
    }
    Ok(())
}

/// Requests to cancel runs that would wait for an hour.
async fn cancels(client: &Client) -> Result<()> {
    let ids = start(client, "pause", 10, |_| json!({})).await?;
    until_waiting(client, &ids).await?;
    for id in &ids {
        let (status, body) = client
            .post(&format!("/api/v1/runs/{id}/cancel"), &json!({}))
            .await?;
        ensure!(status == 202, "{status} {body}");
    }
    end(client, &ids, "cancelled").await.map(drop)
}

/// Three calls each; the ends of ten runs are told to `receiver`. A worker is killed with calls in its hands.
async fn calls(fleet: &Fleet, steps: &Steps, receiver: &LocalServer) -> Result<()> {
    let callback = format!("{}/done", receiver.url());
    let item = |n| {
        let mut item =
            json!({"workflow": "test/three-calls", "payload": {}, "idempotency_key": format!("run-{n}")});
        if n < 10 {
            item["callback_url"] = json!(callback);
        }
        item
    };
    let items: Vec<_> = (0..RUNS).map(item).collect();
    let ids = fleet.client.start_batch(items.clone()).await?;
    steps.arrived(RUNS / 4).await?;
    fleet.kill_and_replace(Role::Worker).await?;
    ensure!(
        fleet.client.start_batch(items).await? == ids,
        "the keys stand for other runs"
    );
    three_steps_each(&fleet.client, &ids, LIMIT).await?;
    ensure!(
        steps.repeats()? > 0,
        "no call was repeated: the kill proved nothing"
    );
    receiver.wait_for(10, LIMIT).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_behind_a_transaction_pooler_completes_everything_though_a_worker_is_killed() -> Result<()> {
    let steps = Steps::start(Duration::from_millis(300)).await?;
    let receiver = LocalServer::start(|_| Answer::status(204)).await?;
    let mut fleet = Fleet::prepare_with(&[("LEVQOR_SLOTS", "75")]).await?;
    let pooler = Pooler::start(fleet.postgres.port(), SESSIONS).await?;
    fleet.behind(&pooler);
    for role in [Role::Api, Role::Scheduler, Role::Worker, Role::Worker] {
        fleet.add(role).await?;
    }
    let client = &fleet.client;
    for document in [&three_calls(&steps.url()), &ticking(), NAP, PAUSE, AWAIT] {
        client.store(document).await?;
    }
    tokio::try_join!(
        calls(&fleet, &steps, &receiver),
        naps(client),
        events(client),
        cancels(client)
    )?;
    let ticks = "SELECT count(*), count(DISTINCT due) FROM ended
                 WHERE workflow_id = (SELECT id FROM workflows WHERE name = 'ticking')";
    let (ticks, distinct): (i64, i64) = sqlx::query_as(ticks).fetch_one(&fleet.database().await?).await?;
    ensure!(
        ticks > 1 && ticks == distinct,
        "{ticks} runs for {distinct} ticks"
    );
    let figures = pooler.figures();
    ensure!(
        figures.clients > 20 && figures.switched > 1_000 && figures.prepared_again > 50,
        "the pooler was not between: {figures:?}"
    );
    Ok(())
}

/// A command of the binary to its end: whether it went well, and what it wrote.
async fn finish(command: &[&str], database: &str) -> Result<(bool, String)> {
    // Neither command asks the queue.
    let environment = [
        ("LEVQOR_DATABASE_URL", database),
        ("LEVQOR_REDIS_URL", "redis://127.0.0.1:1"),
    ];
    let process = Process::levqor(command, &environment)?;
    let status = process.wait(Duration::from_mins(1)).await?;
    Ok((status.success(), process.output()))
}

/// What migration/README.md says of sessions that a pooler holds open.
#[tokio::test]
async fn a_migration_through_the_pooler_says_that_its_sessions_are_to_be_closed_once() -> Result<()> {
    let postgres = Postgres::start().await?;
    let pooler = Pooler::start(postgres.port(), 2).await?;
    let database = pooler.url_for(&postgres.create_database().await?);
    let (migrated, said) = finish(&["migrate"], &database).await?;
    ensure!(migrated && said.contains("RECONNECT"), "{said}");
    let (started, said) = finish(&["key", "create"], &database).await?;
    ensure!(!started && said.contains("RECONNECT"), "{said}");
    // As the operator does who has read it.
    pooler.reconnect();
    let (started, said) = finish(&["key", "create"], &database).await?;
    ensure!(started && said.contains("api_key"), "{said}");
    Ok(())
}
