//! People over the real binary: one record for each address, tokens that open one's own, a trail that shows tampering.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use levqor_testkit::{Process, TempFolder};
use levqor_tests::{Client, Embedded, Fleet, Role};
use serde_json::{Value, json};
use sqlx::{SqlitePool, sqlite::SqliteConnectOptions};

const SOON: Duration = Duration::from_mins(1);

/// Runs `levqor audit …` on a data folder: exit code and standard output.
async fn audit(data: &Path, arguments: &[&str]) -> Result<(i32, String)> {
    let data = data.to_str().context("UTF-8")?;
    let process = Process::levqor(&[&["audit"], arguments, &["--data", data]].concat(), &[])?;
    let status = process.wait(SOON).await?;
    Ok((status.code().context("ended by a signal")?, process.stdout()))
}

/// A hundred clients say who Ada is, at once; her path.
async fn hundred_upserts(client: &Client) -> Result<String> {
    let body = json!({"email": "Ada@example.com", "name": "Ada"});
    let answers = try_join_all((0..100).map(|_| client.post("/api/v1/users/upsert", &body))).await?;
    let made = answers
        .iter()
        .filter(|(status, body)| *status == 201 && body["created"] == true);
    let known = answers
        .iter()
        .filter(|(status, body)| *status == 200 && body["updated"] == true);
    ensure!((made.count(), known.count()) == (1, 99), "{answers:?}");
    let id = &answers[0].1["user"]["id"];
    ensure!(
        answers.iter().all(|(_, body)| body["user"]["id"] == *id),
        "{answers:?}"
    );
    Ok(format!("/api/v1/users/{}", id.as_str().context("no id")?))
}

/// Ada reads herself and nobody else, accepts terms, and is shut out again.
async fn ada_acts(client: &Client, path: &str) -> Result<()> {
    let (_, eve) = client
        .post("/api/v1/users/upsert", &json!({"email": "eve@example.com"}))
        .await?;
    let eve = format!("/api/v1/users/{}", eve["user"]["id"].as_str().context("no id")?);
    let (status, issued) = client.post(&format!("{path}/tokens"), &json!({})).await?;
    ensure!(status == 201, "{issued}");
    let ada = Client::new(client.url(), issued["token"].as_str().context("no token")?)?;
    let (status, me) = ada.get("/api/v1/users/me").await?;
    ensure!(status == 200 && me["email"] == "ada@example.com", "{me}");
    ensure!(ada.get(&eve).await?.0 == 404 && ada.get("/api/v1/users").await?.0 == 403);
    for version in ["1", "2"] {
        let (status, accepted) = ada
            .post(&format!("{path}/accept-terms"), &json!({"version": version}))
            .await?;
        ensure!(status == 200 && accepted["ok"] == true, "{accepted}");
    }
    let revoke = client.request(reqwest::Method::DELETE, &format!("{path}/tokens"));
    ensure!(revoke.send().await?.status() == 204);
    let (status, ended) = ada.get(path).await?;
    ensure!(status == 401 && ended["code"] == "user_token_ended", "{ended}");
    ensure!(
        client
            .anonymous(reqwest::Method::GET, path)
            .send()
            .await?
            .status()
            == 401
    );
    Ok(())
}

/// The last line of `audit verify --json`, and the lines before it.
fn report(output: &str) -> Result<(Value, Vec<Value>)> {
    let lines: Result<Vec<Value>, _> = output.lines().map(serde_json::from_str).collect();
    let mut lines = lines?;
    Ok((lines.pop().context("no totals")?, lines))
}

fn whole(code: i32, output: &str) -> Result<()> {
    let (totals, faults) = report(output)?;
    ensure!(code == 0 && faults.is_empty(), "{code} {output}");
    ensure!(totals["entries"] == 4 && totals["faults"] == 0, "{totals}");
    Ok(())
}

/// Entry 3, and only that, is named with its stream and tenant.
fn names_entry_3(code: i32, output: &str) -> Result<()> {
    let (totals, faults) = report(output)?;
    ensure!(
        code == 1 && totals["faults"] == 1 && faults.len() == 1,
        "{code} {output}"
    );
    let fault = &faults[0];
    ensure!(
        fault["seq"] == 3 && fault["stream"] == "people" && fault["tenant"].is_string(),
        "{fault}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_domain_1_17_a_flipped_byte_is_found_in_a_data_folder() -> Result<()> {
    let (server, folder) = Embedded::fresh().await?;
    let path = hundred_upserts(&server.client).await?;
    ada_acts(&server.client, &path).await?;
    let verify = ["verify", "--json", "--tenant", "default"];
    let (code, output) = audit(folder.path(), &verify).await?;
    whole(code, &output)?;

    let options = SqliteConnectOptions::new().filename(folder.path().join("levqor.db"));
    let database = SqlitePool::connect_with(options).await?;
    let mut payload: Vec<u8> = sqlx::query_scalar("SELECT payload FROM audit_events WHERE seq = 3")
        .fetch_one(&database)
        .await?;
    payload[3] ^= 1;
    let flip = sqlx::query("UPDATE audit_events SET payload = $1 WHERE seq = 3").bind(payload);
    ensure!(flip.execute(&database).await?.rows_affected() == 1);
    let (code, output) = audit(folder.path(), &verify).await?;
    names_entry_3(code, &output)?;
    let (code, text) = audit(folder.path(), &["verify", "--stream", "people"]).await?;
    ensure!(code == 1 && text.contains("stream people entry 3"), "{text}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_domain_1_17_a_flipped_byte_is_found_on_postgres() -> Result<()> {
    let fleet = Fleet::prepare().await?;
    fleet.add(Role::Api).await?;
    let path = hundred_upserts(&fleet.client).await?;
    ada_acts(&fleet.client, &path).await?;
    let verify = ["audit", "verify", "--json", "--tenant", "default"];
    let (code, output) = fleet.run(&verify).await?;
    whole(code, &output)?;
    let flip = sqlx::query(
        "UPDATE audit_events SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1) WHERE seq = 3",
    );
    ensure!(flip.execute(&fleet.database().await?).await?.rows_affected() == 1);
    let (code, output) = fleet.run(&verify).await?;
    names_entry_3(code, &output)
}

#[tokio::test]
async fn a_trail_cut_at_its_end_is_found_by_a_checkpoint() -> Result<()> {
    let (server, folder) = Embedded::fresh().await?;
    let path = hundred_upserts(&server.client).await?;
    ada_acts(&server.client, &path).await?;
    server.process.terminate()?;
    ensure!(server.process.wait(SOON).await?.success());
    let (code, taken) = audit(folder.path(), &["checkpoint"]).await?;
    ensure!(code == 0, "{taken}");
    let file = folder.path().join("checkpoint.json");
    fs::write(&file, taken)?;
    let file = file.to_str().context("UTF-8")?;
    let against = ["verify", "--checkpoint", file];
    ensure!(audit(folder.path(), &against).await?.0 == 0);

    let options = SqliteConnectOptions::new().filename(folder.path().join("levqor.db"));
    let database = SqlitePool::connect_with(options).await?;
    for sql in [
        "UPDATE audit_streams SET seq = 3, hash = (SELECT hash FROM audit_events WHERE seq = 3)",
        "DELETE FROM audit_events WHERE seq = 4",
    ] {
        ensure!(
            sqlx::query(sql).execute(&database).await?.rows_affected() == 1,
            "{sql}"
        );
    }
    ensure!(
        audit(folder.path(), &["verify"]).await?.0 == 0,
        "the chain alone looks whole"
    );
    let (code, output) = audit(folder.path(), &against).await?;
    ensure!(code == 1 && output.contains("entry 4"), "{output}");
    Ok(())
}

#[tokio::test]
async fn an_audit_of_what_is_not_there_says_so() -> Result<()> {
    let folder = TempFolder::new()?;
    let data = folder.path().join("none");
    let process = Process::levqor(
        &["audit", "verify", "--data", data.to_str().context("UTF-8")?],
        &[],
    )?;
    let status = process.wait(SOON).await?;
    ensure!(
        !status.success() && process.stderr().contains("not there"),
        "{}",
        process.output()
    );
    ensure!(!data.exists(), "looking made a folder");
    Ok(())
}
