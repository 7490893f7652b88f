//! `levqor demo --exit --json`: a month of dunning, a data request and a consent, in seconds.

use std::process::Command;

use anyhow::{Context, Result, ensure};
use levqor_testkit::{TempFolder, levqor_binary};
use serde_json::Value;

#[test]
fn the_demo_plays_a_month_and_leaves_a_package_that_verifies() -> Result<()> {
    let folder = TempFolder::new()?;
    let demo = Command::new(levqor_binary()?)
        .args(["demo", "--exit", "--json", "--listen", "127.0.0.1:0", "--folder"])
        .arg(folder.path().join("demo"))
        .output()?;
    ensure!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let told: Value = serde_json::from_slice(&demo.stdout).context("one JSON object on standard output")?;
    let passed: Vec<&str> = told["dunning"]
        .as_array()
        .context("dunning is a list")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(
        passed,
        [
            "ok",
            "day1_notice",
            "day7_notice",
            "day14_final",
            "suspended",
            "ok"
        ],
        "{told}"
    );
    for template in [
        "dsar_ready",
        "consent_confirm",
        "dunning_day1",
        "dunning_day7",
        "dunning_day14",
        "dunning_suspended",
        "payment_recovered",
    ] {
        assert_eq!(told["mails"][template], 1, "{template} in {told}");
    }
    ensure!(told["elapsed_ms"].is_u64());
    let package = told["dsar"].as_str().context("dsar is a path")?;
    let verified = Command::new(levqor_binary()?)
        .args(["dsar", "verify", package])
        .output()?;
    ensure!(
        verified.status.success(),
        "{}{}",
        String::from_utf8_lossy(&verified.stdout),
        String::from_utf8_lossy(&verified.stderr)
    );
    Ok(())
}
