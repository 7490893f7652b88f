//! The page to pay a bill.

use std::{fs, time::Duration};

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use levqor_testkit::{Answer, LocalServer, Process, eventually};
use levqor_tests::{Client, DataFolder, STRIPE_SECRET, stripe_event};
use serde_json::json;
use sha2::Sha256;
use thirtyfour::Key;

use crate::{browser::Browser, look::look};

const SOON: Duration = Duration::from_secs(30);
const SECRET_KEY: [u8; 32] = [0x5a; 32];
const SESSION: &str = "https://billing.stripe.com/p/session/1";

/// A data folder whose first tenant is customer `cus_1`.
async fn customer(stripe: &LocalServer) -> Result<DataFolder> {
    let folder = DataFolder::new(&[
        ("LEVQOR_SECRET_KEY", &hex::encode(SECRET_KEY)),
        ("LEVQOR_STRIPE_WEBHOOK_SECRETS", STRIPE_SECRET),
        ("LEVQOR_STRIPE_SECRET_KEY", "sk_test_blackbox"),
        ("LEVQOR_STRIPE_URL", &stripe.url()),
    ])?;
    folder.start().await?.process.kill().await?;
    command(&folder, &["link", "--tenant", "default", "--customer", "cus_1"]).await?;
    Ok(folder)
}

async fn command(folder: &DataFolder, arguments: &[&str]) -> Result<()> {
    let data = folder.path().to_str().context("the folder's name is not UTF-8")?;
    let arguments = [&["billing"], arguments, &["--data", data]].concat();
    let process = Process::levqor(&arguments, &folder.environment())?;
    let status = process.wait(SOON).await?;
    ensure!(status.success(), "{}", process.output());
    Ok(())
}

/// The link to pay, once the account stands so.
async fn pay_link(client: &Client, wanted: &str) -> Result<String> {
    let status = async || Ok::<_, anyhow::Error>(client.get("/api/billing/status").await?.1);
    let stands = async || status().await.is_ok_and(|body| body["status"] == wanted);
    eventually(SOON, stands).await.context(wanted.to_owned())?;
    let body = status().await?;
    let link = body["billing_url"].as_str().with_context(|| body.to_string());
    Ok(link?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_bill_lead_to_stripe_without_scripts_and_keep_to_wcag() -> Result<()> {
    let stripe = LocalServer::start(|_| Answer::status(500)).await?;
    let folder = customer(&stripe).await?;
    let server = folder.start().await?;
    let client = &server.client;
    let browser = Browser::start().await?;
    ensure!(stripe_event(client, "evt_1", "invoice.payment_failed", "open").await? == 200);
    let link = pay_link(client, "day1_notice").await?;
    browser.open(&link).await?;
    look(&browser, "bill-overdue", "Your bill").await?;
    browser.press("Continue to Stripe").await?;
    look(&browser, "bill-later", "Please try again in a moment").await?;

    let session = json!({"id": "bps_1", "object": "billing_portal.session", "configuration": "bpc_1",
        "created": 1_700_000_000, "customer": "cus_1", "livemode": false, "url": SESSION});
    stripe.respond(move |_| Answer::json(session.to_string()));
    browser
        .strike(browser.button("Try again").await?, Key::Enter)
        .await?;
    // The policy of the page lets the form lead there; the browser cannot reach it, and says where it wanted to go.
    ensure!(browser.url().await? == SESSION, "{}", browser.url().await?);

    ensure!(stripe_event(client, "evt_2", "invoice.paid", "paid").await? == 200);
    pay_link(client, "ok").await?;
    browser.open(&link).await?;
    look(&browser, "bill-paid", "Your bill").await?;
    browser.open(&too_old(&link)?).await?;
    look(&browser, "bill-expired", "This link is too old").await?;
    browser.open(&format!("{link}x")).await?;
    look(&browser, "bill-unknown", "This link leads nowhere").await?;
    browser.quit().await
}

/// The same link, as it was written when its time was over in 1970 (`crates/billing/src/pay_link.rs`).
fn too_old(link: &str) -> Result<String> {
    let (path, token) = link.rsplit_once('/').context("no token")?;
    let token = BASE64_URL_SAFE_NO_PAD.decode(token)?;
    let (tenant, until) = (&token[..16], [0; 8]);
    let mut mac = Hmac::<Sha256>::new_from_slice(&SECRET_KEY)?;
    for part in [b"levqor".as_slice(), b"billing pay link v1", tenant, &until] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    let token = [tenant, &until, &mac.finalize().into_bytes()].concat();
    Ok(format!("{path}/{}", BASE64_URL_SAFE_NO_PAD.encode(token)))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_suspended_account_keeps_to_wcag() -> Result<()> {
    let stripe = LocalServer::start(|_| Answer::status(500)).await?;
    let folder = customer(&stripe).await?;
    let stage = json!({"stage": "suspended", "after": "PT0S", "letter": "dunning_suspended"});
    let policy = folder.path().join("policy.json");
    fs::write(&policy, json!({"stages": [stage]}).to_string())?;
    let policy = policy.to_str().context("the folder's name is not UTF-8")?;
    command(&folder, &["policy", policy]).await?;
    let server = folder.start().await?;
    let browser = Browser::start().await?;
    ensure!(stripe_event(&server.client, "evt_1", "invoice.payment_failed", "open").await? == 200);
    let link = pay_link(&server.client, "suspended").await?;
    browser.open(&link).await?;
    look(&browser, "bill-suspended", "Your bill").await?;
    browser.quit().await
}
