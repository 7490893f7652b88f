//! Processes that a schedule starts.

use anyhow::Result;
use levqor_tests::{DataFolder, Scenario};

/// The schedule of this process is due now, and nothing else is.
pub(crate) async fn due(folder: &DataFolder, name: &str) -> Result<()> {
    let others = format!("UPDATE schedules SET next_due = NULL WHERE name <> '{name}'");
    let own = format!("UPDATE schedules SET next_due = unixepoch() * 1000000 WHERE name = '{name}'");
    folder.change(&[&others, &own]).await
}

/// What the installation knows of itself, for Notion.
#[derive(Default)]
pub(crate) struct Notion;

impl Scenario for Notion {
    const NAME: &'static str = "notion-sync";

    async fn arrange(&self, folder: &DataFolder) -> Result<()> {
        due(folder, Self::NAME).await
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        let once = "SELECT dataset FROM notion_rows WHERE dataset <> 'health' ORDER BY dataset";
        anyhow::ensure!(folder.texts(once).await? == ["api_keys", "audit_logs", "cost", "pulse"]);
        // A row an hour.
        folder
            .expect(
                1,
                "SELECT count(*) >= 1 FROM notion_rows WHERE dataset = 'health'",
            )
            .await
    }
}
