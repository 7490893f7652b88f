//! The rules of WCAG that axe-core checks.

use std::{env, fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::browser::Browser;

/// WCAG 2.2, A and AA, as axe names its rules.
const TAGS: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/// Runs it and tells what it found; a rule that it could not decide is told too.
const RUN: &str = include_str!("axe.js");

/// What the page in the window breaks.
pub(crate) async fn findings(browser: &Browser) -> Result<Vec<String>> {
    let script = format!("{}\n{RUN}", source()?);
    // It waits by timers. The page was loaded without scripts and loads nothing more.
    browser.scripts(true).await?;
    let told = browser.wait_for(&script, vec![json!(TAGS)]).await?;
    browser.scripts(false).await?;
    let passed = told["passed"].as_u64().with_context(|| told.to_string())?;
    ensure!(passed > 5, "it looked at nothing: {told}");
    let found = told["found"].as_array().with_context(|| told.to_string())?;
    Ok(found
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect())
}

/// The script, which scripts/install-test-requirements fetches: it is not ours to pass on.
fn source() -> Result<String> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")))
        .context("neither XDG_CACHE_HOME nor HOME is set")?;
    let file = cache.join("levqor/axe-4.12.1.min.js");
    fs::read_to_string(&file).with_context(|| {
        let file = file.display();
        format!("{file} is missing: run scripts/install-test-requirements")
    })
}
