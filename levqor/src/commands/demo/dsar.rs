//! A person asks for their data, gets it, and nobody gets it twice.

use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde_json::json;

use super::World;

/// Asks, waits, downloads; where the package is.
pub(super) async fn play(world: &World) -> anyhow::Result<PathBuf> {
    let person =
        json!({"email": "grace@example.org", "name": "Grace Example", "locale": "en-GB", "currency": "GBP"});
    let made = world.client.post("/api/v1/users/upsert", &person).await?;
    let id = made["user"]["id"].as_str().context("the user has no id")?;
    let token = world
        .client
        .post(&format!("/api/v1/users/{id}/tokens"), &json!({}))
        .await?;
    let grace = world
        .client
        .with(token["token"].as_str().context("there is no token")?);
    let request = grace.post("/api/data-export/request", &json!({})).await?;
    world.say("Grace asks for her data");
    let request = request["request"]["request_id"]
        .as_str()
        .context("the request has no id")?;
    let status = format!("/api/dsar/exports/{request}");
    grace.until(&status, |status| status["state"] == "ready").await?;
    let start = format!("{}/data-export/download?token=", world.url);
    let link = world.letters.find("dsar_ready", &start).await?;
    let code = grace.post(&format!("{status}/code"), &json!({})).await?;
    let answer = json!({"token": link.trim_start_matches(&start), "code": code["code"]}).to_string();
    let package = grace
        .send("POST", "/api/data-export/download", Some(answer.clone()), &[])
        .await?;
    ensure!(package.status == 200, "the download answered {}", package.status);
    let file = world.folder.join("grace-data-export.zip");
    std::fs::write(&file, &package.body).with_context(|| file.display().to_string())?;
    let again = grace
        .send("POST", "/api/data-export/download", Some(answer), &[])
        .await?;
    ensure!(again.status >= 400, "the package was handed out twice");
    world.say(&format!("Grace has her data: {}", file.display()));
    Ok(file)
}
