//! A fleet's ordinary day, and its mishaps, within seconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, ensure};
use levqor_testkit::{Answer, LocalServer, LocalSmtp, Recorded, eventually};
use levqor_tests::{Client, Fleet, Role, noop, sleeper, ticking};
use serde_json::json;
use tokio::{task::JoinHandle, time::interval};

/// Between two rounds of runs.
const PAUSE: Duration = Duration::from_millis(200);

const SOON: Duration = Duration::from_secs(10);

const DOCUMENTS: [&str; 8] = [
    "document: { dsl: 1.0.3, namespace: test, name: ask, version: 1.0.0 }
do:
  - ask: { call: http, with: { method: get, endpoint: '${ .url }' } }
",
    "document: { dsl: 1.0.3, namespace: test, name: pause, version: 1.0.0 }
do:
  - pause: { wait: { milliseconds: 200 } }
",
    "document: { dsl: 1.0.3, namespace: test, name: patience, version: 1.0.0 }
do:
  - pause: { wait: { hours: 1 } }
",
    "document: { dsl: 1.0.3, namespace: test, name: announce, version: 1.0.0 }
do:
  - announce:
      emit: { event: { with: { type: com.example.ring, source: https://example.com/bell, data: {} } } }
",
    "document: { dsl: 1.0.3, namespace: test, name: await, version: 1.0.0 }
do:
  - ring: { listen: { to: { one: { with: { type: com.example.ring } } } } }
",
    "document: { dsl: 1.0.3, namespace: test, name: endless, version: 1.0.0 }
do:
  - count: { set: { last: '${ last(range(3e15)) }' } }
",
    "document:
  dsl: 1.0.3
  namespace: test
  name: sell
  version: 1.0.0
  metadata: { levqor.value: { amount: 250, currency: GBP } }
do:
  - ask: { call: http, with: { method: get, endpoint: '${ .url }' } }
",
    // Its budget lets callers start none; those of its schedule are stopped.
    "document: { dsl: 1.0.3, namespace: test, name: broke, version: 1.0.0 }
schedule: { cron: '* * * * * *' }
do:
  - only: { call: noop }
",
];

/// What the runs meet outside.
pub(crate) struct Outside {
    server: LocalServer,
    mail: LocalSmtp,
}

impl Outside {
    /// Every fourth request is not answered; a round makes three, so that each of them is met in turn.
    pub(crate) async fn start() -> Result<Self> {
        let count = AtomicUsize::new(0);
        let answer = move |_: &Recorded| match count.fetch_add(1, Ordering::Relaxed) % 4 {
            3 => Answer::dropped(),
            _ => Answer::json("{}"),
        };
        let (server, mail) = tokio::try_join!(LocalServer::start(answer), LocalSmtp::start())?;
        Ok(Self { server, mail })
    }

    /// How the fleet's mail leaves.
    pub(crate) fn mail(&self) -> String {
        self.mail.url()
    }
}

/// Runs start for as long as this is kept.
pub(crate) struct Load(JoinHandle<()>);

impl Load {
    /// Stores the documents and starts what waits long, then keeps starting runs.
    pub(crate) async fn start(fleet: &Fleet, outside: &Arc<Outside>) -> Result<Self> {
        let client = fleet.client.clone();
        for document in DOCUMENTS {
            client.store(document).await?;
        }
        for document in [noop(), sleeper(), ticking()] {
            client.store(&document).await?;
        }
        for (workflow, limit) in [("test/broke", 0), ("test/sell", 1_000_000)] {
            let budget = json!({"scope": "workflow", "subject": workflow, "period": "total", "limit": limit});
            let (status, body) = client.post("/api/v1/budgets", &budget).await?;
            ensure!(status == 201, "{status} {body}");
        }
        client.start("test/patience", json!({})).await?;
        let outside = outside.clone();
        Ok(Self(tokio::spawn(async move {
            let mut ticks = interval(PAUSE);
            for round in 0_u32.. {
                ticks.tick().await;
                // While the database is being cut off, requests may fail, as they may for any caller.
                let _outcome = go_round(&client, &outside, round).await;
            }
        })))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// One run of each kind, a mail, and now and then an expression without end.
async fn go_round(client: &Client, outside: &Outside, round: u32) -> Result<()> {
    let url = outside.server.url();
    let ask = json!({"workflow": "test/ask", "payload": {"url": url}, "callback_url": url});
    client.post("/api/v1/intake", &ask).await?;
    for workflow in ["test/sell", "test/broke"] {
        let run = json!({"workflow": workflow, "payload": {"url": url}});
        client.post("/api/v1/intake", &run).await?;
    }
    for workflow in ["test/noop", "test/pause", "test/await", "test/announce"] {
        client.start(workflow, json!({})).await?;
    }
    if round.is_multiple_of(32) {
        client.start("test/endless", json!({})).await?;
    }
    let question = json!({"email": format!("person-{round}@example.org"), "wording": "Yes, send me news."});
    client.post("/api/marketing/consent/start", &question).await?;
    Ok(())
}

/// A worker with runs in hand dies, and the database drops every connection once.
pub(crate) async fn mishaps(fleet: &Fleet) -> Result<()> {
    // One by one: those of a batch may all go to the worker that lives on.
    for _ in 0..16 {
        let nap = fleet
            .client
            .start("test/sleeper", json!({"milliseconds": 5_000}))
            .await?;
        let claimed = async || {
            let run = fleet.client.run(&nap).await;
            run.is_ok_and(|run| run["state"] != "pending")
        };
        eventually(SOON, claimed).await?;
    }
    fleet.take(Role::Worker).await?.kill().await?;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query(cut).execute(&fleet.database().await?).await?;
    Ok(())
}
