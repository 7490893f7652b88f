//! Requests of people for their data.

use anyhow::{Context, Result, ensure};
use levqor_tests::{Client, DataFolder, Scenario};
use serde_json::{Value, json};

use crate::scheduled::due;

/// Makes a person; their id.
async fn ada(client: &Client) -> Result<String> {
    let (_, made) = client
        .post("/api/v1/users/upsert", &json!({"email": "ada@example.org"}))
        .await?;
    Ok(made["user"]["id"]
        .as_str()
        .with_context(|| made.to_string())?
        .to_owned())
}

/// What a person asked for themselves, from the request to the deletion of the package.
#[derive(Default)]
pub(crate) struct Export;

impl Scenario for Export {
    const NAME: &'static str = "dsar-export";

    async fn prepare(&self, client: &Client, _: &DataFolder) -> Result<Value> {
        let tokens = format!("/api/v1/users/{}/tokens", ada(client).await?);
        let (_, issued) = client.post(&tokens, &json!({})).await?;
        Ok(issued["token"].clone())
    }

    async fn start(&self, client: &Client, token: &Value) -> Result<()> {
        let ada = Client::new(client.url(), token.as_str().context("no token")?)?;
        let (status, body) = ada.post("/api/data-export/request", &json!({})).await?;
        ensure!(status.is_success(), "{status} {body}");
        Ok(())
    }

    /// At no time is there more than the copy of the rows and one package.
    fn inspect(&self, folder: &DataFolder) -> Result<()> {
        let objects = folder.objects()?;
        let packages = objects
            .iter()
            .filter(|path| path.file_name().is_some_and(|name| name.len() == 64));
        ensure!(packages.count() <= 1, "{objects:?}");
        Ok(())
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        ensure!(folder.texts("SELECT state FROM dsar_requests").await? == ["expired"]);
        let trail = folder
            .texts("SELECT kind FROM audit_events WHERE stream = 'dsar' ORDER BY seq")
            .await?;
        let steps = [
            "requested",
            "collected",
            "packaged",
            "stored",
            "notified",
            "expired",
        ];
        ensure!(trail == steps.map(|step| format!("dsar.{step}")), "{trail:?}");
        folder.expect_mails(&["dsar_ready"]).await?;
        folder.expect(0, "SELECT count(*) FROM dsar_grants").await?;
        ensure!(folder.objects()?.is_empty(), "{:?}", folder.objects()?);
        Ok(())
    }
}

/// The watch, over a request that nobody confirmed in time.
#[derive(Default)]
pub(crate) struct Watch;

impl Scenario for Watch {
    const NAME: &'static str = "dsar-watch";

    async fn prepare(&self, client: &Client, _: &DataFolder) -> Result<Value> {
        let request = json!({"user_id": ada(client).await?});
        let (status, body) = client.post("/api/data-export/request", &request).await?;
        ensure!(status == 202, "{status} {body}");
        Ok(Value::Null)
    }

    async fn arrange(&self, folder: &DataFolder) -> Result<()> {
        folder
            .change(&["UPDATE dsar_grants SET confirm_until = 1"])
            .await?;
        due(folder, Self::NAME).await
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        folder
            .expect(
                0,
                "SELECT (SELECT count(*) FROM dsar_requests) + (SELECT count(*) FROM dsar_grants)",
            )
            .await?;
        folder
            .expect(
                1,
                "SELECT count(*) FROM audit_events WHERE kind = 'dsar.forgotten'",
            )
            .await
    }
}
