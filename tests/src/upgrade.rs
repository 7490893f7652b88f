//! What an upgrade finds under way: brought there by one program, brought to its end by another.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::eventually;
use serde_json::{Map, Value, json};

use crate::Client;

const SOON: Duration = Duration::from_mins(1);

/// Of every process on both sides. One slot: while one run is held, another stays ready.
pub const SETTINGS: [(&str, &str); 4] = [
    ("LEVQOR_SECRET_KEY", SECRET_KEY),
    ("LEVQOR_SLOTS", "1"),
    ("LEVQOR_WORKER_LEASE", "4"),
    ("LEVQOR_ALLOW_LOOPBACK", "true"),
];

const SECRET_KEY: &str = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";

/// Documents by name. What ends is kept for long: the database may be restored years after.
const DOCUMENTS: [(&str, &str); 7] = [
    ("finished", "do:\n  - only: { call: echo, with: { a: 1 } }\n"),
    ("timer", "do:\n  - nap: { wait: { seconds: 20 } }\n  - note: { set: { rested: true } }\n"),
    (
        "loop",
        "do:
  - each:
      for: { each: n, in: '${ [1, 2, 3] }' }
      do:
        - nap: { wait: { seconds: 10 } }
        - note: { set: { last: '${ $n }' } }
",
    ),
    (
        "event",
        "do:
  - order: { listen: { to: { one: { with: { type: com.example.paid, data: '${ .order == $workflow.input.order }' } } } } }
  - note: { set: { amount: '${ .[0].amount }' } }
",
    ),
    (
        "claimed",
        "do:\n  - first: { call: now }\n  - second: { call: sleep, with: { milliseconds: 8000 } }\n  - third: { call: noop }\n",
    ),
    ("ready", "do:\n  - only: { call: noop }\n"),
    ("ticking", "schedule: { cron: '*/10 * * * * *' }\ndo:\n  - only: { call: noop }\n"),
];

/// Runs that one program left, as its API showed them.
#[derive(Debug)]
pub struct Left {
    /// `finished`, `timer`, `loop`, `event`, `claimed` and `ready`: the run of each; `journal`: steps of `claimed`;
    /// `ticks`: runs that `ticking` had made.
    seen: Map<String, Value>,
}

impl Left {
    /// Brings a run into each state. The caller kills the program at once: the run that is claimed is in its second step.
    pub async fn make(client: &Client) -> Result<Self> {
        for (name, rest) in DOCUMENTS {
            client.store(&document(name, rest)).await?;
        }
        let mut seen = Map::new();
        let finished = client.start("upgrade/finished", json!({})).await?;
        client.ended(&finished, SOON).await?;
        let mut ids = vec![("finished", finished)];
        for (name, input) in [
            ("event", json!({"order": "A-17"})),
            ("timer", json!({})),
            ("loop", json!({})),
        ] {
            let id = client.start(&format!("upgrade/{name}"), input).await?;
            reaches(client, &id, "waiting").await?;
            ids.push((name, id));
        }
        let claimed = client.start("upgrade/claimed", json!({})).await?;
        let first = async || {
            client
                .journal(&claimed)
                .await
                .is_ok_and(|steps| !steps.is_empty())
        };
        eventually(SOON, first)
            .await
            .context("the first step is not journaled")?;
        seen.insert("journal".to_owned(), client.journal(&claimed).await?.into());
        ids.push(("claimed", claimed));
        ids.push(("ready", client.start("upgrade/ready", json!({})).await?));
        for (name, id) in ids {
            seen.insert(name.to_owned(), client.run(&id).await?);
        }
        seen.insert("ticks".to_owned(), ticks(client).await?.into());
        let left = Self { seen };
        left.is_under_way()?;
        Ok(left)
    }

    /// What [`Left::to_json`] gave.
    pub fn from_json(text: &str) -> Result<Self> {
        let seen = serde_json::from_str(text)?;
        Ok(Self { seen })
    }

    /// As a file.
    pub fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(&self.seen)? + "\n")
    }

    fn of(&self, name: &str) -> Result<&Value> {
        self.seen.get(name).with_context(|| format!("no {name}"))
    }

    fn id(&self, name: &str) -> Result<&str> {
        let id = self.of(name)?["id"].as_str();
        id.with_context(|| format!("no id of {name}"))
    }

    /// Each is where it should be.
    fn is_under_way(&self) -> Result<()> {
        let states = [
            ("finished", "completed"),
            ("timer", "waiting"),
            ("loop", "waiting"),
            ("event", "waiting"),
            ("claimed", "running"),
            ("ready", "pending"),
        ];
        for (name, state) in states {
            let run = self.of(name)?;
            ensure!(run["state"] == state, "{name} is not {state}: {run}");
        }
        ensure!(
            self.of("journal")?
                .as_array()
                .is_some_and(|steps| steps.len() == 1)
        );
        Ok(())
    }

    /// With another program on the same database: what had ended reads as before, the rest goes on and ends.
    pub async fn go_on(&self, client: &Client) -> Result<()> {
        same(self.of("finished")?, &client.run(self.id("finished")?).await?)?;
        reaches(client, self.id("event")?, "waiting").await?;
        pay(client).await?;
        for (name, output) in [
            ("ready", None),
            ("event", Some(json!({"amount": 30}))),
            ("timer", Some(json!({"rested": true}))),
            ("loop", Some(json!({"last": 3}))),
            ("claimed", None),
        ] {
            let run = client.ended(self.id(name)?, SOON).await?;
            ensure!(run["state"] == "completed", "{name}: {run}");
            ensure!(
                output.is_none_or(|output| run["output"] == output),
                "{name}: {run}"
            );
        }
        self.first_step_stands(client).await?;
        let before = self.of("ticks")?.as_u64().context("no number of ticks")?;
        let more = async || ticks(client).await.is_ok_and(|now| now > before);
        eventually(SOON, more).await.context("the schedule does not tick")
    }

    /// The step that the other program had journaled was not executed again.
    async fn first_step_stands(&self, client: &Client) -> Result<()> {
        let journal = client.journal(self.id("claimed")?).await?;
        let paths: HashSet<&str> = journal.iter().filter_map(|step| step["path"].as_str()).collect();
        ensure!(journal.len() == 3 && paths.len() == 3, "{journal:?}");
        same(&self.of("journal")?[0], &journal[0])
    }
}

/// What was shown is shown; there may be more. The address is that of the API.
fn same(before: &Value, now: &Value) -> Result<()> {
    let shown = before.as_object().context("no object")?;
    for (name, value) in shown.iter().filter(|(name, _)| *name != "url") {
        ensure!(now[name] == *value, "{name} was {value}, is {}", now[name]);
    }
    Ok(())
}

fn document(name: &str, rest: &str) -> String {
    format!(
        "document: {{ dsl: 1.0.3, namespace: upgrade, name: {name}, version: 1.0.0, metadata: {{ levqor.retention: long }} }}\n{rest}"
    )
}

async fn reaches(client: &Client, id: &str, state: &str) -> Result<()> {
    let there = async || client.run(id).await.is_ok_and(|run| run["state"] == state);
    eventually(SOON, there)
        .await
        .with_context(|| format!("{id} is not {state}"))
}

/// The event that `event` waits for.
async fn pay(client: &Client) -> Result<()> {
    let event = json!({"specversion": "1.0", "id": "paid", "source": "/shop", "type": "com.example.paid",
                       "data": {"order": "A-17", "amount": 30}});
    let request = client
        .request(reqwest::Method::POST, "/api/v1/events")
        .header("content-type", "application/cloudevents+json")
        .body(event.to_string());
    request.send().await?.error_for_status()?;
    Ok(())
}

/// Completed runs of `ticking`, as far as one page goes.
async fn ticks(client: &Client) -> Result<u64> {
    let path = "/api/v1/runs?workflow=upgrade/ticking&state=completed&limit=100";
    let (status, body) = client.get(path).await?;
    ensure!(status == 200, "{status} {body}");
    Ok(body["runs"].as_array().context("no runs")?.len() as u64)
}
