//! Pages of a person's data: to confirm the request, to download the package.

use std::{fs, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::eventually;
use levqor_tests::{Client, DataFolder, person};
use serde_json::{Value, json};
use thirtyfour::{Key, TypingData};

use crate::{browser::Browser, look::look, mailed};

const SOON: Duration = Duration::from_mins(1);
const ADA: &str = "ada@example.org";
const DOWNLOAD: &str = "/data-export/download?token=";

/// How it stands with the request.
async fn request(ada: &Client, id: &str) -> Result<Value> {
    Ok(ada.get(&format!("/api/dsar/exports/{id}")).await?.1)
}

async fn enter(browser: &Browser, code: impl Into<TypingData>) -> Result<()> {
    let field = browser.find("input[name=code]").await?;
    Ok(field.send_keys(code).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_data_export_work_without_scripts_and_keep_to_wcag() -> Result<()> {
    let folder = DataFolder::new(&[])?;
    let server = folder.start().await?;
    let (user, ada) = person(&server.client, ADA).await?;
    let asked = json!({"user_id": user});
    let (status, taken) = server.client.post("/api/data-export/request", &asked).await?;
    let id = taken["request"]["request_id"]
        .as_str()
        .with_context(|| format!("{status} {taken}"))?;
    let browser = Browser::start().await?;
    confirms(
        &browser,
        &mailed(&folder, &server, ADA, "/data-export/confirm?token=").await?,
    )
    .await?;
    let ready = async || request(&ada, id).await.is_ok_and(|now| now["state"] == "ready");
    eventually(SOON, ready).await?;

    let download = mailed(&folder, &server, ADA, DOWNLOAD).await?;
    let (_, issued) = ada
        .post(&format!("/api/dsar/exports/{id}/code"), &json!({}))
        .await?;
    let code = issued["code"].as_str().with_context(|| issued.to_string())?;
    downloads(&browser, &download, code).await?;
    ensure!(request(&ada, id).await?["state"] == "downloaded");
    server.process.kill().await?;

    let hours = "UPDATE dsar_requests SET granted_at = granted_at - 2 * 3600000000";
    let locked = "UPDATE dsar_requests SET locked_at = granted_at";
    for (statement, name, heading) in [
        (hours, "download-gone", "Your data was downloaded already"),
        (locked, "download-locked", "The download is locked"),
    ] {
        folder.change(&[statement]).await?;
        let server = folder.start().await?;
        browser
            .open(&mailed(&folder, &server, ADA, DOWNLOAD).await?)
            .await?;
        look(&browser, name, heading).await?;
        browser
            .open(&format!("{}{DOWNLOAD}x", server.client.url()))
            .await?;
        look(&browser, "download-unknown", "This link leads nowhere").await?;
        server.process.kill().await?;
    }
    browser.quit().await
}

async fn confirms(browser: &Browser, link: &str) -> Result<()> {
    browser.open(link).await?;
    look(browser, "export-confirm", "Do you want a copy of your data?").await?;
    browser.press("Yes, prepare my data").await?;
    look(browser, "export-confirmed", "Your request is confirmed").await
}

/// Tries what is no code, then a wrong one, then the right one.
async fn downloads(browser: &Browser, link: &str, code: &str) -> Result<()> {
    browser.open(link).await?;
    look(browser, "download", "Download your data").await?;
    enter(browser, "12").await?;
    browser.button("Download").await?.click().await?;
    // Rather than send two digits, the browser goes back to the field.
    browser.find("input[name=code]:invalid:focus").await?;
    browser.open(link).await?;
    let wrong = if code == "000000" { "111111" } else { "000000" };
    enter(browser, wrong).await?;
    browser.press("Download").await?;
    look(browser, "download-wrong", "Download your data").await?;
    let error = browser.find("#error").await?.text().await?;
    ensure!(error.contains("Tries left with it: 2"), "{error}");
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    enter(browser, TypingData::from(spaced) + Key::Enter).await?;
    let file = browser.downloaded().await?;
    ensure!(fs::read(&file)?.starts_with(b"PK"), "{}", file.display());
    Ok(())
}
