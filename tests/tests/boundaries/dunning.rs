//! A bill that nobody pays, to the end.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use levqor_testkit::Process;
use levqor_tests::{Client, DataFolder, STRIPE_SECRET, Scenario, stripe_event};
use serde_json::Value;

/// An invoice under the built-in policy.
#[derive(Default)]
pub(crate) struct Dunning;

impl Scenario for Dunning {
    const NAME: &'static str = "dunning";
    const ENVIRONMENT: &'static [(&'static str, &'static str)] =
        &[("LEVQOR_STRIPE_WEBHOOK_SECRETS", STRIPE_SECRET)];
    /// Days go by: the payment failed earlier by as much as the next stage is away.
    const HOURS: &'static [&'static str] = &["UPDATE billing_invoices
        SET since = since - max(0, next_at - unixepoch() * 1000000), next_at = min(next_at, unixepoch() * 1000000)"];

    async fn arrange(&self, folder: &DataFolder) -> Result<()> {
        let data = folder.path().to_str().context("the folder's name is not UTF-8")?;
        let link = [
            "billing",
            "link",
            "--tenant",
            "default",
            "--customer",
            "cus_1",
            "--email",
            "pay@acme.test",
        ];
        let link = Process::levqor(&[&link[..], &["--data", data]].concat(), &[])?;
        let linked = link.wait(Duration::from_secs(30)).await?;
        ensure!(linked.success(), "{}", link.output());
        Ok(())
    }

    async fn start(&self, client: &Client, _: &Value) -> Result<()> {
        let status = stripe_event(client, "evt_1", "invoice.payment_failed", "open").await?;
        ensure!(status == 200, "the webhook answered {status}");
        Ok(())
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        folder
            .expect_mails(&[
                "dunning_day1",
                "dunning_day7",
                "dunning_day14",
                "dunning_suspended",
            ])
            .await?;
        folder.expect(4, "SELECT stage FROM billing_invoices").await?;
        folder
            .expect(
                4,
                "SELECT count(*) FROM audit_events WHERE kind = 'billing.stage'",
            )
            .await?;
        folder.expect(1, "SELECT count(*) FROM stripe_events").await
    }
}
