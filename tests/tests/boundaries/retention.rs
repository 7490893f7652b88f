//! The nightly sweep.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use levqor_testkit::eventually;
use levqor_tests::{Client, DataFolder, Scenario};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Connection};

use crate::{consent::question, scheduled::due};

const SOON: Duration = Duration::from_secs(30);

/// Datasets of which something is to go, how many rows and objects.
const GOES: [(&str, i64, i64); 2] = [("mails", 2, 0), ("reports", 1, 1)];

/// A sweep that finds two mails and a report whose time is over, and follows another sweep.
#[derive(Default)]
pub(crate) struct Sweep;

impl Scenario for Sweep {
    const NAME: &'static str = "retention";

    async fn prepare(&self, client: &Client, folder: &DataFolder) -> Result<Value> {
        question(client, "ada@example.org").await?;
        let order = json!({"kind": "operations", "mail_to": "boss@example.org"});
        client.post("/api/v1/reports", &order).await?;
        let sent = "SELECT count(*) FROM mails WHERE state = 'sent'";
        let both = async || folder.number(sent).await.is_ok_and(|sent| sent == 2);
        eventually(SOON, both).await.context("the mails do not leave")?;
        Ok(Value::Null)
    }

    async fn arrange(&self, folder: &DataFolder) -> Result<()> {
        first(folder).await?;
        folder.change(&["UPDATE reports SET created_at = 1", "UPDATE mails SET ended_at = 1"]).await?;
        due(folder, Self::NAME).await
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        folder.expect(0, "SELECT (SELECT count(*) FROM reports) + (SELECT count(*) FROM mails)").await?;
        ensure!(folder.objects()?.is_empty(), "{:?}", folder.objects()?);
        folder.expect(0, "SELECT (SELECT count(*) FROM retention_sweeps) + (SELECT count(*) FROM retention_counts)").await?;
        folder.expect(2, "SELECT count(*) FROM audit_events WHERE kind = 'retention.swept'").await?;
        let chains = certificates(folder).await?;
        let [tenant, installation] = chains.as_slice() else {
            anyhow::bail!("{} chains of certificates", chains.len())
        };
        ensure!((tenant.len(), installation.len()) == (1, 2), "{tenant:?} {installation:?}");
        for certificate in [&tenant[0], &installation[1]] {
            counted(certificate)?;
        }
        Ok(())
    }
}

/// A sweep before the one that is walked.
async fn first(folder: &DataFolder) -> Result<()> {
    due(folder, Sweep::NAME).await?;
    let server = folder.start().await?;
    let over = async || {
        let certified = folder.number("SELECT count(*) FROM retention_certificates").await;
        let ended = folder.number("SELECT count(*) FROM live").await;
        certified.is_ok_and(|n| n == 1) && ended.is_ok_and(|n| n == 0)
    };
    eventually(SOON, over).await.context("the first sweep does not end")?;
    server.process.kill().await
}

/// What a certificate says is gone is what was there, each row once.
fn counted(certificate: &Value) -> Result<()> {
    let lines = certificate["datasets"].as_array().context("no datasets")?;
    for line in lines {
        let name = line["dataset"].as_str().context("no dataset")?;
        let goes = GOES.iter().find(|(dataset, ..)| *dataset == name);
        let (rows, objects) = goes.map_or((0, 0), |(_, rows, objects)| (*rows, *objects));
        ensure!(line["rows"] == rows && line["objects"] == objects && line["complete"] == true, "{line}");
    }
    ensure!(GOES.iter().all(|(name, ..)| lines.iter().any(|line| line["dataset"] == *name)), "{certificate}");
    Ok(())
}

/// The certificates of each tenant in their order, the shortest chain first; each names the one before by its hash.
async fn certificates(folder: &DataFolder) -> Result<Vec<Vec<Value>>> {
    let mut database = folder.database().read_only(true).connect().await?;
    let sql = "SELECT hex(tenant_id), body, hash FROM retention_certificates ORDER BY tenant_id, number";
    let rows: Vec<(String, Vec<u8>, Vec<u8>)> = sqlx::query_as(sql).fetch_all(&mut database).await?;
    database.close().await?;
    let mut chains: Vec<Vec<Value>> = Vec::new();
    for chain in rows.chunk_by(|one, next| one.0 == next.0) {
        let mut previous = Value::Null;
        let mut bodies = Vec::new();
        for (_, body, hash) in chain {
            ensure!(Sha256::digest(body).as_slice() == hash, "a certificate's hash is not its own");
            let body: Value = serde_json::from_slice(body)?;
            ensure!(body["previous"] == previous, "{body} does not follow {previous}");
            previous = Value::String(hash.iter().map(|byte| format!("{byte:02x}")).collect());
            bodies.push(body);
        }
        chains.push(bodies);
    }
    chains.sort_by_key(Vec::len);
    Ok(chains)
}
