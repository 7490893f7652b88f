//! Consents to marketing mail, and the mail.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use levqor_testkit::eventually;
use levqor_tests::{Client, DataFolder, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::scheduled::due;

const PEOPLE: [&str; 2] = ["ada@example.org", "bob@example.org"];

/// Asks a person.
pub(crate) async fn question(client: &Client, email: &str) -> Result<()> {
    let question = json!({"email": email, "wording": "Yes, send me news."});
    let (status, body) = client.post("/api/marketing/consent/start", &question).await?;
    ensure!(status == 202, "{status} {body}");
    Ok(())
}

/// Asks both people, and waits until the mails have left.
async fn ask(client: &Client, folder: &DataFolder) -> Result<()> {
    for email in PEOPLE {
        question(client, email).await?;
    }
    let sent = async || {
        client
            .get("/api/v1/mails?state=sent")
            .await
            .is_ok_and(|(_, page)| page["mails"][1].is_object())
    };
    eventually(Duration::from_secs(30), sent)
        .await
        .context("the questions do not leave")?;
    ensure!(folder.letters()?.len() == 2);
    Ok(())
}

/// Presses the button of the page that a mail leads to.
async fn confirm(client: &Client, letter: &str) -> Result<()> {
    let (_, link) = letter
        .split_once("/api/marketing/consent/confirm?token=")
        .context("no link")?;
    let token: String = link
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
        .collect();
    let button = client.anonymous(Method::POST, "/api/marketing/consent/confirm");
    let answer = button
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("token={token}"));
    let status = answer.send().await?.status();
    ensure!(status == 200, "the button answered {status}");
    Ok(())
}

/// A mail to all who agreed.
#[derive(Default)]
pub(crate) struct Send;

impl Scenario for Send {
    const NAME: &'static str = "marketing-send";
    const ENVIRONMENT: &'static [(&'static str, &'static str)] =
        &[("LEVQOR_PUBLIC_URL", "https://levqor.test")];

    async fn prepare(&self, client: &Client, folder: &DataFolder) -> Result<Value> {
        let sender = json!({"name": "Acme Ltd", "postal_address": "1 Example Street, London"});
        let put = client
            .request(Method::PUT, "/api/v1/marketing/sender")
            .json(&sender)
            .send()
            .await?;
        ensure!(put.status().is_success(), "{}", put.status());
        ask(client, folder).await?;
        for letter in folder.letters()? {
            confirm(client, &letter).await?;
        }
        Ok(Value::Null)
    }

    async fn start(&self, client: &Client, _: &Value) -> Result<()> {
        let order = json!({"scope": "marketing", "subject": "News", "text": "There is news."});
        let request = client
            .request(Method::POST, "/api/v1/marketing/send")
            .header("idempotency-key", "news");
        let answer = request.json(&order).send().await?;
        ensure!(
            answer.status() == 202,
            "{} {}",
            answer.status(),
            answer.text().await?
        );
        Ok(())
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        folder
            .expect_mails(&["consent_confirm", "consent_confirm", "marketing", "marketing"])
            .await?;
        let told = folder
            .texts("SELECT recipient FROM mails WHERE kind = 'marketing' ORDER BY recipient")
            .await?;
        ensure!(told == PEOPLE, "{told:?}");
        folder
            .expect(
                2,
                "SELECT queued FROM marketing_sends WHERE finished_at IS NOT NULL",
            )
            .await?;
        folder
            .expect(
                1,
                "SELECT count(*) FROM audit_events WHERE kind = 'consent.mail_queued'",
            )
            .await
    }
}

/// The mail that asks for a consent: no run of ours, but steps all the same.
#[derive(Default)]
pub(crate) struct Question;

impl Scenario for Question {
    const NAME: &'static str = "consent mail";
    /// Written, leased, sent.
    const LOOK: Option<&'static str> = Some(
        "SELECT min(attempts, 1), state = 'sent', min(attempts, 1), min(attempts, 1), 0 FROM mails
         WHERE template = 'consent_confirm' AND ?1 <> ?2",
    );

    async fn start(&self, client: &Client, _: &Value) -> Result<()> {
        question(client, PEOPLE[0]).await
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        folder.expect_mails(&["consent_confirm"]).await?;
        let asked = folder
            .texts("SELECT email || ' ' || status FROM consents")
            .await?;
        ensure!(asked == ["ada@example.org pending_double_opt_in"], "{asked:?}");
        folder.expect(1, "SELECT count(*) FROM consent_events").await
    }
}

/// Two consents that nobody confirmed: of one a week is over, of the other a month.
#[derive(Default)]
pub(crate) struct Expiry;

impl Scenario for Expiry {
    const NAME: &'static str = "consent-expiry";

    async fn prepare(&self, client: &Client, folder: &DataFolder) -> Result<Value> {
        ask(client, folder).await?;
        Ok(Value::Null)
    }

    async fn arrange(&self, folder: &DataFolder) -> Result<()> {
        let age = |email, days| {
            format!(
                "UPDATE consents SET requested_at = requested_at - {days} * 86400000000 WHERE email = '{email}'"
            )
        };
        folder.change(&[&age(PEOPLE[0], 8), &age(PEOPLE[1], 31)]).await?;
        due(folder, Self::NAME).await
    }

    async fn check(&self, folder: &DataFolder) -> Result<()> {
        let left = folder
            .texts("SELECT email || ' ' || status FROM consents")
            .await?;
        ensure!(left == ["ada@example.org expired"], "{left:?}");
        folder
            .expect(1, "SELECT count(*) FROM consent_events WHERE kind = 'expired'")
            .await?;
        folder
            .expect(
                2,
                "SELECT count(*) FROM audit_events WHERE kind = 'consent.expired'",
            )
            .await?;
        folder
            .expect(
                1,
                "SELECT count(*) FROM audit_events WHERE kind = 'consent.purged'",
            )
            .await
    }
}
