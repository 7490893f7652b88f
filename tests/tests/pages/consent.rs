//! Pages of marketing consent: to confirm, to choose, to unsubscribe.

use anyhow::{Context, Result, ensure};
use levqor_tests::{Client, DataFolder};
use reqwest::{Method, StatusCode};
use serde_json::json;
use thirtyfour::Key;

use crate::{browser::Browser, look::look, mailed};

/// Where the server says it is: links to unsubscribe must be https, which a proxy before it would speak.
const URL: &str = "https://levqor.test";
const ADA: &str = "ada@example.org";
const BOB: &str = "bob@example.org";

/// A text as forms have it, with an address that no line can hold.
const WORDING: &str = "Yes, I want the newsletter, at most twice a month. What happens to my address is told at \
                       https://shop.example.org/privacy/newsletter-and-what-becomes-of-your-address-with-us";

fn folder() -> Result<DataFolder> {
    DataFolder::new(&[
        ("LEVQOR_PUBLIC_URL", URL),
        ("LEVQOR_MAIL_UNSUBSCRIBE", "leave@levqor.test"),
    ])
}

async fn ask(client: &Client, email: &str) -> Result<()> {
    let sender = json!({"name": "Acme Ltd", "postal_address": "1 High St, Leeds"});
    let put = client
        .request(Method::PUT, "/api/v1/marketing/sender")
        .json(&sender);
    ensure!(put.send().await?.status() == StatusCode::OK);
    let asked = json!({"email": email, "wording": WORDING});
    let (status, answer) = client.post("/api/marketing/consent/start", &asked).await?;
    ensure!(status == StatusCode::ACCEPTED, "{status} {answer}");
    Ok(())
}

async fn send(client: &Client) -> Result<()> {
    let mail = json!({"scope": "marketing", "subject": "News", "text": "There are news."});
    let (status, order) = client.post("/api/v1/marketing/send", &mail).await?;
    ensure!(status == StatusCode::ACCEPTED, "{status} {order}");
    Ok(())
}

/// How it stands with Ada's consent.
async fn expect(client: &Client, status: &str) -> Result<()> {
    let (_, page) = client.get(&format!("/api/v1/consents?email={ADA}")).await?;
    let consents = page["consents"].as_array().with_context(|| page.to_string())?;
    ensure!(consents[0]["status"] == status, "{page}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_consent_work_without_scripts_and_keep_to_wcag() -> Result<()> {
    let folder = folder()?;
    let server = folder.start().await?;
    let client = &server.client;
    let browser = Browser::start().await?;
    ask(client, ADA).await?;
    let confirm = mailed(&folder, &server, ADA, "/api/marketing/consent/confirm").await?;
    browser.open(&confirm).await?;
    look(&browser, "consent-confirm", "Confirm your subscription").await?;
    browser.press("Yes, send me this mail").await?;
    look(&browser, "consent-confirmed", "You are subscribed").await?;
    expect(client, "granted").await?;

    send(client).await?;
    let preferences = mailed(&folder, &server, ADA, "/marketing/preferences/").await?;
    chooses(&browser, client, &preferences).await?;

    let leave = mailed(&folder, &server, ADA, "/api/marketing/unsubscribe/").await?;
    browser.open(&leave).await?;
    look(&browser, "consent-unsubscribe", "Unsubscribe").await?;
    browser.press("Unsubscribe").await?;
    look(&browser, "consent-unsubscribed", "You are unsubscribed").await?;
    expect(client, "revoked").await?;
    browser.open(&confirm).await?;
    look(&browser, "consent-unknown", "This link leads nowhere").await?;
    browser.quit().await
}

/// Unticks the box, ticks it again, and leaves all lists and comes back.
async fn chooses(browser: &Browser, client: &Client, preferences: &str) -> Result<()> {
    browser.open(preferences).await?;
    look(browser, "preferences", "Your subscriptions").await?;
    for status in ["revoked", "granted"] {
        let tick = browser.find("input[type=checkbox]").await?;
        tick.send_keys(" ").await?;
        let save = browser.button("Save the choice").await?;
        browser.strike(save, Key::Enter).await?;
        look(browser, &format!("preferences-{status}"), "Your subscriptions").await?;
        expect(client, status).await?;
    }
    browser.press("Unsubscribe from all").await?;
    look(browser, "preferences-none", "Your subscriptions").await?;
    expect(client, "revoked").await?;
    browser.find("input[type=checkbox]").await?.click().await?;
    browser.press("Save the choice").await?;
    expect(client, "granted").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_consent_that_is_confirmed_too_late_keeps_to_wcag() -> Result<()> {
    let folder = folder()?;
    let server = folder.start().await?;
    ask(&server.client, BOB).await?;
    mailed(&folder, &server, BOB, "/api/marketing/consent/confirm").await?;
    server.process.kill().await?;
    let week = "UPDATE consent_links SET expires_at = expires_at - 7 * 86400000000";
    folder.change(&[week]).await?;
    let server = folder.start().await?;
    let browser = Browser::start().await?;
    let confirm = mailed(&folder, &server, BOB, "/api/marketing/consent/confirm").await?;
    browser.open(&confirm).await?;
    look(&browser, "consent-expired", "This link came too late").await?;
    browser.quit().await
}
