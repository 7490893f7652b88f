//! Mail and `levqor doctor`, over the real binary.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use levqor_testkit::{Answer, LocalServer, Postgres, Process, Redis, TempFolder, eventually};
use levqor_tests::{Client, Embedded};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;

const SOON: Duration = Duration::from_mins(1);
const ADA: &str = "ada@example.org";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Something that sends a mail: a consent is asked for.
async fn ask(client: &Client) -> Result<()> {
    let body = json!({"email": ADA, "wording": "Yes, send me news."});
    let (status, answer) = client.post("/api/marketing/consent/start", &body).await?;
    ensure!(status == StatusCode::ACCEPTED, "{status} {answer}");
    Ok(())
}

/// The first mail, once it has this state.
async fn mail_in(client: &Client, state: &str) -> Result<Value> {
    let path = format!("/api/v1/mails?state={state}");
    eventually(SOON, || async {
        client
            .get(&path)
            .await
            .is_ok_and(|(_, page)| page["mails"][0].is_object())
    })
    .await
    .with_context(|| format!("no mail is {state}"))?;
    Ok(client.get(&path).await?.1["mails"][0].clone())
}

fn files(data: &Path) -> Vec<PathBuf> {
    let folder = fs::read_dir(data.join("mail"));
    let paths = folder.into_iter().flatten().flatten().map(|entry| entry.path());
    paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .collect()
}

#[tokio::test]
async fn the_embedded_size_writes_each_mail_into_a_file_for_its_owner_only() -> Result<()> {
    let (server, folder) = Embedded::fresh().await?;
    ask(&server.client).await?;
    let mail = mail_in(&server.client, "sent").await?;
    ensure!(
        mail["recipient"] == ADA && mail["kind"] == "transactional",
        "{mail}"
    );
    let found = files(folder.path());
    ensure!(found.len() == 1, "{found:?}");
    let id = mail["id"].as_str().context("no id")?;
    ensure!(found[0].ends_with(format!("{id}.eml")), "{found:?}");
    let mode = |path: &Path| Ok::<_, anyhow::Error>(fs::metadata(path)?.permissions().mode() & 0o777);
    ensure!(mode(&found[0])? == 0o600 && mode(&folder.path().join("mail"))? == 0o700);
    let text = fs::read_to_string(&found[0])?;
    for part in [
        "To: ada@example.org\r\n",
        "Message-ID: <",
        "Auto-Submitted: auto-generated\r\n",
        "multipart/alternative",
    ] {
        ensure!(text.contains(part), "{part} is not in:\n{text}");
    }
    ensure!(!text.contains("List-Unsubscribe"), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_mail_survives_kill_9_and_leaves_once_there_is_a_way() -> Result<()> {
    let folder = TempFolder::new()?;
    let off = Embedded::start_with(folder.path(), &[("LEVQOR_MAIL", "off")]).await?;
    ask(&off.client).await?;
    ensure!(mail_in(&off.client, "queued").await?["attempts"] == 0);
    off.process.kill().await?;
    let on = Embedded::start(folder.path()).await?;
    mail_in(&on.client, "sent").await?;
    ensure!(files(folder.path()).len() == 1);
    Ok(())
}

/// Resend in this test, and the server that sends through it.
async fn through_resend(folder: &Path) -> Result<(LocalServer, Embedded)> {
    let resend = LocalServer::start(|_| Answer::json(r#"{"id":"p1"}"#)).await?;
    let url = resend.url();
    let settings = [
        ("LEVQOR_MAIL", "resend"),
        ("LEVQOR_MAIL_FROM", "Levqor <noreply@levqor.test>"),
        ("LEVQOR_RESEND_API_KEY", "re_test"),
        ("LEVQOR_RESEND_URL", &url),
        ("LEVQOR_RESEND_WEBHOOK_SECRET", SECRET),
    ];
    let server = Embedded::start_with(folder, &settings).await?;
    Ok((resend, server))
}

#[tokio::test]
async fn domain_2_9_a_mail_leaves_through_resend_and_a_complaint_comes_back() -> Result<()> {
    let folder = TempFolder::new()?;
    let (resend, server) = through_resend(folder.path()).await?;
    ask(&server.client).await?;
    let mail = mail_in(&server.client, "sent").await?;
    let requests = resend.requests();
    ensure!(requests.len() == 1, "{} requests", requests.len());
    let request = &requests[0];
    ensure!(request.path == "/emails" && request.header("authorization") == Some("Bearer re_test"));
    ensure!(request.header("idempotency-key") == mail["id"].as_str());
    ensure!(
        request
            .header("user-agent")
            .is_some_and(|agent| agent.starts_with("levqor/"))
    );
    ensure!(serde_json::from_slice::<Value>(&request.body)?["to"] == json!([ADA]));

    let path = format!("/api/v1/mail/suppressions?address={ADA}");
    ensure!(server.client.get(&path).await?.1["suppressions"] == json!([]));
    let event = json!({"type": "email.complained", "data": {"email_id": "p1"}}).to_string();
    ensure!(report(&server.client, &event, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await? == 400);
    ensure!(report(&server.client, &event, SECRET).await? == 204);
    ensure!(report(&server.client, &event, SECRET).await? == 204);
    let suppressed = server.client.get(&path).await?.1;
    ensure!(
        suppressed["suppressions"][0]["cause"] == "complaint",
        "{suppressed}"
    );
    Ok(())
}

/// Seconds since the Unix epoch, as the provider knows them.
#[expect(clippy::disallowed_methods, reason = "the provider has a clock of its own")]
fn seconds() -> Result<u64> {
    Ok(std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_secs())
}

/// Sends an event as the provider does, signed with this secret; the status of the answer.
async fn report(client: &Client, body: &str, secret: &str) -> Result<u16> {
    let now = seconds()?;
    let key = BASE64_STANDARD.decode(secret.trim_start_matches("whsec_"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key)?;
    mac.update(format!("msg_1.{now}.{body}").as_bytes());
    let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    let request = client
        .anonymous(Method::POST, "/api/mail/webhook/resend")
        .header("content-type", "application/json")
        .header("svix-id", "msg_1")
        .header("svix-timestamp", now.to_string())
        .header("svix-signature", signature)
        .body(body.to_owned());
    Ok(request.send().await?.status().as_u16())
}

/// Exit code and checks of `levqor doctor --json`.
async fn doctor(arguments: &[&str], environment: &[(&str, &str)]) -> Result<(i32, Value)> {
    let arguments = [&["doctor", "--json"], arguments].concat();
    let process = Process::levqor(&arguments, environment)?;
    let code = process.wait(SOON).await?.code().context("ended by a signal")?;
    let report: Value = serde_json::from_str(&process.stdout()).with_context(|| process.output())?;
    ensure!(report["ok"] == (code == 0), "{report}");
    Ok((code, report["checks"].clone()))
}

fn check<'a>(checks: &'a Value, name: &str) -> Result<&'a Value> {
    let found = checks
        .as_array()
        .and_then(|checks| checks.iter().find(|check| check["name"] == name));
    found.with_context(|| format!("no check {name} in {checks}"))
}

#[tokio::test]
async fn the_doctor_finds_a_new_folder_in_order_and_sends_a_test_mail() -> Result<()> {
    let folder = TempFolder::new()?;
    let data = folder.path().to_str().context("UTF-8")?;
    let (code, checks) = doctor(&["--data", data, "--mail-to", "Ada@example.org"], &[]).await?;
    ensure!(code == 0, "{checks}");
    for name in [
        "configuration",
        "database",
        "queue",
        "secret_key",
        "public_url",
        "objects",
        "mail",
        "test_mail",
    ] {
        ensure!(check(&checks, name)?["state"] == "ok", "{checks}");
    }
    let found = files(folder.path());
    ensure!(
        found.len() == 1 && fs::read_to_string(&found[0])?.contains("To: ada@example.org"),
        "{found:?}"
    );
    ensure!(
        !folder.path().join("levqor.db").exists(),
        "the doctor made a database"
    );
    Ok(())
}

#[tokio::test]
async fn the_doctor_examines_a_running_server() -> Result<()> {
    let (_server, folder) = Embedded::fresh().await?;
    let data = folder.path().to_str().context("UTF-8")?;
    let (code, checks) = doctor(&["--data", data], &[]).await?;
    ensure!(
        code == 0 && check(&checks, "database")?["state"] == "ok",
        "{checks}"
    );
    Ok(())
}

#[tokio::test]
async fn the_doctor_names_settings_that_are_missing_or_wrong() -> Result<()> {
    let (code, checks) = doctor(&[], &[("LEVQOR_MAIL", "resend")]).await?;
    let mail = check(&checks, "mail")?;
    ensure!(code == 0 && mail["state"] == "warn", "{checks}");
    ensure!(
        mail["found"]
            .as_str()
            .is_some_and(|found| found.contains("resend_api_key")),
        "{mail}"
    );
    ensure!(check(&checks, "mail_reports")?["state"] == "warn", "{checks}");
    let (code, checks) = doctor(&[], &[("LEVQOR_MAIL_FROM", "nobody")]).await?;
    let wrong = check(&checks, "configuration")?;
    ensure!(code == 1 && wrong["state"] == "fail", "{checks}");
    ensure!(
        wrong["found"]
            .as_str()
            .is_some_and(|found| found.contains("mail_from")),
        "{wrong}"
    );
    Ok(())
}

#[tokio::test]
async fn the_doctor_sees_a_fleets_servers() -> Result<()> {
    let (postgres, redis) = tokio::try_join!(Postgres::start(), Redis::start())?;
    let (database, queue) = (postgres.create_database().await?, redis.url());
    let settings = [
        ("LEVQOR_DATABASE_URL", database.as_str()),
        ("LEVQOR_REDIS_URL", &queue),
    ];
    let (code, checks) = doctor(&[], &settings).await?;
    let found = check(&checks, "database")?;
    ensure!(
        code == 1
            && found["found"]
                .as_str()
                .is_some_and(|text| text.contains("levqor migrate")),
        "{checks}"
    );
    let migrate = Process::levqor(&["migrate"], &settings)?;
    ensure!(migrate.wait(SOON).await?.success(), "{}", migrate.output());
    let (code, checks) = doctor(&[], &settings).await?;
    ensure!(code == 0 && check(&checks, "queue")?["state"] == "ok", "{checks}");
    for off in ["secret_key", "public_url", "mail"] {
        ensure!(check(&checks, off)?["state"] == "warn", "{checks}");
    }
    drop(redis);
    let (code, checks) = doctor(&[], &settings).await?;
    ensure!(
        code == 1 && check(&checks, "queue")?["state"] == "fail",
        "{checks}"
    );
    Ok(())
}
