//! The nightly sweep.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Process, eventually};
use levqor_tests::{Client, DataFolder, Scenario};
use serde_json::{Value, json};

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
        folder
            .change(&[
                "UPDATE reports SET created_at = 1",
                "UPDATE mails SET ended_at = 1",
            ])
            .await?;
        due(folder, Self::NAME).await
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        folder
            .expect(
                0,
                "SELECT (SELECT count(*) FROM reports) + (SELECT count(*) FROM mails)",
            )
            .await?;
        ensure!(folder.objects()?.is_empty(), "{:?}", folder.objects()?);
        folder
            .expect(
                0,
                "SELECT (SELECT count(*) FROM retention_sweeps) + (SELECT count(*) FROM retention_counts)",
            )
            .await?;
        folder
            .expect(
                2,
                "SELECT count(*) FROM audit_events WHERE kind = 'retention.swept'",
            )
            .await?;
        let newest = "SELECT CAST(body AS TEXT) FROM retention_certificates ORDER BY issued_at DESC LIMIT 2";
        for certificate in folder.texts(newest).await? {
            counted(&serde_json::from_str(&certificate)?)?;
        }
        whole(folder, (3, 2)).await
    }
}

/// Signatures, chains and counts of all certificates are right: so many certificates in so many chains.
async fn whole(folder: &DataFolder, (certificates, chains): (u64, u64)) -> Result<()> {
    let data = folder.path().to_str().context("the folder's name is not UTF-8")?;
    let verify = Process::levqor(&["retention", "verify", "--json", "--data", data], &[])?;
    let status = verify.wait(SOON).await?;
    ensure!(status.success(), "{}", verify.output());
    let report: Value = serde_json::from_str(&verify.stdout())?;
    ensure!(
        report["certificates"] == certificates && report["chains"] == chains,
        "{report}"
    );
    Ok(())
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
    eventually(SOON, over)
        .await
        .context("the first sweep does not end")?;
    server.process.kill().await
}

/// What a certificate says is gone is what was there, each row once.
fn counted(certificate: &Value) -> Result<()> {
    let lines = certificate["datasets"].as_array().context("no datasets")?;
    for line in lines {
        let name = line["dataset"].as_str().context("no dataset")?;
        let goes = GOES.iter().find(|(dataset, ..)| *dataset == name);
        let (rows, objects) = goes.map_or((0, 0), |(_, rows, objects)| (*rows, *objects));
        ensure!(
            line["rows"] == rows && line["objects"] == objects && line["complete"] == true,
            "{line}"
        );
    }
    ensure!(
        GOES.iter()
            .all(|(name, ..)| lines.iter().any(|line| line["dataset"] == *name)),
        "{certificate}"
    );
    Ok(())
}
