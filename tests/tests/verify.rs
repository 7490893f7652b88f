//! `levqor verify` as people run it: the real binary, real servers, faults, a signed report.

use std::{collections::BTreeSet, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use levqor_testkit::{Process, TempFolder};
use serde_json::Value;

/// Beyond the load: the start, healing, the last runs' ends, reading back.
const REST: Duration = Duration::from_mins(10);

/// Runs `levqor verify` with a report in `folder`; its exit code, what it wrote, and the report.
async fn verify(folder: &Path, arguments: &[&str], load: Duration) -> Result<(i32, String, Value)> {
    let file = report(folder)?;
    let duration = format!("{}s", load.as_secs());
    let mut all = vec!["verify", "--duration", &duration, "--report", &file];
    all.extend(arguments);
    let process = Process::levqor(&all, &[])?;
    let status = process.wait(load + REST).await?;
    let code = status.code().context("ended by a signal")?;
    let text = std::fs::read_to_string(&file).with_context(|| process.output())?;
    Ok((code, process.output(), serde_json::from_str(&text)?))
}

fn report(folder: &Path) -> Result<String> {
    let file = folder.join("report.json");
    Ok(file
        .to_str()
        .context("the folder's name is not UTF-8")?
        .to_owned())
}

/// Every verdict holds, and none had nothing to look at.
fn all_hold(report: &Value, output: &str) -> Result<()> {
    let verdicts = report["report"]["verdicts"].as_array().context("no verdicts")?;
    ensure!(verdicts.len() == 12, "{} verdicts", verdicts.len());
    for verdict in verdicts {
        ensure!(verdict["standing"] == "held", "{verdict:#}\n{output}");
    }
    Ok(())
}

/// Names of a list of the report.
fn names(list: &Value, member: Option<&str>) -> BTreeSet<String> {
    let names = list.as_array().into_iter().flatten();
    let name = |item: &Value| Some(member.map_or(item, |member| &item[member]).as_str()?.to_owned());
    names.filter_map(name).collect()
}

/// Exit code of `--check-report`.
async fn check(file: &str, key: Option<&str>) -> Result<i32> {
    let mut arguments = vec!["verify", "--check-report", file];
    arguments.extend(key.into_iter().flat_map(|key| ["--public-key", key]));
    let process = Process::levqor(&arguments, &[])?;
    let status = process.wait(Duration::from_mins(1)).await?;
    status.code().context("ended by a signal")
}

/// The report is believed as it is, not under another key, and not with a byte changed.
async fn signed(folder: &Path, written: &Value) -> Result<()> {
    let file = report(folder)?;
    let key = written["report"]["public_key"]
        .as_str()
        .context("no public key")?;
    ensure!(check(&file, None).await? == 0 && check(&file, Some(key)).await? == 0);
    ensure!(
        check(&file, Some(&"0".repeat(64))).await? == 1,
        "another key is expected"
    );
    let text = std::fs::read_to_string(&file)?;
    let changed = text.replacen("\"holds\":true", "\"holds\":tru3", 1);
    let other = text.replacen("\"checked\":", "\"checked\":1", 1);
    for changed in [changed, other] {
        ensure!(changed != text);
        std::fs::write(&file, changed)?;
        ensure!(check(&file, None).await? == 1, "a changed report is believed");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_minutes_of_all_faults_on_postgres_and_redis_lose_nothing() -> Result<()> {
    let folder = TempFolder::new()?;
    let arguments = ["--on", "postgres-redis", "--rate", "20", "--seed", "5"];
    let (code, output, written) = verify(folder.path(), &arguments, Duration::from_mins(2)).await?;
    ensure!(code == 0, "exit code {code}:\n{output}");
    all_hold(&written, &output)?;
    let report = &written["report"];
    let seen = names(&report["faults"], Some("kind"));
    let wanted: BTreeSet<String> = levqor_verify::faults::Kind::all()
        .iter()
        .map(ToString::to_string)
        .collect();
    let missing: Vec<&String> = wanted.difference(&seen).collect();
    ensure!(
        missing.is_empty(),
        "neither played nor skipped: {missing:?}\n{output}"
    );
    for fault in report["faults"].as_array().into_iter().flatten() {
        let why = fault["reason"].as_str().unwrap_or_default();
        ensure!(fault["outcome"] == "played" || !why.is_empty(), "{fault}");
    }
    signed(folder.path(), &written).await
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_seconds_on_the_embedded_engine_lose_nothing() -> Result<()> {
    let folder = TempFolder::new()?;
    let arguments = ["--on", "embedded", "--rate", "20", "--seed", "6"];
    let (code, output, written) = verify(folder.path(), &arguments, Duration::from_secs(30)).await?;
    ensure!(code == 0, "exit code {code}:\n{output}");
    all_hold(&written, &output)?;
    let report = &written["report"];
    ensure!(
        !names(&report["faults"], Some("kind")).is_empty(),
        "no fault was played"
    );
    ensure!(
        names(&report["impossible"], None).contains("redis-flush"),
        "{report:#}"
    );
    signed(folder.path(), &written).await
}

#[tokio::test]
async fn an_installation_that_is_not_there_is_no_verdict() -> Result<()> {
    let folder = TempFolder::new()?;
    let keys = folder.path().join("keys");
    std::fs::write(&keys, "lvq_nobody\n")?;
    let keys = keys.to_str().context("the folder's name is not UTF-8")?;
    let url = format!("http://127.0.0.1:{}", levqor_testkit::free_port()?);
    let arguments = ["verify", "--url", &url, "--api-key-file", keys, "--no-faults"];
    let process = Process::levqor(&arguments, &[])?;
    let status = process.wait(Duration::from_mins(3)).await?;
    ensure!(status.code() == Some(2), "{status}: {}", process.output());
    Ok(())
}
