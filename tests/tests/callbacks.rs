//! What runs send: signed callbacks to a receiver outside, and events that wake other runs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use levqor_testkit::{Answer, LocalServer, Recorded, TempFolder, eventually};
use levqor_tests::{Client, Embedded};
use serde_json::{Value, json};
use sha2::Sha256;

/// Longer than the pauses before the second and third try together (10 s and 20 s).
const SOON: Duration = Duration::from_mins(1);

const SUM: &str = "document: { dsl: 1.0.3, namespace: test, name: sum, version: 1.0.0 }
do:
  - add: { set: { sum: '${ .a + .b }' } }
";

const REFUSE: &str = "document: { dsl: 1.0.3, namespace: test, name: refuse, version: 1.0.0 }
do:
  - refuse:
      raise:
        error: { type: 'https://example.com/errors/sold-out', status: 409, title: Sold out }
";

const ANNOUNCE: &str = "document: { dsl: 1.0.3, namespace: test, name: announce, version: 1.0.0 }
do:
  - announce:
      emit:
        event:
          with:
            type: com.example.order.placed
            source: https://example.com/shop
            data: { order: '${ .order }', amount: '${ .amount }' }
";

const AWAIT: &str = "document: { dsl: 1.0.3, namespace: test, name: await, version: 1.0.0 }
do:
  - order:
      listen: { to: { one: { with: { type: com.example.order.placed, data: '${ .order == $workflow.input.order }' } } } }
  - note: { set: { amount: '${ .[0].amount }' } }
";

/// Starts a run whose end is reported to `to`; its id.
async fn start(client: &Client, workflow: &str, payload: Value, to: &LocalServer) -> Result<String> {
    let url = format!("{}/done?n=1", to.url());
    let body = json!({"workflow": workflow, "payload": payload, "callback_url": url});
    let (status, body) = client.post("/api/v1/intake", &body).await?;
    ensure!(status == 202, "{status} {body}");
    Ok(body["job_id"].as_str().context("no job_id")?.to_owned())
}

async fn secret(client: &Client) -> Result<String> {
    let (status, body) = client.get("/api/v1/webhook-secret").await?;
    ensure!(
        status == 200 && body["scheme"] == "standard-webhooks v1",
        "{status} {body}"
    );
    Ok(body["secret"].as_str().context("no secret")?.to_owned())
}

fn header<'a>(request: &'a Recorded, name: &str) -> Result<&'a str> {
    request.header(name).with_context(|| format!("no {name}"))
}

/// Verifies as a receiver does, after the text of Standard Webhooks: HMAC-SHA256 of `id.timestamp.body` under the bytes
/// that follow `whsec_`, and a timestamp of the last five minutes. The body.
fn verified(request: &Recorded, secret: &str) -> Result<Value> {
    ensure!(request.method == "POST" && request.path == "/done?n=1");
    ensure!(header(request, "content-type")? == "application/json");
    let (id, timestamp) = (
        header(request, "webhook-id")?,
        header(request, "webhook-timestamp")?,
    );
    let key = secret
        .strip_prefix("whsec_")
        .context("the secret has no prefix")?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&BASE64_STANDARD.decode(key)?)?;
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", &request.body] {
        mac.update(part);
    }
    let signature = header(request, "webhook-signature")?;
    let signature = signature
        .strip_prefix("v1,")
        .context("not a signature of version 1")?;
    mac.verify_slice(&BASE64_STANDARD.decode(signature)?)?;
    let now = now()?;
    ensure!(
        now.abs_diff(timestamp.parse()?) < 300,
        "sent at {timestamp}, now it is {now}"
    );
    Ok(serde_json::from_slice(&request.body)?)
}

/// Seconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "the test is an outside receiver")]
fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

#[tokio::test]
async fn a_callback_is_tried_until_it_is_taken_each_try_signed_under_one_id() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let receiver = LocalServer::start(|_| Answer::status(500)).await?;
    server.client.store(SUM).await?;
    let secret = secret(&server.client).await?;
    let id = start(&server.client, "test/sum", json!({"a": 40, "b": 2}), &receiver).await?;
    receiver.wait_for(1, SOON).await?;
    receiver.respond(|_| Answer::status(200));
    let tries = receiver.wait_for(2, SOON).await?;
    for request in &tries {
        let body = verified(request, &secret)?;
        ensure!(header(request, "webhook-id")? == header(&tries[0], "webhook-id")?);
        ensure!(
            body["id"] == id.as_str() && body["state"] == "completed",
            "{body}"
        );
        ensure!(body["workflow"] == "test/sum:1.0.0", "{body}");
        ensure!(
            body["output"] == json!({"sum": 42}) && body.get("error").is_none(),
            "{body}"
        );
    }
    ensure!(
        header(&tries[0], "webhook-timestamp")? != header(&tries[1], "webhook-timestamp")?,
        "the second try has the time of the first"
    );
    eventually(SOON, async || {
        server
            .client
            .metric("levqor_callbacks_sent_total")
            .await
            .is_ok_and(|sent| sent > 0.0)
    })
    .await?;
    ensure!(server.client.metric("levqor_callbacks_failed_total").await? >= 1.0);
    ensure!(server.client.metric("levqor_callbacks_given_up_total").await? < 1.0);
    Ok(())
}

#[tokio::test]
async fn the_callback_of_a_faulted_run_carries_its_error() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let receiver = LocalServer::start(|_| Answer::status(204)).await?;
    server.client.store(REFUSE).await?;
    let id = start(&server.client, "test/refuse", json!({}), &receiver).await?;
    let tries = receiver.wait_for(1, SOON).await?;
    let body = verified(&tries[0], &secret(&server.client).await?)?;
    ensure!(body["id"] == id.as_str() && body["state"] == "faulted", "{body}");
    let error = &body["error"];
    ensure!(
        error["type"] == "https://example.com/errors/sold-out" && error["instance"] == "/do/0/refuse",
        "{body}"
    );
    ensure!(
        *error == server.client.run(&id).await?["error"],
        "the API says otherwise"
    );
    ensure!(body.get("output").is_none(), "{body}");
    Ok(())
}

/// The receiver has the first try in hand, and has not answered it, when the server dies.
#[tokio::test]
async fn a_callback_under_way_at_kill_9_is_delivered_after_the_restart() -> Result<()> {
    let folder = TempFolder::new()?;
    let receiver = LocalServer::start(|_| Answer::dropped().after(SOON)).await?;
    let first = Embedded::start(folder.path()).await?;
    first.client.store(SUM).await?;
    let before = secret(&first.client).await?;
    let id = start(&first.client, "test/sum", json!({"a": 1, "b": 2}), &receiver).await?;
    receiver.wait_for(1, SOON).await?;
    ensure!(first.client.run(&id).await?["state"] == "completed");
    first.process.kill().await?;

    receiver.respond(|_| Answer::status(200));
    let second = Embedded::start(folder.path()).await?;
    let tries = receiver.wait_for(2, SOON).await?;
    ensure!(
        secret(&second.client).await? == before,
        "another secret after a restart"
    );
    for request in &tries {
        let body = verified(request, &before)?;
        ensure!(
            body["id"] == id.as_str() && body["output"] == json!({"sum": 3}),
            "{body}"
        );
        ensure!(header(request, "webhook-id")? == header(&tries[0], "webhook-id")?);
    }
    eventually(SOON, async || {
        second
            .client
            .metric("levqor_callbacks_sent_total")
            .await
            .is_ok_and(|sent| sent > 0.0)
    })
    .await
}

#[tokio::test]
async fn an_event_that_one_run_emits_wakes_the_run_that_listens_for_it_and_no_other() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let client = &server.client;
    client.store(AWAIT).await?;
    client.store(ANNOUNCE).await?;
    let mut listening = Vec::new();
    for order in ["A-17", "B-1"] {
        let id = client.start("test/await", json!({"order": order})).await?;
        eventually(SOON, async || {
            client.run(&id).await.is_ok_and(|run| run["state"] == "waiting")
        })
        .await?;
        listening.push(id);
    }
    for (id, (order, amount)) in listening.iter().zip([("A-17", 30), ("B-1", 31)]) {
        let payload = json!({"order": order, "amount": amount});
        let emitter = client.start("test/announce", payload).await?;
        ensure!(client.ended(&emitter, SOON).await?["state"] == "completed");
        let run = client.ended(id, SOON).await?;
        ensure!(
            run["state"] == "completed" && run["output"] == json!({"amount": amount}),
            "{run}"
        );
    }
    Ok(())
}
