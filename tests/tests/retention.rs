//! Retention over the real binary: a dry run, a sweep by hand, the nightly one by its schedule, workers killed in the
//! middle, certificates checked and forged.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Process, eventually};
use levqor_tests::{DataFolder, Fleet, Role};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);

/// Mails of the first tenant, sent in 1970, on either database.
fn old_mails(count: u32, numbers: &str, id: &str) -> String {
    format!(
        "INSERT INTO mails (tenant_id, id, key, recipient, kind, template, subject, attachments, state, attempts, due,
                            created_at, ended_at)
         SELECT (SELECT id FROM tenants WHERE name = 'default'), {id}, 'old/' || n, 'ada@example.com', 'transactional', 'test',
                'Test', '[]', 'sent', 1, 0, 0, n
         FROM ({}) AS numbers",
        numbers.replace("{count}", &count.to_string())
    )
}

fn embedded_mails(count: u32) -> String {
    let numbers =
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) SELECT n FROM c";
    old_mails(count, numbers, "randomblob(16)")
}

/// `levqor retention …` on a data folder: exit code and its JSON.
async fn retention(data: &Path, arguments: &[&str]) -> Result<(i32, Value)> {
    let data = data.to_str().context("UTF-8")?;
    let process = Process::levqor(
        &[&["retention"], arguments, &["--json", "--data", data]].concat(),
        &[],
    )?;
    let status = process.wait(SOON).await?;
    let code = status.code().context("ended by a signal")?;
    Ok((
        code,
        serde_json::from_str(&process.stdout()).with_context(|| process.output())?,
    ))
}

fn mails_of(dry: &Value) -> Result<&Value> {
    let all = dry["datasets"].as_array().with_context(|| dry.to_string())?;
    all.iter()
        .find(|dataset| dataset["table"] == "mails")
        .context("no mails")
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_10_4_a_dry_run_says_what_the_sweep_then_does_and_the_certificate_holds() -> Result<()> {
    let folder = DataFolder::new(&[])?;
    folder.start().await?.process.kill().await?;
    folder.change(&[&embedded_mails(1_234)]).await?;

    for _ in 0..2 {
        let (code, dry) = retention(folder.path(), &["sweep", "--dry-run"]).await?;
        let mails = mails_of(&dry)?;
        ensure!(code == 0 && mails["rows"] == 1_234 && mails["held"] == 0, "{dry}");
        ensure!(
            mails["sample"].as_array().is_some_and(|ids| ids.len() == 5),
            "{dry}"
        );
        ensure!(mails["oldest"] == "1970-01-01T00:00:00.000001Z", "{dry}");
    }
    folder.expect(1_234, "SELECT count(*) FROM mails").await?;

    let (code, swept) = retention(folder.path(), &["sweep"]).await?;
    ensure!(
        code == 0 && swept["rows"] == 1_234 && swept["complete"] == true,
        "{swept}"
    );
    folder.expect(0, "SELECT count(*) FROM mails").await?;
    let (code, checked) = retention(folder.path(), &["verify"]).await?;
    ensure!(
        code == 0 && checked["certificates"] == 2 && checked["rows"] == 1_234,
        "{checked}"
    );

    // The server shows the tenant its own certificate, and a running server's data can be checked and previewed.
    let server = folder.start().await?;
    let (_, page) = server.client.get("/api/v1/retention/certificates").await?;
    let body: Value = serde_json::from_str(
        page["certificates"][0]["body"]
            .as_str()
            .context("no certificate")?,
    )?;
    ensure!(
        body["datasets"][0]["rows"] == 1_234 && body["datasets"][0]["dataset"] == "mails",
        "{body}"
    );
    ensure!(retention(folder.path(), &["verify"]).await?.0 == 0);
    ensure!(mails_of(&retention(folder.path(), &["sweep", "--dry-run"]).await?.1)?["rows"] == 0);
    server.process.kill().await?;

    folder.change(&["UPDATE retention_certificates SET body = CAST(replace(CAST(body AS text), '1234', '1233') AS blob)"]).await?;
    let (code, checked) = retention(folder.path(), &["verify"]).await?;
    ensure!(
        code == 1
            && checked["faults"]
                .as_array()
                .is_some_and(|faults| faults.len() >= 2),
        "{checked}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn domain_10_the_schedule_sweeps_at_three_and_a_hold_keeps_what_it_covers() -> Result<()> {
    let folder = DataFolder::new(&[])?;
    let server = folder.start().await?;
    let (_, user) = server
        .client
        .post("/api/v1/users/upsert", &json!({"email": "ada@example.com"}))
        .await?;
    let hold = json!({"user_id": user["user"]["id"], "authority": "High Court", "reason": "claim 42"});
    let (status, placed) = server.client.post("/api/v1/legal-holds", &hold).await?;
    ensure!(status == 201, "{placed}");
    server.process.kill().await?;

    let spec = folder
        .texts("SELECT spec FROM schedules WHERE name = 'retention'")
        .await?;
    ensure!(spec == [r#"{"cron":"0 3 * * *"}"#], "{spec:?}");
    let due_now = "UPDATE schedules SET next_due = unixepoch() * 1000000 WHERE name = 'retention'";
    let others = "UPDATE mails SET recipient = 'bob@example.com' WHERE key IN ('old/1', 'old/2', 'old/3')";
    folder.change(&[&embedded_mails(10), others, due_now]).await?;

    let server = folder.start().await?;
    let swept = async || {
        folder
            .number("SELECT count(*) FROM retention_certificates")
            .await
            .is_ok_and(|count| count == 2)
    };
    eventually(SOON, swept).await?;
    folder.expect(7, "SELECT count(*) FROM mails").await?;
    let release = format!(
        "/api/v1/legal-holds/{}/release",
        placed["id"].as_str().context("no id")?
    );
    let (status, released) = server
        .client
        .post(&release, &json!({"reason": "settled"}))
        .await?;
    ensure!(status == 200, "{released}");
    server.process.kill().await?;
    ensure!(retention(folder.path(), &["sweep"]).await?.1["rows"] == 7);
    folder.expect(0, "SELECT count(*) FROM mails").await?;
    ensure!(retention(folder.path(), &["verify"]).await?.0 == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_runs_of_the_embedded_server_go_by_their_class() -> Result<()> {
    let folder = DataFolder::new(&[])?;
    let server = folder.start().await?;
    for class in ["short", "standard", "long"] {
        let text = format!(
            "document: {{ dsl: 1.0.3, namespace: test, name: {class}, version: 1.0.0, metadata: {{ levqor.retention: {class} }} }}
do:
  - only: {{ call: noop }}
"
        );
        server.client.store(&text).await?;
        let run = server.client.start(&format!("test/{class}"), json!({})).await?;
        server.client.ended(&run, SOON).await?;
    }
    let refused = server.client.store(
        "document: { dsl: 1.0.3, namespace: test, name: x, version: 1.0.0, metadata: { levqor.retention: forever } }\ndo:\n  - only: { call: noop }\n",
    );
    ensure!(
        refused
            .await
            .is_err_and(|error| error.to_string().contains("/document/metadata/levqor.retention"))
    );
    server.process.kill().await?;
    folder
        .change(&["UPDATE ended SET ended_at = ended_at - 31 * 86400000000"])
        .await?;
    let server = folder.start().await?;
    let left = async || {
        folder
            .number("SELECT count(*) FROM ended WHERE class <> 'long'")
            .await
            .is_ok_and(|left| left == 0)
    };
    eventually(SOON, left).await?;
    folder
        .expect(1, "SELECT count(*) FROM ended WHERE class = 'long'")
        .await?;
    server.process.kill().await?;
    ensure!(
        retention(folder.path(), &["sweep"]).await?.1["rows"] == 2,
        "what the scheduler deleted is certified"
    );
    Ok(())
}

/// Rows enough for a sweep of some seconds.
const MANY: u32 = 40_000;

#[tokio::test(flavor = "multi_thread")]
async fn domain_10_3_workers_killed_in_the_middle_of_a_sweep_leave_no_row_and_no_wrong_count() -> Result<()> {
    let fleet = Fleet::start(1).await?;
    let database = fleet.database().await?;
    let mails = old_mails(
        MANY,
        "SELECT n FROM generate_series(1, {count}) AS n",
        "gen_random_uuid()",
    );
    sqlx::query(sqlx::AssertSqlSafe(mails)).execute(&database).await?;
    sqlx::query("UPDATE schedules SET next_due = now_us() WHERE name = 'retention'")
        .execute(&database)
        .await?;
    let left = async || -> Result<i64> {
        Ok(sqlx::query_scalar("SELECT count(*) FROM mails")
            .fetch_one(&database)
            .await?)
    };
    for part in [9, 6, 3] {
        let some = i64::from(MANY) * part / 10;
        eventually(SOON, async || left().await.is_ok_and(|left| left <= some)).await?;
        ensure!(left().await? > 0, "it was over before it could be killed");
        fleet.kill_and_replace(Role::Worker).await?;
    }
    let certified = async || {
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM retention_certificates");
        count.fetch_one(&database).await.is_ok_and(|count| count == 2)
    };
    eventually(SOON * 3, certified).await?;
    ensure!(left().await? == 0);
    let (code, checked) = fleet.run(&["retention", "verify", "--json"]).await?;
    let checked: Value = serde_json::from_str(&checked)?;
    ensure!(code == 0 && checked["rows"] == MANY, "{checked}");
    let (code, dry) = fleet.run(&["retention", "sweep", "--dry-run", "--json"]).await?;
    ensure!(
        code == 0 && mails_of(&serde_json::from_str(&dry)?)?["rows"] == 0,
        "{dry}"
    );
    Ok(())
}
