//! From the request to the verified package.

use std::fs;

use anyhow::{Context, Result, ensure};
use reqwest::{Method, StatusCode, header};
use serde_json::json;

use crate::portal::{Portal, verify};

#[tokio::test]
async fn domain_1_1_a_person_asks_and_downloads_a_package_that_verifies_once() -> Result<()> {
    let portal = Portal::open().await?;
    let id = portal.ask().await?;
    let (status, again) = portal.person.post("/api/data-export/request", &json!({})).await?;
    ensure!(
        status == StatusCode::OK && again["request"]["request_id"] == id.as_str(),
        "{status} {again}"
    );
    portal.becomes(&id, "ready").await?;

    // The page, looked at as a scanner does, changes nothing.
    let token = portal.token("/data-export/download").await?;
    for method in [Method::HEAD, Method::GET, Method::GET] {
        let page = portal
            .server
            .client
            .anonymous(method, &format!("/data-export/download?token={token}"));
        ensure!(page.send().await?.status() == StatusCode::OK);
    }
    let code = portal.code(&id).await?;
    ensure!(
        !portal.mails()?.iter().any(|mail| mail.contains(&code)),
        "the code was mailed"
    );

    let wrong = if code == "000000" { "111111" } else { "000000" };
    for left in [2, 1] {
        let refused = portal
            .form("/api/data-export/download", &[("token", &token), ("code", wrong)])
            .await?;
        ensure!(refused.status() == StatusCode::FORBIDDEN);
        let page = refused.text().await?;
        ensure!(page.contains(&format!("Tries left with it: {left}")), "{page}");
    }
    let right = portal
        .form("/api/data-export/download", &[("token", &token), ("code", &code)])
        .await?;
    ensure!(right.status() == StatusCode::OK, "{}", right.status());
    ensure!(right.headers()[header::CACHE_CONTROL] == "no-store");
    let name = right.headers()[header::CONTENT_DISPOSITION].to_str()?.to_owned();
    ensure!(
        name.starts_with("attachment; filename=\"levqor-data-export-"),
        "{name}"
    );
    let file = portal.folder.path().join("export.zip");
    let zip = right.bytes().await?;
    fs::write(&file, &zip)?;

    let (good, shown) = verify(&file, &[]).await?;
    ensure!(
        good && shown["request"] == id.as_str() && shown["valid"] == true,
        "{shown}"
    );
    let key = shown["key"].as_str().context("no key")?;
    ensure!(verify(&file, &["--key", key]).await?.0);
    ensure!(!verify(&file, &["--key", &"0".repeat(64)]).await?.0);
    let data = zip.windows(15).any(|part| part == b"ada@example.org");
    ensure!(data, "the address is not in the package");
    let mut altered = zip.to_vec();
    let at = zip
        .windows(15)
        .position(|part| part == b"ada@example.org")
        .context("no address")?;
    altered[at] = b'A';
    fs::write(&file, altered)?;
    ensure!(!verify(&file, &[]).await?.0, "an altered package is accepted");

    let second = portal
        .form("/api/data-export/download", &[("token", &token), ("code", &code)])
        .await?;
    ensure!(
        second.status() == StatusCode::FORBIDDEN,
        "a second download: {}",
        second.status()
    );
    ensure!(portal.state(&id).await? == "downloaded");
    ensure!(portal.links()?.len() == 1, "{:?}", portal.links()?);
    Ok(())
}

#[tokio::test]
async fn domain_1_11_a_tenants_request_counts_only_when_the_person_confirms_it() -> Result<()> {
    let portal = Portal::open().await?;
    let body = json!({"user_id": portal.user});
    let (status, accepted) = portal
        .server
        .client
        .post("/api/data-export/request", &body)
        .await?;
    ensure!(
        status == StatusCode::ACCEPTED && accepted["request"]["state"] == "unverified",
        "{status} {accepted}"
    );
    let id = accepted["request"]["request_id"]
        .as_str()
        .context("no id")?
        .to_owned();
    let token = portal.token("/data-export/confirm").await?;
    let page = portal
        .server
        .client
        .anonymous(Method::GET, &format!("/data-export/confirm?token={token}"));
    ensure!(page.send().await?.text().await?.contains("<button"));
    let path = format!("/api/v1/dsar/requests/{id}");
    ensure!(
        portal.server.client.get(&path).await?.1["state"] == "unverified",
        "a look confirmed it"
    );
    let confirmed = portal
        .form("/api/data-export/confirm", &[("token", &token)])
        .await?;
    ensure!(confirmed.status() == StatusCode::OK);
    portal.becomes(&id, "ready").await?;
    let run = portal.server.client.get(&path).await?.1["run_url"]
        .as_str()
        .context("no run")?
        .to_owned();
    ensure!(run.contains("/api/v1/runs/"), "{run}");
    Ok(())
}
