//! The outside world of `test/three-calls`: a server that counts what each Idempotency-Key asked for.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Answer, LocalServer, Recorded};
use serde_json::Value;

use crate::Client;

/// Records calls; all are answered with `{"ok": true}`.
pub struct Steps {
    server: LocalServer,
}

impl Steps {
    /// Starts on a free port; each answer takes `delay`, so that runs are in flight when something dies.
    pub async fn start(delay: Duration) -> Result<Self> {
        let server = LocalServer::start(move |_| Answer::json(r#"{"ok":true}"#).after(delay)).await?;
        Ok(Self { server })
    }

    /// Where documents call.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Waits until so many calls have arrived.
    pub async fn arrived(&self, calls: usize) -> Result<()> {
        self.server
            .wait_for(calls, Duration::from_mins(1))
            .await
            .map(drop)
    }

    /// Checks that one step of one run always came with one key and one key never stood for two steps. How many
    /// calls were repeats.
    pub fn repeats(&self) -> Result<usize> {
        let mut keys: HashMap<(String, i64), String> = HashMap::new();
        let mut steps: HashMap<String, (String, i64)> = HashMap::new();
        let mut repeats = 0;
        for request in self.server.requests() {
            let step = step(&request)?;
            let key = request
                .header("idempotency-key")
                .context("a call without Idempotency-Key")?
                .to_owned();
            if let Some(known) = keys.insert(step.clone(), key.clone()) {
                ensure!(known == key, "{step:?} was called with {known} and with {key}");
                repeats += 1;
            }
            if let Some(other) = steps.insert(key.clone(), step.clone()) {
                ensure!(other == step, "{key} stood for {other:?} and for {step:?}");
            }
        }
        Ok(repeats)
    }
}

/// Waits until these runs of `test/three-calls` have completed; each must have journaled its three steps once.
pub async fn three_steps_each(client: &Client, ids: &[String], limit: Duration) -> Result<()> {
    for id in ids {
        let run = client.ended(id, limit).await?;
        ensure!(run["state"] == "completed", "{run}");
    }
    for id in ids {
        let steps = client.journal(id).await?;
        let paths: HashSet<&str> = steps.iter().filter_map(|step| step["path"].as_str()).collect();
        ensure!(steps.len() == 3 && paths.len() == 3, "journal of {id}: {steps:?}");
    }
    Ok(())
}

/// Run and step number of a call.
fn step(request: &Recorded) -> Result<(String, i64)> {
    let body: Value = serde_json::from_slice(&request.body)?;
    let run = body["run"].as_str().context("no run in the body")?.to_owned();
    Ok((run, body["step"].as_i64().context("no step in the body")?))
}
