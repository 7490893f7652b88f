//! Reports, ordered and weekly.

use anyhow::{Result, ensure};
use levqor_tests::{Client, DataFolder, Scenario};
use serde_json::{Value, json};

use crate::scheduled::due;

/// So many reports are ready, each mailed once with its file, and there is no other file.
async fn reports(folder: &DataFolder, count: usize) -> Result<()> {
    let number = i64::try_from(count)?;
    folder.expect(number, "SELECT count(*) FROM reports").await?;
    folder
        .expect(
            number,
            "SELECT count(*) FROM reports WHERE state = 'ready' AND pages > 0",
        )
        .await?;
    folder.expect_mails(&vec!["report_ready"; count]).await?;
    folder
        .expect(number, "SELECT count(DISTINCT key) FROM mails")
        .await?;
    for letter in folder.letters()? {
        ensure!(letter.matches("application/pdf").count() == 1, "{letter}");
    }
    ensure!(folder.objects()?.len() == count, "{:?}", folder.objects()?);
    Ok(())
}

/// One that a tenant orders.
#[derive(Default)]
pub(crate) struct Ordered;

impl Scenario for Ordered {
    const NAME: &'static str = "report";

    async fn start(&self, client: &Client, _: &Value) -> Result<()> {
        let order = json!({"kind": "operations", "mail_to": "boss@example.org", "key": "monday"});
        let (status, body) = client.post("/api/v1/reports", &order).await?;
        ensure!(status.is_success(), "{status} {body}");
        Ok(())
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        reports(folder, 1).await
    }
}

/// Those of the week, for the operator.
#[derive(Default)]
pub(crate) struct Weekly;

impl Scenario for Weekly {
    const NAME: &'static str = "weekly-reports";
    const ENVIRONMENT: &'static [(&'static str, &'static str)] =
        &[("LEVQOR_OPERATOR_MAIL", "operator@example.org")];

    async fn arrange(&self, folder: &DataFolder) -> Result<()> {
        due(folder, Self::NAME).await
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        reports(folder, 2).await
    }
}

/// The operator's mail about the day before.
#[derive(Default)]
pub(crate) struct Daily;

impl Scenario for Daily {
    const NAME: &'static str = "daily-summary";
    const ENVIRONMENT: &'static [(&'static str, &'static str)] =
        &[("LEVQOR_OPERATOR_MAIL", "operator@example.org")];

    async fn arrange(&self, folder: &DataFolder) -> Result<()> {
        due(folder, Self::NAME).await
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        folder.expect_mails(&["daily_summary"]).await
    }
}
