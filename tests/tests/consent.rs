//! Marketing consent over the real binary: from the form to the button, to a mail, to one click; mails are read as files.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{TempFolder, eventually};
use levqor_tests::{Client, Embedded};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);
const ADA: &str = "ada@example.org";
const URLENCODED: &str = "application/x-www-form-urlencoded";

/// Where the server says it is: links to unsubscribe must be https, which a proxy before it would speak.
const URL: &str = "https://levqor.test";

async fn server(data: &Path, mail: &str) -> Result<Embedded> {
    let settings = [
        ("LEVQOR_PUBLIC_URL", URL),
        ("LEVQOR_MAIL", mail),
        ("LEVQOR_LOG", "info"),
    ];
    let settings = [&settings[..], &[("LEVQOR_MAIL_UNSUBSCRIBE", "leave@levqor.test")]].concat();
    Embedded::start_with(data, &settings).await
}

/// The texts of all mails in the folder, with the line breaks of their transfer encoding undone.
fn mails(data: &Path) -> Vec<String> {
    let folder = fs::read_dir(data.join("mail")).into_iter().flatten().flatten();
    let eml = folder
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "eml"));
    let text = |path: std::path::PathBuf| fs::read_to_string(path).ok();
    eml.filter_map(text)
        .map(|text| text.replace("=\r\n", "").replace("=3D", "="))
        .collect()
}

/// The first mail that holds this, once it is there.
async fn mail(data: &Path, part: &str) -> Result<String> {
    let found = || mails(data).into_iter().find(|mail| mail.contains(part));
    eventually(SOON, || async { found().is_some() })
        .await
        .with_context(|| format!("no mail holds {part}: {:?}", mails(data)))?;
    found().context("the mail is gone")
}

/// The path of the link that begins so.
fn link(mail: &str, path: &str) -> Result<String> {
    let begins = format!("{URL}{path}");
    let at = mail
        .find(&begins)
        .with_context(|| format!("no {path} in {mail}"))?;
    let tail = &mail[at + URL.len()..];
    let end = tail
        .find(|c: char| c.is_whitespace() || "<>\"".contains(c))
        .unwrap_or(tail.len());
    Ok(tail[..end].to_owned())
}

/// GET without a key: status and page.
async fn open(client: &Client, path: &str) -> Result<(StatusCode, String)> {
    let answer = client.anonymous(Method::GET, path).send().await?;
    Ok((answer.status(), answer.text().await?))
}

async fn press(client: &Client, path: &str, form: &str) -> Result<StatusCode> {
    let request = client
        .anonymous(Method::POST, path)
        .header("content-type", URLENCODED);
    Ok(request.body(form.to_owned()).send().await?.status())
}

async fn status(client: &Client) -> Result<Value> {
    let (_, page) = client
        .get(&format!("/api/v1/consents?email={ADA}&scope=marketing"))
        .await?;
    Ok(page["consents"][0]["status"].clone())
}

/// Asks Ada, and presses the button of the page that her mail leads to; its token.
async fn granted(client: &Client, data: &Path) -> Result<String> {
    let body = json!({"email": ADA, "wording": "Yes, send me news."});
    let (code, answer) = client.post("/api/marketing/consent/start", &body).await?;
    ensure!(
        code == StatusCode::ACCEPTED && !answer.to_string().contains("lvc_"),
        "{code} {answer}"
    );
    let path = link(
        &mail(data, "Please confirm").await?,
        "/api/marketing/consent/confirm?token=",
    )?;
    let (code, page) = open(client, &path).await?;
    ensure!(
        code == StatusCode::OK && page.contains("Yes, send me news.") && !page.contains("<script"),
        "{page}"
    );
    ensure!(status(client).await? == "pending_double_opt_in");
    let token = path.split_once('=').context("no token")?.1.to_owned();
    for _ in 0..2 {
        let code = press(
            client,
            "/api/marketing/consent/confirm",
            &format!("token={token}"),
        )
        .await?;
        ensure!(
            code == StatusCode::OK && status(client).await? == "granted",
            "{code}"
        );
    }
    Ok(token)
}

/// Sends to all who have agreed; what its run says.
async fn sent(client: &Client, subject: &str) -> Result<Value> {
    let sender = json!({"name": "Acme Ltd", "postal_address": "1 High St, Leeds"});
    let put = client
        .request(Method::PUT, "/api/v1/marketing/sender")
        .json(&sender);
    ensure!(put.send().await?.status() == StatusCode::OK);
    let body = json!({"scope": "marketing", "subject": subject, "text": "There are news."});
    let (code, order) = client.post("/api/v1/marketing/send", &body).await?;
    ensure!(code == StatusCode::ACCEPTED, "{code} {order}");
    let run = client
        .ended(order["job_id"].as_str().context("no job_id")?, SOON)
        .await?;
    ensure!(run["state"] == "completed", "{run}");
    Ok(run["output"].clone())
}

async fn state_of(client: &Client, subject: &str) -> Result<Value> {
    let (_, page) = client.get("/api/v1/mails").await?;
    let mails = page["mails"].as_array().context("no mails")?;
    let mail = mails.iter().find(|mail| mail["subject"] == subject);
    Ok(mail.with_context(|| format!("no {subject} in {page}"))?["state"].clone())
}

#[tokio::test]
async fn domain_2_3_a_consent_goes_from_the_form_to_a_mail_and_one_click_ends_it() -> Result<()> {
    let folder = TempFolder::new()?;
    let server = server(folder.path(), "folder").await?;
    let client = &server.client;
    let confirm = granted(client, folder.path()).await?;
    ensure!(sent(client, "First").await? == json!({"queued": 1, "passed_over": 0}));
    let first = mail(folder.path(), "Subject: First").await?;
    for part in [
        "List-Unsubscribe: <https://levqor.test/api/marketing/unsubscribe/lvm_",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "agreed to marketing mail from Acme Ltd",
        "Acme Ltd, 1 High St, Leeds",
    ] {
        ensure!(first.contains(part), "{part} is not in:\n{first}");
    }
    let lists = link(&first, "/marketing/preferences/")?;
    ensure!(
        open(client, &lists)
            .await?
            .1
            .contains("value=\"marketing\" checked")
    );
    let leave = link(&first, "/api/marketing/unsubscribe/")?;
    ensure!(open(client, &leave).await?.0 == StatusCode::OK && status(client).await? == "granted");
    for _ in 0..2 {
        ensure!(press(client, &leave, "List-Unsubscribe=One-Click").await? == StatusCode::OK);
        ensure!(status(client).await? == "revoked");
    }
    ensure!(
        press(
            client,
            "/api/marketing/consent/confirm",
            &format!("token={confirm}")
        )
        .await?
            == 404
    );
    ensure!(sent(client, "Second").await? == json!({"queued": 0, "passed_over": 0}));
    ensure!(mails(folder.path()).len() == 2);
    let log = server.process.output();
    let token = leave.rsplit_once('/').context("no token")?.1;
    ensure!(
        log.contains("/api/marketing/unsubscribe/lvm_"),
        "the access log is off: {log}"
    );
    for secret in [token, &confirm, ADA] {
        ensure!(!log.contains(secret), "{secret} is in the log");
    }
    Ok(())
}

#[tokio::test]
async fn domain_2_5_who_withdraws_while_a_mail_waits_does_not_get_it_whatever_is_killed() -> Result<()> {
    let folder = TempFolder::new()?;
    let on = server(folder.path(), "folder").await?;
    granted(&on.client, folder.path()).await?;
    on.process.kill().await?;
    let off = server(folder.path(), "off").await?;
    ensure!(status(&off.client).await? == "granted");
    ensure!(sent(&off.client, "Waiting").await?["queued"] == 1);
    ensure!(state_of(&off.client, "Waiting").await? == "queued");
    let (_, answer) = off
        .client
        .post("/api/v1/consents/revoke", &json!({"email": ADA}))
        .await?;
    ensure!(answer["revoked"] == 1, "{answer}");
    off.process.kill().await?;
    let on = server(folder.path(), "folder").await?;
    eventually(SOON, || async {
        state_of(&on.client, "Waiting")
            .await
            .is_ok_and(|state| state == "refused")
    })
    .await
    .context("the mail was not refused")?;
    ensure!(mails(folder.path()).len() == 1, "only the question was sent");
    Ok(())
}
