//! The command line as a newcomer meets it.

use std::{fs, net::TcpListener, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Process, TempFolder};
use levqor_tests::{Client, Embedded, noop, sleeper};
use serde_json::{Value, json};

const SOON: Duration = Duration::from_mins(1);

/// Runs a command to its end: exit code, standard output, standard error.
async fn finish(arguments: &[&str], environment: &[(&str, &str)]) -> Result<(i32, String, String)> {
    let process = Process::levqor(arguments, environment)?;
    let status = process.wait(SOON).await?;
    Ok((
        status.code().context("ended by a signal")?,
        process.stdout(),
        process.stderr(),
    ))
}

#[tokio::test]
async fn up_tells_people_what_they_need_and_ends_with_0_on_ctrl_c() -> Result<()> {
    let folder = TempFolder::new()?;
    let data = folder.path().to_str().context("UTF-8")?;
    let process = Process::levqor(&["up", "--listen", "127.0.0.1:0", "--data", data], &[])?;
    process.wait_for_line("curl", SOON).await?;
    let said = process.stdout();
    for part in ["http://127.0.0.1:", "lvk_", "/docs", "loopback"] {
        ensure!(said.contains(part), "{part} is not in:\n{said}");
    }
    process.interrupt()?;
    let status = process.wait(SOON).await?;
    ensure!(
        status.code() == Some(0),
        "ended with {status}:\n{}",
        process.output()
    );
    Ok(())
}

#[tokio::test]
async fn a_restart_keeps_key_documents_and_runs() -> Result<()> {
    let folder = TempFolder::new()?;
    let first = Embedded::start(folder.path()).await?;
    first.client.store(&noop()).await?;
    let id = first.client.start("test/noop", json!({"a": 1})).await?;
    first.client.ended(&id, SOON).await?;
    first.process.terminate()?;
    ensure!(first.process.wait(SOON).await?.success());
    let second = Embedded::start(folder.path()).await?;
    ensure!(
        second.client.key() == first.client.key(),
        "another key after a restart"
    );
    ensure!(second.client.run(&id).await?["state"] == "completed");
    Ok(())
}

#[tokio::test]
async fn a_run_in_flight_at_kill_9_goes_on_after_the_restart() -> Result<()> {
    let folder = TempFolder::new()?;
    let first = Embedded::start(folder.path()).await?;
    first.client.store(&sleeper()).await?;
    let id = first
        .client
        .start("test/sleeper", json!({"milliseconds": 1_500}))
        .await?;
    levqor_testkit::eventually(SOON, async || {
        first
            .client
            .run(&id)
            .await
            .is_ok_and(|run| run["state"] == "running")
    })
    .await?;
    first.process.kill().await?;
    let second = Embedded::start(folder.path()).await?;
    let run = second.client.ended(&id, SOON).await?;
    ensure!(run["state"] == "completed", "{run}");
    Ok(())
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_message() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let folder = TempFolder::new()?;
    let data = folder.path().to_str().context("UTF-8")?;
    let (code, _, error) = finish(&["up", "--listen", &address, "--data", data], &[]).await?;
    ensure!(
        code != 0 && error.contains(&address) && error.contains("in use"),
        "{code} {error}"
    );
    Ok(())
}

#[tokio::test]
async fn a_locked_folder_is_a_clear_message() -> Result<()> {
    let (_server, folder) = Embedded::fresh().await?;
    let data = folder.path().to_str().context("UTF-8")?;
    let (code, _, error) = finish(&["up", "--listen", "127.0.0.1:0", "--data", data], &[]).await?;
    ensure!(
        code != 0 && error.contains(data) && error.contains("another"),
        "{code} {error}"
    );
    Ok(())
}

#[tokio::test]
async fn run_prints_the_output_and_names_the_task_that_failed() -> Result<()> {
    let folder = TempFolder::new()?;
    let file = folder.path().join("good.yaml");
    fs::write(
        &file,
        noop().replace("call: noop", "set: { sum: '${ .a + .b }' }"),
    )?;
    let file = file.to_str().context("UTF-8")?;
    let (code, output, error) = finish(&["run", file, "--input", r#"{"a": 2, "b": 3}"#], &[]).await?;
    ensure!(code == 0, "{code} {error}");
    ensure!(
        serde_json::from_str::<Value>(&output)? == json!({"sum": 5}),
        "{output}"
    );

    let (code, _, error) = finish(&["run", file, "--input", r#"{"a": "x", "b": 3}"#], &[]).await?;
    ensure!(code != 0 && error.contains("/do/0/only"), "{code} {error}");
    Ok(())
}

#[tokio::test]
async fn validate_reports_every_problem_with_place() -> Result<()> {
    let folder = TempFolder::new()?;
    let file = folder.path().join("bad.yaml");
    fs::write(
        &file,
        noop().replace("call: noop", "cal: noop").replace("1.0.0", "one"),
    )?;
    let (code, output, _) = finish(&["validate", file.to_str().context("UTF-8")?], &[]).await?;
    ensure!(code == 1 && output.lines().count() >= 2, "{code}\n{output}");
    ensure!(
        output.contains("/document/version") && output.contains("/do/0/only"),
        "{output}"
    );
    ensure!(output.lines().all(|line| line.contains("bad.yaml:")), "{output}");
    Ok(())
}

#[tokio::test]
async fn config_is_layered_and_masks_secrets() -> Result<()> {
    let environment = [
        ("LEVQOR_DATABASE_URL", "postgres://ada:hunter2@db/levqor"),
        ("LEVQOR_REDIS_URL", "redis://:hunter2@cache/0"),
        ("LEVQOR_SLOTS", "7"),
    ];
    let (code, output, error) = finish(&["config", "--slots", "9"], &environment).await?;
    ensure!(code == 0, "{error}");
    ensure!(
        !output.contains("hunter2") && output.contains("slots = 9"),
        "{output}"
    );
    Ok(())
}

#[tokio::test]
async fn roles_without_a_database_say_what_to_set() -> Result<()> {
    for role in ["api", "worker", "scheduler", "migrate"] {
        let (code, _, error) = finish(&[role], &[]).await?;
        ensure!(
            code != 0 && error.contains("LEVQOR_DATABASE_URL"),
            "{role}: {code} {error}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_printed_key_opens_the_api_and_no_other_does() -> Result<()> {
    let (server, _folder) = Embedded::fresh().await?;
    let (status, _) = server.client.get("/api/v1/runs").await?;
    ensure!(status == 200, "{status}");
    let other = Client::new(server.client.url(), &"lvk_0".repeat(9))?;
    let (status, problem) = other.get("/api/v1/runs").await?;
    ensure!(status == 401 && problem["code"].is_string(), "{status} {problem}");
    Ok(())
}
