//! Commands as scripts and containers use them.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Answer, LocalServer, Process, Recorded, TempFolder, free_port, levqor_binary};
use levqor_tests::Embedded;

const SOON: Duration = Duration::from_secs(20);

/// Exit code of `levqor probe`, and what it says.
async fn probe(arguments: &[&str], environment: &[(&str, &str)]) -> Result<(i32, String)> {
    let process = Process::levqor(&[&["probe"], arguments].concat(), environment)?;
    let status = process.wait(SOON).await?;
    Ok((status.code().context("ended by a signal")?, process.output()))
}

/// Alive and not ready.
fn starting(request: &Recorded) -> Answer {
    Answer::status(if request.path == "/health/live" { 200 } else { 503 })
}

#[tokio::test]
async fn a_probe_says_whether_a_role_lives_and_is_ready() -> Result<()> {
    let (up, _folder) = Embedded::fresh().await?;
    for arguments in [
        &["--url", up.client.url()][..],
        &["--live", "--url", up.client.url()],
    ] {
        let (code, said) = probe(arguments, &[]).await?;
        ensure!(code == 0 && said.is_empty(), "{arguments:?}: {code} {said}");
    }
    let server = LocalServer::start(starting).await?;
    let (code, said) = probe(&["--url", &server.url()], &[]).await?;
    ensure!(code == 1 && said.contains("answers 503"), "{code} {said}");
    let (code, said) = probe(&["--live", "--url", &server.url()], &[]).await?;
    ensure!(code == 0, "{code} {said}");
    Ok(())
}

#[tokio::test]
async fn a_probe_asks_whichever_role_is_here_and_does_not_wait_for_ever() -> Result<()> {
    let server = LocalServer::start(|_| Answer::status(200)).await?;
    let [nobody, here] = [free_port()?, server.port()].map(|port| format!("0.0.0.0:{port}"));
    let worker = [
        ("LEVQOR_LISTEN", nobody.as_str()),
        ("LEVQOR_METRICS_LISTEN", here.as_str()),
    ];
    let (code, said) = probe(&[], &worker).await?;
    ensure!(code == 0, "{code} {said}");
    let (code, said) = probe(&[], &worker[..1]).await?;
    ensure!(code == 1 && said.contains("cannot connect"), "{code} {said}");
    server.respond(|_| Answer::status(200).after(SOON));
    let (code, said) = probe(&["--within", "1"], &worker).await?;
    ensure!(code == 1 && said.contains("timed out"), "{code} {said}");
    Ok(())
}

#[test]
fn a_command_whose_output_nobody_reads_ends_as_it_would_have() -> Result<()> {
    let folder = TempFolder::new()?;
    for command in ["doctor", "activities", "config"] {
        let (reader, writer) = std::io::pipe()?;
        drop(reader);
        let ended = Command::new(levqor_binary()?)
            .arg(command)
            .current_dir(folder.path())
            .env_clear()
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()?;
        let said = String::from_utf8_lossy(&ended.stderr);
        ensure!(
            ended.status.code() == Some(0) && said.is_empty(),
            "{command}: {}, {said}",
            ended.status
        );
    }
    Ok(())
}
