//! Results of runs on their way to the operator's Notion, over the embedded server.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use levqor_testkit::{LocalNotion, Mood, eventually};
use levqor_tests::{Client, DataFolder, noop};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_secs(30);

/// A folder whose servers know this Notion.
fn folder(notion: &LocalNotion) -> Result<DataFolder> {
    DataFolder::new(&[
        ("LEVQOR_NOTION_TOKEN", LocalNotion::TOKEN),
        ("LEVQOR_NOTION_URL", &notion.url()),
        ("LEVQOR_NOTION_DATABASES", "runs=aa11"),
    ])
}

/// Runs a workflow to its end; the run's id.
async fn run(client: &Client) -> Result<String> {
    client.store(&noop()).await?;
    let run = client.start("test/noop", json!({})).await?;
    let ended = client.ended(&run, SOON).await?;
    ensure!(ended["state"] == "completed", "{ended}");
    Ok(run)
}

/// The only page there is, once it is there.
async fn page(notion: &LocalNotion) -> Result<Value> {
    eventually(SOON, async || !notion.pages().is_empty())
        .await
        .context("no page")?;
    let pages = notion.pages();
    ensure!(pages.len() == 1, "{pages:?}");
    Ok(pages[0].clone())
}

/// The page says what became of the run.
fn tells(page: &Value, run: &str) -> Result<()> {
    let external = page["External ID"]["rich_text"][0]["text"]["content"]
        .as_str()
        .unwrap_or_default();
    ensure!(external.starts_with(run), "{page}");
    ensure!(page["State"]["select"]["name"] == "completed", "{page}");
    Ok(())
}

#[tokio::test]
async fn the_result_of_a_run_becomes_a_page() -> Result<()> {
    let notion = LocalNotion::start().await?;
    let folder = folder(&notion)?;
    let server = folder.start().await?;
    let run = run(&server.client).await?;
    tells(&page(&notion).await?, &run)
}

#[tokio::test]
async fn while_notion_is_away_runs_complete_and_their_pages_come_when_it_is_back() -> Result<()> {
    let notion = LocalNotion::start().await?;
    notion.mood(Mood::Away);
    let folder = folder(&notion)?;
    let server = folder.start().await?;
    let run = run(&server.client).await?;
    let tried = "SELECT count(*) FROM notion_rows WHERE dataset = 'runs' AND reason IS NOT NULL";
    eventually(SOON, async || {
        folder.number(tried).await.is_ok_and(|rows| rows == 1)
    })
    .await
    .context("it is not tried")?;
    server.process.kill().await?;
    ensure!(notion.pages().is_empty() && notion.calls() > 0);
    // The pause before the next try is over.
    folder.change(&["UPDATE notion_rows SET due = 0"]).await?;
    notion.mood(Mood::Well);
    let _server = folder.start().await?;
    tells(&page(&notion).await?, &run)
}

#[tokio::test]
async fn a_page_whose_making_was_not_answered_is_not_made_twice_after_kill_9() -> Result<()> {
    let notion = LocalNotion::start().await?;
    notion.mood(Mood::Forgetful);
    let folder = folder(&notion)?;
    let server = folder.start().await?;
    let run = run(&server.client).await?;
    page(&notion).await?;
    server.process.kill().await?;
    folder.change(&["UPDATE notion_rows SET due = 0"]).await?;
    notion.mood(Mood::Well);
    let _server = folder.start().await?;
    let synced = "SELECT count(*) FROM notion_rows WHERE dataset = 'runs' AND synced_version = version";
    eventually(SOON, async || {
        folder.number(synced).await.is_ok_and(|rows| rows == 1)
    })
    .await
    .context("it is not sent")?;
    tells(&page(&notion).await?, &run)
}
