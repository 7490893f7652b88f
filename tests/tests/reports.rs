//! Reports as PDF, ordered, read, mailed and downloaded over the embedded server.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use levqor_testkit::eventually;
use levqor_tests::{Client, DataFolder};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const SOON: Duration = Duration::from_secs(30);

/// Orders; the report.
async fn order(client: &Client, order: &Value) -> Result<Value> {
    let (status, report) = client.post("/api/v1/reports", order).await?;
    ensure!(status.is_success(), "{status} {report}");
    Ok(report)
}

fn id(report: &Value) -> Result<String> {
    Ok(report["id"]
        .as_str()
        .with_context(|| report.to_string())?
        .to_owned())
}

/// The report once it is ready.
async fn ready(client: &Client, id: &str) -> Result<Value> {
    let path = format!("/api/v1/reports/{id}");
    eventually(SOON, async || {
        client
            .get(&path)
            .await
            .is_ok_and(|(_, report)| report["state"] == "ready")
    })
    .await
    .with_context(|| format!("report {id} is not ready"))?;
    Ok(client.get(&path).await?.1)
}

/// Downloads it, and holds it against what is said of it.
async fn file(client: &Client, report: &Value) -> Result<Vec<u8>> {
    let path = format!("/api/v1/reports/{}/file", id(report)?);
    let answer = client.request(Method::GET, &path).send().await?;
    ensure!(answer.status() == 200 && answer.headers()["content-type"] == "application/pdf");
    let name = answer.headers()["content-disposition"].to_str()?;
    ensure!(name.starts_with("attachment; filename=\"report-"), "{name}");
    let file = answer.bytes().await?.to_vec();
    ensure!(file.starts_with(b"%PDF-") && file.trim_ascii_end().ends_with(b"%%EOF"));
    let digest = hex::encode(Sha256::digest(&file));
    ensure!(
        report["sha256"] == digest && report["size"] == file.len(),
        "{report}"
    );
    ensure!(
        report["pages"]
            .as_u64()
            .is_some_and(|pages| pages == page_objects(&file)),
        "{report}"
    );
    Ok(file)
}

/// Pages by the file's own page objects; `/Type /Pages` is their tree.
fn page_objects(file: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(file).replace("/Type /Page", "/Type/Page");
    let pages = text
        .match_indices("/Type/Page")
        .filter(|(at, found)| !text[at + found.len()..].starts_with('s'));
    pages.count() as u64
}

#[tokio::test]
async fn both_kinds_of_report_are_written_and_downloaded_and_one_key_is_one_report() -> Result<()> {
    let folder = DataFolder::new(&[])?;
    let server = folder.start().await?;
    let client = &server.client;
    for kind in ["operations", "evidence"] {
        let wanted =
            json!({"kind": kind, "key": kind, "from": "2026-01-01T00:00:00Z", "to": "2026-01-08T00:00:00Z"});
        let ordered = order(client, &wanted).await?;
        let report = ready(client, &id(&ordered)?).await?;
        ensure!(
            report["kind"] == kind && report["from"] == "2026-01-01T00:00:00.000000Z",
            "{report}"
        );
        file(client, &report).await?;
        let again = order(client, &wanted).await?;
        ensure!(
            again["id"] == report["id"] && again["state"] == "ready",
            "{again}"
        );
    }
    let listed = client.get("/api/v1/reports").await?.1;
    ensure!(
        listed["reports"].as_array().is_some_and(|all| all.len() == 2),
        "{listed}"
    );
    Ok(())
}

#[tokio::test]
async fn a_report_is_mailed_with_its_file() -> Result<()> {
    let folder = DataFolder::new(&[])?;
    let server = folder.start().await?;
    let ordered = order(
        &server.client,
        &json!({"kind": "operations", "mail_to": "Boss@example.org"}),
    )
    .await?;
    let report = ready(&server.client, &id(&ordered)?).await?;
    let file = file(&server.client, &report).await?;
    eventually(SOON, async || folder.letters().is_ok_and(|all| all.len() == 1))
        .await
        .context("no mail")?;
    let letters = folder.letters()?;
    let letter = &letters[0];
    ensure!(
        letter.contains("To: boss@example.org\r\n") && letter.contains("application/pdf"),
        "{letter}"
    );
    ensure!(letter.contains("operations-report.pdf"), "{letter}");
    let attached = letter.replace("\r\n", "");
    ensure!(
        attached.contains(BASE64_STANDARD.encode(&file).trim_end_matches('=')),
        "another file is attached"
    );
    Ok(())
}

/// The key of the folder becomes another tenant's.
const HANDED_ON: [&str; 2] = [
    "INSERT INTO tenants (id, name, plan, created_at) VALUES (randomblob(16), 'other', 'pro', 0)",
    "UPDATE api_keys SET tenant_id = (SELECT id FROM tenants WHERE name = 'other')",
];

#[tokio::test]
async fn another_tenant_has_no_such_report() -> Result<()> {
    let folder = DataFolder::new(&[])?;
    let server = folder.start().await?;
    let ordered = order(&server.client, &json!({"kind": "evidence"})).await?;
    let report = id(&ready(&server.client, &id(&ordered)?).await?)?;
    ensure!(server.client.get(&format!("/api/v1/reports/{report}")).await?.0 == 200);
    server.process.kill().await?;
    folder.change(&HANDED_ON).await?;
    let server = folder.start().await?;
    let other = &server.client;
    for path in [
        format!("/api/v1/reports/{report}"),
        format!("/api/v1/reports/{report}/file"),
    ] {
        let (status, problem) = other.get(&path).await?;
        ensure!(
            status == 404 && problem["code"] == "report_not_found",
            "{status} {problem}"
        );
    }
    ensure!(other.get("/api/v1/reports").await?.1["reports"] == json!([]));
    Ok(())
}

#[tokio::test]
async fn an_order_that_cannot_be_read_says_where() -> Result<()> {
    let folder = DataFolder::new(&[])?;
    let server = folder.start().await?;
    for (order, pointer, code) in [
        (json!({}), "/kind", "missing_member"),
        (json!({"kind": "weather"}), "/kind", "invalid_member"),
        (
            json!({"kind": "evidence", "form": "doc"}),
            "/form",
            "unknown_member",
        ),
        (
            json!({"kind": "evidence", "from": "2026-01-01T00:00:00Z"}),
            "/to",
            "invalid_member",
        ),
        (
            json!({"kind": "evidence", "from": "then", "to": "2026-01-01T00:00:00Z"}),
            "/from",
            "invalid_member",
        ),
        (
            json!({"kind": "evidence", "mail_to": "nobody"}),
            "/mail_to",
            "invalid_member",
        ),
        (json!({"kind": "evidence", "key": ""}), "/key", "invalid_member"),
    ] {
        let (status, problem) = server.client.post("/api/v1/reports", &order).await?;
        ensure!(
            status.is_client_error() && problem["pointer"] == pointer && problem["code"] == code,
            "{order}: {problem}"
        );
    }
    let path = server.client.get("/api/v1/reports").await?.1;
    ensure!(path["reports"] == json!([]), "a refused order left a row: {path}");
    Ok(())
}
